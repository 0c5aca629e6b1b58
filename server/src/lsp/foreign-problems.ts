/**
 * Errors that an evaluation met in files of the workspace that are not open: shown on those files, until
 * the evaluation that met them ends without them.
 */
import type { EvaluationError, TraceFrame } from "../ide/evaluation-view.ts";

export interface ForeignProblemsConfig {
  /** Whether a file is of the workspace and not open. */
  readonly isForeign: (file: string) => boolean;
  /** Shows an error on a file, or with null nothing any more. */
  readonly show: (file: string, error: EvaluationError | null) => void;
}

export class ForeignProblems {
  readonly #config: ForeignProblemsConfig;
  /** By the document whose evaluation met it. */
  readonly #files = new Map<string, string>();

  constructor(config: ForeignProblemsConfig) {
    this.#config = config;
  }

  /** @param error of the evaluation of a document, null when it had none or has been closed */
  evaluated(id: string, error: EvaluationError | null): void {
    const { isForeign, show } = this.#config;
    const file = (error && innermost(error))?.file ?? null;
    const before = this.#files.get(id);
    const now = file !== null && file !== id && isForeign(file) ? file : undefined;
    if (now === undefined) this.#files.delete(id);
    else this.#files.set(id, now);
    const isGone = before !== undefined && ![...this.#files.values()].includes(before);
    if (before !== undefined && isGone && isForeign(before)) show(before, null);
    if (now !== undefined) show(now, error);
  }
}

/** Where an error is: what `throw` says has no place of its own, but that of its call. */
export function innermost({ at, trace }: EvaluationError): TraceFrame | null {
  return at ?? trace[0] ?? null;
}
