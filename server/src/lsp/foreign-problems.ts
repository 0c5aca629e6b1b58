/**
 * Errors that evaluations met in files of the workspace that are not open: shown on those files, until
 * the evaluations that met them end without them.
 */
import { faultyFiles } from "../ide/error-files.ts";
import type { EvaluationError } from "../ide/evaluation-view.ts";

export interface ForeignProblemsConfig {
  /** Whether a file is of the workspace. */
  readonly isOurs: (file: string) => boolean;
  /** Whether it shows what its own evaluation finds. */
  readonly isOpen: (file: string) => boolean;
  /** Shows errors on a file that is not open; with none nothing any more. */
  readonly show: (file: string, errors: readonly EvaluationError[]) => void;
}

type Found = ReadonlyMap<string, readonly EvaluationError[]>;

export class ForeignProblems {
  readonly #config: ForeignProblemsConfig;
  /** What the evaluation of a document met in other files. */
  readonly #found = new Map<string, Found>();

  constructor(config: ForeignProblemsConfig) {
    this.#config = config;
  }

  /** @param errors of the evaluation of a document */
  evaluated(id: string, errors: readonly EvaluationError[]): void {
    const before = this.#found.get(id);
    const now = new Map<string, EvaluationError[]>();
    for (const error of errors) {
      for (const file of faultyFiles(error, this.#config.isOurs)) {
        if (file !== id) now.set(file, [...(now.get(file) ?? []), error]);
      }
    }
    if (now.size === 0) this.#found.delete(id);
    else this.#found.set(id, now);
    for (const file of new Set([...(before?.keys() ?? []), ...now.keys()])) this.#show(file);
  }

  /** A document is not open any more: what others meet in it is shown again. */
  closed(id: string): void {
    this.evaluated(id, []);
    if ([...this.#found.values()].some((found) => found.has(id))) this.#show(id);
  }

  #show(file: string): void {
    const { isOpen, show } = this.#config;
    if (isOpen(file)) return;
    show(
      file,
      [...this.#found.values()].flatMap((found) => found.get(file) ?? []),
    );
  }
}
