/**
 * What is known of where derivations are: asked for when a document's evaluation has ended and nothing
 * has changed for a while, and again when the store changes. First the store alone answers, then the
 * caches if the user lets them be asked.
 */
import type { Availability } from "../host/evaluation-protocol.ts";
import type { BuildState, ShellPlan } from "../ide/evaluation-view.ts";

export interface AvailabilityWorld {
  /** Null when nothing can be known. */
  ask(id: string, mayAskCaches: boolean): Promise<Availability | null>;
  /** The derivations that a document shows. */
  shown(id: string): readonly string[];
  /** `store`: caches are not to be asked. */
  allowed(): "nothing" | "store" | "caches";
  /** Something is known that was not, or is different. */
  onChange(id: string): void;
}

/** After an evaluation or a change of the store so many milliseconds without another. */
const QUIET = 300;

export class Availabilities {
  readonly #world: AvailabilityWorld;
  readonly #states = new Map<string, BuildState>();
  readonly #shells = new Map<string, ShellPlan>();
  readonly #waiting = new Map<string, NodeJS.Timeout>();
  /** The last question about each document: caches may answer an earlier one later. */
  readonly #asked = new Map<string, symbol>();

  constructor(world: AvailabilityWorld) {
    this.#world = world;
  }

  get states(): ReadonlyMap<string, BuildState> {
    return this.#states;
  }

  get shells(): ReadonlyMap<string, ShellPlan> {
    return this.#shells;
  }

  /** Documents have been evaluated, or the store has changed. */
  askSoon(ids: Iterable<string>): void {
    if (this.#world.allowed() === "nothing") return;
    for (const id of ids) {
      clearTimeout(this.#waiting.get(id));
      const timer = setTimeout(() => {
        this.#waiting.delete(id);
        this.#ask(id).catch(() => {});
      }, QUIET);
      this.#waiting.set(id, timer);
    }
  }

  /** The settings are others. */
  forget(): void {
    this.#states.clear();
    this.#shells.clear();
  }

  closed(id: string): void {
    clearTimeout(this.#waiting.get(id));
    this.#waiting.delete(id);
    this.#asked.delete(id);
  }

  dispose(): void {
    for (const timer of this.#waiting.values()) clearTimeout(timer);
    this.#waiting.clear();
  }

  async #ask(id: string): Promise<void> {
    const shown = this.#world.shown(id);
    const question = Symbol();
    this.#asked.set(id, question);
    const isLast = () => this.#asked.get(id) === question;
    const local = await this.#world.ask(id, false);
    if (!isLast()) return;
    // What a cache said before stays until it is asked again.
    if (local !== null) this.#take(id, shown, local, true);
    if (this.#world.allowed() !== "caches") return;
    const all = await this.#world.ask(id, true);
    if (all !== null && isLast()) this.#take(id, shown, all, false);
  }

  #take(
    id: string,
    shown: readonly string[],
    { states, shells }: Availability,
    isLocal: boolean,
  ): void {
    let changed = false;
    const isNowhere = (plan: ShellPlan) => plan.fetch + plan.build > 0;
    const put = <T>(known: Map<string, T>, key: string, value: T | undefined, keep: boolean) => {
      if (value === undefined && keep) return;
      if (JSON.stringify(known.get(key)) === JSON.stringify(value)) return;
      changed = true;
      if (value === undefined) known.delete(key);
      else known.set(key, value);
    };
    for (const drvPath of shown) {
      const [state, shell] = [this.#states.get(drvPath), this.#shells.get(drvPath)];
      put(this.#states, drvPath, states[drvPath], isLocal && state !== "built");
      const keepShell = isLocal && shell !== undefined && isNowhere(shell);
      put(this.#shells, drvPath, shells[drvPath], keepShell);
    }
    if (changed) this.#world.onChange(id);
  }
}
