/**
 * Feature: undefined names. Nix refuses a file with one before it evaluates anything, also in code
 * that is never reached; inside a `with` every name may exist.
 *
 * A text with syntax errors gets none: what the parser had to leave out may hold the definition.
 */
import { bytesToText } from "../base/bytes.ts";
import type { Reference } from "../scope/bindings.ts";
import type { Diagnostic } from "./diagnostic.ts";
import { isDuplicateName } from "./duplicate-names.ts";
import type { SourceFile } from "./source-file.ts";

export const UNDEFINED_VARIABLE = "undefined-variable";

export function undefinedNames(file: SourceFile): Diagnostic[] {
  if (file.syntax.problems.some((problem) => !isDuplicateName(problem.code))) return [];
  return file.bindings.references.filter(isUndefined).map(({ start, end, name }) => ({
    start,
    end,
    severity: "error",
    code: UNDEFINED_VARIABLE,
    message: `undefined variable '${bytesToText(name)}'`,
    related: [],
  }));
}

export function isUndefined(reference: Reference): boolean {
  return (
    reference.definition === null && reference.builtin === null && reference.withs.length === 0
  );
}
