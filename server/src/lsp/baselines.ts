/**
 * What the open documents were in the last commit: asked for when their evaluation has ended and
 * nothing has changed for a while, kept until a file is saved or changes on disk.
 */
import type { Baseline } from "../host/evaluation-protocol.ts";

/** Null when there is none, or when it has to be asked for again. */
export type AskBaseline = (id: string) => Promise<Baseline | null>;

/** After an evaluation so many milliseconds without another. */
const QUIET = 300;

export class Baselines {
  readonly #ask: AskBaseline;
  readonly #onBaseline: (id: string) => void;
  readonly #known = new Map<string, Baseline>();
  readonly #waiting = new Map<string, NodeJS.Timeout>();

  /** @param onBaseline called when the baseline of a document has become known or another */
  constructor(ask: AskBaseline, onBaseline: (id: string) => void) {
    this.#ask = ask;
    this.#onBaseline = onBaseline;
  }

  get(id: string): Baseline | null {
    return this.#known.get(id) ?? null;
  }

  /** A document has been evaluated. */
  evaluated(id: string): void {
    if (this.#known.has(id)) return;
    this.#askSoon(id);
  }

  /** A commit may have been made, or something else that a baseline depends on: they are asked for again. */
  outdate(ids: Iterable<string>): void {
    for (const id of ids) this.#askSoon(id);
  }

  closed(id: string): void {
    clearTimeout(this.#waiting.get(id));
    this.#waiting.delete(id);
    this.#known.delete(id);
  }

  dispose(): void {
    for (const timer of this.#waiting.values()) clearTimeout(timer);
    this.#waiting.clear();
  }

  #askSoon(id: string): void {
    clearTimeout(this.#waiting.get(id));
    const timer = setTimeout(() => {
      this.#waiting.delete(id);
      this.#ask(id).then(
        (baseline) => {
          if (baseline === null) return;
          const before = this.#known.get(id);
          this.#known.set(id, baseline);
          if (!before || !isSame(before, baseline)) this.#onBaseline(id);
        },
        // Without a baseline nothing is compared.
        () => {},
      );
    }, QUIET);
    this.#waiting.set(id, timer);
  }
}

function isSame(a: Baseline, b: Baseline): boolean {
  return (
    a.reference === b.reference &&
    a.commit === b.commit &&
    JSON.stringify(a.members) === JSON.stringify(b.members)
  );
}
