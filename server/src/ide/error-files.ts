/** Which files an error of an evaluation is about. */
import type { EvaluationError, TraceFrame } from "./evaluation-view.ts";

/** Where it happened, and what led there, innermost first. */
export function placesOf({ at, trace }: EvaluationError): readonly TraceFrame[] {
  return at === null ? trace : [at, ...trace];
}

/** Whether it passes through a file, or is about what the file defines. */
export function isIn(error: EvaluationError, file: string): boolean {
  return placesOf(error).some((place) => place.file === file) || definers(error).includes(file);
}

/** The errors of an evaluation. */
export interface MetErrors {
  readonly error: EvaluationError | null;
  readonly others?: readonly EvaluationError[];
}

export function allErrors({ error, others = [] }: MetErrors): readonly EvaluationError[] {
  return error === null ? [] : [error, ...others];
}

/**
 * Those that are a file's own. Of the file that it was evaluated through, and of others that this uses,
 * errors are shown there.
 */
export function ownErrors(
  met: MetErrors & { readonly through: string | null },
  file: string,
): readonly EvaluationError[] {
  return allErrors(met).filter((each) => met.through === null || isIn(each, file));
}

/** Those to be changed among the files of the user: what define the option, else the innermost one. */
export function faultyFiles(
  error: EvaluationError,
  isOurs: (file: string) => boolean,
): readonly string[] {
  const defining = definers(error).filter(isOurs);
  if (defining.length > 0) return defining;
  return placesOf(error)
    .flatMap(({ file }) => (file !== null && isOurs(file) ? file : []))
    .slice(0, 1);
}

/** The files that define the option that an error is about. */
function definers({ option, files = [] }: EvaluationError): readonly string[] {
  return option ? files : [];
}
