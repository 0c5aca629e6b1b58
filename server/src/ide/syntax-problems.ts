/**
 * Feature: syntax problems. The first thing that Nix refuses, in Nix's words and at Nix's place.
 *
 * Names defined twice are refused by Nix's parser too, but they have a feature of their own that
 * finds all of them (`duplicate-names.ts`).
 */
import { type ByteString, bytesToText } from "../base/bytes.ts";
import type { SyntaxProblem } from "../syntax/ast.ts";
import type { Diagnostic } from "./diagnostic.ts";
import { isDuplicateName } from "./duplicate-names.ts";
import { MODULE_FRAGMENT, moduleFragment } from "./module-fragment.ts";
import type { SourceFile } from "./source-file.ts";

export function syntaxProblems(file: SourceFile): Diagnostic[] {
  const fragment = moduleFragment(file);
  if (fragment) {
    const [first] = syntaxErrors(file);
    const message = first ? `${first.message}\n${fragment.help}` : fragment.help;
    return first ? [{ ...first, code: MODULE_FRAGMENT, message, fixes: [fragment.fix] }] : [];
  }
  return syntaxErrors(file);
}

function syntaxErrors(file: SourceFile): Diagnostic[] {
  return toDiagnostics(file, file.syntax.problems);
}

/** What the exact parser alone says: known before there is a tree of a wrong text. */
export function exactSyntaxErrors(file: SourceFile): Diagnostic[] {
  const { exactProblem: problem } = file;
  return problem ? toDiagnostics(file, [problem]) : [];
}

function toDiagnostics(file: SourceFile, problems: readonly SyntaxProblem[]): Diagnostic[] {
  return problems
    .filter((problem) => !isDuplicateName(problem.code))
    .map((problem) => ({
      ...visibleSpan(file.source, problem.start, problem.end),
      severity: "error",
      code: problem.code,
      message: bytesToText(problem.message),
      related: [],
    }));
}

/** An empty place (the end of the file, say) would be invisible: the character in front is marked. */
function visibleSpan(
  source: ByteString,
  start: number,
  end: number,
): { start: number; end: number } {
  if (end > start) return { start, end };
  let at = Math.min(start, source.length);
  while (at > 0 && /\s/.test(source.charAt(at - 1))) at -= 1;
  return at > 0 ? { start: at - 1, end: at } : { start: 0, end: 0 };
}
