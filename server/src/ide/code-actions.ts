/** Feature: quick fixes. Problems know what would mend them; here are those at a place. */
import type { Span } from "../scope/bindings.ts";
import type { Diagnostic, Fix } from "./diagnostic.ts";

export interface CodeAction extends Fix {
  readonly problem: Diagnostic;
}

export function codeActions(problems: readonly Diagnostic[], range: Span): CodeAction[] {
  return problems
    .filter(({ start, end }) => start <= range.end && range.start <= end)
    .flatMap((problem) => (problem.fixes ?? []).map((fix) => ({ ...fix, problem })));
}
