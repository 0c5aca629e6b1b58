/**
 * What the exact parser says of a large text of which little has changed, without parsing all of it.
 *
 * Where an earlier text was right, the parser comes to a binding in the same state whatever the
 * bindings in front of it say. So only the bindings in which the text has changed are parsed: an
 * error there is the first one of the whole text, and without one the rest is as right as it was.
 */
import type { ByteString } from "../base/bytes.ts";
import type { Span } from "../scope/bindings.ts";
import type { Binding, Expr, SyntaxProblem } from "../syntax/ast.ts";
import { skipTrivia } from "../syntax/lexer.ts";
import { type BindingRun, type ParseOptions, parseBindings } from "../syntax/parser.ts";
import { type Basis, blanked, type ParsedText } from "./patched-syntax.ts";
import { addChanges, type ChangedRegion, type TextChange } from "./text-change.ts";
import { pathAt } from "./walk.ts";

/** Longer runs of bindings are not worth it. In bytes of the earlier text. */
const MOST = 50_000;

/** @returns the first problem, null when there is none; undefined when all of the text has to be parsed */
export function changedProblem(
  { parsed, regions }: Basis,
  source: ByteString,
  options: ParseOptions,
): SyntaxProblem | null | undefined {
  const right = { ...parsed, source: blanked(parsed.source, parsed.left) };
  // What was left out of the earlier text is in this one.
  const changed = addChanges(parsed.left.map(unmoved), [...regions].reverse().map(asChange));
  for (let i = 0; i < changed.length; ) {
    const found = aroundRegion(right, changed, changed[i] as ChangedRegion, source, options);
    if (!found) return undefined;
    if (found.problem) return found.problem;
    i = found.next;
  }
  return null;
}

/** A part of the earlier text that was left out there, and stands where it stood. */
function unmoved({ start, end }: Span): ChangedRegion {
  return { start, end, newStart: start, newEnd: end };
}

/** Applied from the last region to the first, none moves another. */
function asChange({ start, end, newStart, newEnd }: ChangedRegion): TextChange {
  return { start, end, newEnd: start + newEnd - newStart };
}

interface Found {
  readonly problem: SyntaxProblem | null;
  /** The first changed region behind what was parsed. */
  readonly next: number;
}

/** Parses the bindings around a changed region, in the innermost set where that is possible. */
function aroundRegion(
  right: ParsedText,
  changed: readonly ChangedRegion[],
  region: ChangedRegion,
  source: ByteString,
  options: ParseOptions,
): Found | null {
  for (const expr of pathAt(right.expr, region.start).reverse()) {
    const window = windowIn(right, expr, changed, region);
    if (!window) continue;
    const { start, stop, next, within } = window;
    const shift = (offset: number) => offset + lagBefore(changed, offset);
    const found = parseBindings(
      source,
      { start: shift(start), stop: shift(stop), within },
      options,
    );
    if (found && areNew(found.bindings, window)) return { problem: found.problem, next };
  }
  return null;
}

/** Whole bindings of a set around changed regions; offsets are those of the earlier text. */
interface Window extends BindingRun {
  readonly next: number;
  /** The bindings that were there. */
  readonly before: readonly Binding[];
  /** The bindings of the set that are not parsed again. */
  readonly others: readonly Binding[];
}

function windowIn(
  { source, left }: ParsedText,
  expr: Expr,
  changed: readonly ChangedRegion[],
  region: ChangedRegion,
): Window | null {
  const set = expr.kind === "AttrSet" ? expr : expr.kind === "Let" ? expr.attrs : null;
  // What was put back where something was left out was never parsed with the rest.
  const bindings = set?.bindings.filter((each) => !left.some((span) => overlap(each, span))) ?? [];
  const last = bindings[bindings.length - 1];
  if (!set || !last) return null;
  // Text that stands at a name may become one with it.
  const isUntouched = (at: number) => changed.every(({ start, end }) => end < at || at < start);
  const from = bindings.findLast(({ start }) => start < region.start && isUntouched(start));
  if (!from || (from === bindings[0] && couldBeFormals(source, expr, from, region))) return null;
  const start = from.end <= region.start ? from.end : from.start;
  const stop = [...bindings.map((each) => each.start), skipTrivia(source, last.end)].find(
    (at) => at > region.start && isUntouched(at),
  );
  if (stop === undefined || stop - start > MOST) return null;
  const isInside = (each: Span) => start <= each.start && each.start < stop;
  return {
    start,
    stop,
    within: expr.kind === "Let" ? "let" : set.recursive ? "rec set" : "set",
    next: changed.filter((each) => each.start < stop).length,
    before: bindings.filter(isInside),
    others: bindings.filter((each) => !isInside(each)),
  };
}

/** Whether the first thing in a brace may have become the argument of a function: `{ a, … }`. */
function couldBeFormals(source: ByteString, expr: Expr, first: Span, region: Span): boolean {
  if (expr.kind !== "AttrSet") return false;
  const unchanged = source.slice(first.start, region.start);
  return !/^inherit\s|^[^#/]*=/.test(unchanged);
}

function overlap(a: Span, b: Span): boolean {
  return a.start < b.end && b.start < a.end;
}

/** How much further an offset outside of the regions is in the text now. */
function lagBefore(changed: readonly ChangedRegion[], offset: number): number {
  // What stands at the offset itself begins there.
  const before = changed.findLast(({ start }) => start < offset);
  return before ? before.newEnd - before.end : 0;
}

/** Whether no binding can meet another one of the set: by their first names, or because one like it was there. */
function areNew(bindings: readonly Binding[], { before, others }: Window): boolean {
  const known = new Set(before.map(plainPath));
  const changed = bindings.filter((each) => {
    const path = plainPath(each);
    return path === null || !known.has(path);
  });
  const names = new Set(changed.flatMap(firstNames));
  if (names.has(null)) return false;
  return !others.some((other) => firstNames(other).some((name) => names.has(name)));
}

/** What is bound to something that merges with nothing, as one text; null for other bindings. */
function plainPath(binding: Binding): string | null {
  if (binding.kind === "Inherit" || binding.value.kind === "AttrSet") return null;
  const names = binding.path.map(({ name }) => name);
  return names.includes(null) ? null : JSON.stringify(names);
}

/** Null for a name that is known only when evaluating. */
function firstNames(binding: Binding): (ByteString | null)[] {
  if (binding.kind === "Inherit") return binding.names.map(({ name }) => name);
  return [binding.path[0]?.name ?? null];
}
