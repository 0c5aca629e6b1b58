/**
 * Feature: `f or` as an argument, a list element or a fallback. Today it applies `f` to the variable `or`;
 * a later Nix takes `or` for a name like any other, and there for one element more. Brackets keep the meaning.
 */
import { bytesToText } from "../base/bytes.ts";
import type { Diagnostic } from "./diagnostic.ts";
import type { SourceFile } from "./source-file.ts";

export const AMBIGUOUS_OR = "ambiguous-or";

export function ambiguousOrs(file: SourceFile): Diagnostic[] {
  return file.syntax.ambiguousOrs.map(({ start, end }) => {
    const written = `(${bytesToText(file.source.slice(start, end))})`;
    return {
      start,
      end,
      severity: "warning",
      code: AMBIGUOUS_OR,
      message: `\`or\` is used as a name in a way that will change in a future Nix release; '${written}' keeps its present meaning`,
      related: [],
      fixes: [
        {
          title: "Wrap it in parentheses",
          isPreferred: true,
          edits: [
            { start, end: start, text: "(" },
            { start: end, end, text: ")" },
          ],
        },
      ],
    };
  });
}
