/**
 * Feature: folding. Sets, lists, `let` bindings, argument sets, multi-line strings and comments. The
 * line that closes a bracket stays visible.
 */
import type { Expr } from "../syntax/ast.ts";
import { commentSpans } from "./comments.ts";
import type { SourceFile } from "./source-file.ts";
import { walk } from "./walk.ts";

export interface FoldingRange {
  /** Lines, from zero; `endLine` is the last one that is hidden. */
  readonly startLine: number;
  readonly endLine: number;
  readonly kind: "comment" | "region";
}

export function foldingRanges(file: SourceFile): FoldingRange[] {
  const { lines } = file;
  const byLine = new Map<number, FoldingRange>();
  const add = (startLine: number, endLine: number, kind: FoldingRange["kind"]) => {
    if (endLine <= startLine) return;
    // Two that start on one line cannot both be reached: the larger one is kept.
    const known = byLine.get(startLine);
    if (!known || known.endLine < endLine) byLine.set(startLine, { startLine, endLine, kind });
  };
  const addBracketed = (start: number, end: number) => {
    add(lines.lineAt(start), lines.lineAt(end) - 1, "region");
  };
  walk(file.syntax.expr, (expr) => {
    if (lines.lineAt(expr.start) === lines.lineAt(expr.end)) return false;
    foldExpression(expr, addBracketed);
    if (expr.kind === "Let") {
      const last = expr.attrs.bindings[expr.attrs.bindings.length - 1];
      if (last) add(lines.lineAt(expr.start), lines.lineAt(last.end), "region");
    }
    return true;
  });
  for (const run of commentRuns(file)) add(run.startLine, run.endLine, "comment");
  return [...byLine.values()].sort((a, b) => a.startLine - b.startLine);
}

function foldExpression(expr: Expr, add: (start: number, end: number) => void): void {
  switch (expr.kind) {
    case "AttrSet":
    case "List":
    case "String":
    case "Interpolation":
      add(expr.start, expr.end);
      return;
    case "Lambda":
      if (expr.formals) add(expr.formals.start, expr.formals.end);
      return;
    default:
      return;
  }
}

/** Block comments, and line comments on consecutive lines of their own. */
function commentRuns(file: SourceFile): { startLine: number; endLine: number }[] {
  const { lines, source } = file;
  const runs: { startLine: number; endLine: number; joins: boolean }[] = [];
  for (const { start, end } of commentSpans(file)) {
    const startLine = lines.lineAt(start);
    const endLine = lines.lineAt(end);
    const alone = source.slice(lines.lineStart(startLine), start).trim() === "";
    const joins = alone && source.charAt(start) === "#";
    const last = runs[runs.length - 1];
    if (last?.joins && joins && last.endLine === startLine - 1) last.endLine = endLine;
    else runs.push({ startLine, endLine, joins });
  }
  return runs;
}
