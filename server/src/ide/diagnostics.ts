/** Feature: everything that is wrong with a file, from its text alone (the evaluation adds its own). */
import { ambiguousOrs } from "./ambiguous-or.ts";
import type { Diagnostic } from "./diagnostic.ts";
import { duplicateNames } from "./duplicate-names.ts";
import { overlayArguments } from "./overlay-arguments.ts";
import type { SourceFile } from "./source-file.ts";
import { syntaxProblems } from "./syntax-problems.ts";
import { undefinedNames } from "./undefined-names.ts";

export interface TextProblems {
  readonly syntax: readonly Diagnostic[];
  readonly others: readonly Diagnostic[];
}

export function textProblems(file: SourceFile): TextProblems {
  const others = [
    ...ambiguousOrs(file),
    ...duplicateNames(file),
    ...undefinedNames(file),
    ...overlayArguments(file),
  ];
  return { syntax: syntaxProblems(file), others };
}

export function diagnostics(file: SourceFile): Diagnostic[] {
  return inOrder(textProblems(file));
}

export function inOrder({ syntax, others }: TextProblems): Diagnostic[] {
  return [...syntax, ...others].sort((a, b) => a.start - b.start);
}
