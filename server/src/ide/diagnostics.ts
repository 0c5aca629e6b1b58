/** Feature: everything that is wrong with a file, from its text alone (the evaluation adds its own). */
import type { Diagnostic } from "./diagnostic.ts";
import { duplicateNames } from "./duplicate-names.ts";
import { overlayArguments } from "./overlay-arguments.ts";
import type { SourceFile } from "./source-file.ts";
import { syntaxProblems } from "./syntax-problems.ts";
import { undefinedNames } from "./undefined-names.ts";

export function diagnostics(file: SourceFile): Diagnostic[] {
  const found = [
    ...syntaxProblems(file),
    ...duplicateNames(file),
    ...undefinedNames(file),
    ...overlayArguments(file),
  ];
  return found.sort((a, b) => a.start - b.start);
}
