/** Feature: selection ranges, what "expand selection" takes step by step. */
import type { Span } from "../scope/bindings.ts";
import type { Expr } from "../syntax/ast.ts";
import type { SourceFile } from "./source-file.ts";
import { pathAt } from "./walk.ts";

/** Nobody expands a selection so often; clients and JSON go through the chain recursively. */
const MOST = 200;

/** Innermost first; each contains the one before and is larger. */
export function selectionRanges(file: SourceFile, offset: number): Span[] {
  const spans: Span[] = [{ start: 0, end: file.source.length }];
  const add = (span: Span) => {
    const outer = spans[spans.length - 1] as Span;
    const inside = outer.start <= span.start && span.end <= outer.end;
    if (inside && (outer.start < span.start || span.end < outer.end)) {
      spans.push({ start: span.start, end: span.end });
    }
  };
  for (const expr of pathAt(file.syntax.expr, offset)) {
    if (expr.kind === "Hole") continue;
    add(expr);
    for (const part of partsAt(expr, offset)) add(part);
  }
  // The innermost ones, and the whole file.
  return [...spans.reverse().slice(0, MOST), { start: 0, end: file.source.length }].slice(
    0,
    spans.length,
  );
}

/** The parts of an expression at an offset that are no expressions: bindings, paths, names. */
function partsAt(expr: Expr, offset: number): Span[] {
  const covers = (span: Span) => span.start <= offset && offset <= span.end;
  const parts: Span[] = [];
  const bindings =
    expr.kind === "AttrSet" ? expr.bindings : expr.kind === "Let" ? expr.attrs.bindings : [];
  for (const binding of bindings) {
    if (!covers(binding)) continue;
    parts.push(binding);
    const names = binding.kind === "Value" ? binding.path : binding.names;
    const [first, last] = [names[0], names[names.length - 1]];
    if (first && last) parts.push({ start: first.start, end: last.end });
    parts.push(...names);
  }
  if (expr.kind === "Select" || expr.kind === "HasAttr") parts.push(...expr.path);
  if (expr.kind === "Lambda") {
    const { param, paramStart, formals } = expr;
    if (param !== null) parts.push({ start: paramStart, end: paramStart + param.length });
    if (formals) parts.push(formals, ...formals.items);
    for (const item of formals?.items ?? []) parts.push({ start: item.start, end: item.nameEnd });
  }
  return parts.filter(covers);
}
