/**
 * Downloads in the editor: what evaluations lack is fetched when the user asks for it, one thing after
 * another until nothing is lacking. By itself only what has a hash already, where the settings say so.
 */
import type { EvaluationView, WantedSource } from "../ide/evaluation-view.ts";
import type { Work } from "./work-progress.ts";

export type FetchOutcome =
  | { readonly ok: true; readonly path: string; readonly sha256: Uint8Array }
  | { readonly ok: false; readonly message: string };

/** Puts it into the user's cache. */
export type FetchSource = (
  wanted: WantedSource,
  options: {
    readonly signal: AbortSignal;
    readonly progress: (url: string, received: number, total: number | null) => void;
  },
) => Promise<FetchOutcome>;

export interface FetchesConfig {
  readonly fetchSource: FetchSource;
  /** Waits until the newest text of a document has been evaluated. */
  readonly settled: (id: string) => Promise<void>;
  readonly evaluateAgain: () => void;
  /** Shows the user that something is done, and lets it be cancelled. */
  readonly begin: () => Promise<Work>;
  readonly failed: (message: string) => void;
}

/** A message every so many milliseconds is enough. */
const PROGRESS_INTERVAL = 100;

export class Fetches {
  readonly #config: FetchesConfig;
  /** By document. */
  readonly #lacking = new Map<string, WantedSource>();
  /** Why something could not be had. */
  readonly #failures = new Map<string, string>();
  readonly #ending = new AbortController();
  /** One at a time. */
  #last: Promise<unknown> = Promise.resolve();
  /** Documents whose locked sources are being fetched. */
  readonly #automatic = new Set<string>();

  constructor(config: FetchesConfig) {
    this.#config = config;
  }

  /** Takes note of what an evaluation lacks. @returns what to show: with the reason when it could not be had */
  evaluated(id: string, view: EvaluationView): EvaluationView {
    const { error } = view;
    if (!error?.wanted) {
      this.#lacking.delete(id);
      return view;
    }
    this.#lacking.set(id, error.wanted);
    const failure = this.#failures.get(keyOf(error.wanted));
    if (failure === undefined) return view;
    return { ...view, error: { ...error, code: "fetch-failed", message: failure } };
  }

  closed(id: string): void {
    this.#lacking.delete(id);
  }

  /** Whether a document lacks something with a known hash that nobody has tried to fetch. */
  lacksLocked(id: string): boolean {
    const wanted = this.#lacking.get(id);
    return wanted !== undefined && wanted.sha256 !== null && !this.#failures.has(keyOf(wanted));
  }

  /** What the user has asked for. @returns whether nothing is lacking any more */
  fetch(id: string, signal: AbortSignal): Promise<boolean> {
    return this.#enqueue(() => this.#fetchAll(id, () => true, signal));
  }

  async fetchLocked(id: string): Promise<void> {
    if (this.#automatic.has(id)) return;
    this.#automatic.add(id);
    try {
      const { signal } = this.#ending;
      await this.#enqueue(() => this.#fetchAll(id, () => this.lacksLocked(id), signal));
    } finally {
      this.#automatic.delete(id);
    }
  }

  dispose(): void {
    this.#ending.abort();
  }

  #enqueue<T>(run: () => Promise<T>): Promise<T> {
    const result = this.#last.then(run);
    this.#last = result.catch(() => {});
    return result;
  }

  async #fetchAll(id: string, may: () => boolean, asked: AbortSignal): Promise<boolean> {
    const fetched = new Set<string>();
    let work: Work | null = null;
    try {
      for (;;) {
        await this.#config.settled(id);
        const wanted = this.#lacking.get(id);
        if (wanted === undefined) return true;
        if (!may() || fetched.has(keyOf(wanted))) return false;
        fetched.add(keyOf(wanted));
        work ??= await this.#config.begin();
        const signal = AbortSignal.any([asked, work.signal, this.#ending.signal]);
        if (!(await this.#fetchOne(wanted, work, signal))) return false;
      }
    } finally {
      work?.done();
    }
  }

  async #fetchOne(wanted: WantedSource, work: Work, signal: AbortSignal): Promise<boolean> {
    const outcome = await fetchWithProgress(this.#config.fetchSource, wanted, work, signal);
    if (outcome === null) return false;
    if (outcome.ok) this.#failures.delete(keyOf(wanted));
    else {
      this.#failures.set(keyOf(wanted), outcome.message);
      this.#config.failed(outcome.message);
    }
    this.#config.evaluateAgain();
    return outcome.ok;
  }
}

/** Null when it was cancelled. */
export async function fetchWithProgress(
  fetchSource: FetchSource,
  wanted: WantedSource,
  work: Work,
  signal: AbortSignal,
): Promise<FetchOutcome | null> {
  let told = 0;
  work.report(wanted.url);
  try {
    return await fetchSource(wanted, {
      signal,
      progress: (url, received, total) => {
        if (Date.now() - told < PROGRESS_INTERVAL) return;
        told = Date.now();
        work.report(`${url}: ${amount(received, total)}`);
      },
    });
  } catch (error) {
    if (signal.aborted) return null;
    throw error;
  }
}

const keyOf = ({ kind, url, sha256 }: WantedSource) => `${kind} ${sha256} ${url}`;

function amount(received: number, total: number | null): string {
  const megabytes = (bytes: number) => (bytes / 1e6).toFixed(1);
  return `${megabytes(received)}${total === null ? "" : ` of ${megabytes(total)}`} MB`;
}
