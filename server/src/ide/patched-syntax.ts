/**
 * A tree for a large text that is wrong at a few places, without going through all of it tolerantly.
 *
 * While somebody types, what is wrong lies in one binding, and the text was right a moment ago. So
 * the bindings around the wrong places are left out (spaces take their room, so that all offsets
 * stay), the rest is parsed exactly, and what was left out is parsed tolerantly on its own and put
 * back. The exact parser takes milliseconds for what the tolerant one takes a tenth of a second.
 */
import type { ByteString } from "../base/bytes.ts";
import type { Span } from "../scope/bindings.ts";
import type { AttrSet, Expr } from "../syntax/ast.ts";
import { addBinding } from "../syntax/attrs.ts";
import { parseNix } from "../syntax/parser.ts";
import { type ChangedRegion, spanAfter } from "./text-change.ts";
import { pathAt } from "./walk.ts";

/** An earlier text and its tree. */
export interface ParsedText {
  readonly source: ByteString;
  readonly expr: Expr;
  /** The parts of it that were left out. Disjoint, in order; empty when the text was right. */
  readonly left: readonly Span[];
}

/** An earlier text, and where the text now differs from it. */
export interface Basis {
  readonly parsed: ParsedText;
  readonly regions: readonly ChangedRegion[];
}

/** How many bindings outwards are tried: each is a parse. */
const ATTEMPTS = 3;
/** More than this is not parsed tolerantly here. In bytes. */
const MOST_LEFT = 50_000;

/**
 * @param basis the text a moment ago
 * @param source the text now, which the exact parser refuses
 * @param parseFragment the tolerant tree of a small text
 * @returns null when what is wrong is not inside of a few bindings
 */
export function patchedSyntax(
  basis: Basis,
  source: ByteString,
  parseFragment: (fragment: ByteString) => Expr | null,
): ParsedText | null {
  for (const left of candidates(basis, source)) {
    const size = left.reduce((sum, { start, end }) => sum + end - start, 0);
    if (size > MOST_LEFT) return null;
    const { expr } = parseNix(blanked(source, left));
    if (!expr) continue;
    if (left.every((span) => putBack(expr, source, span, parseFragment))) {
      return { source, expr, left };
    }
  }
  return null;
}

/** What could be left out so that the rest is right, the least first. In the text now. */
function* candidates({ parsed, regions }: Basis, source: ByteString): Generator<Span[]> {
  const known = parsed.left.map((span) => spanAfter(span, regions));
  if (known.length > 0) yield merged([...known]);
  const around = regions.map((region) => spansAround(parsed, source, region));
  for (let level = 0; level < ATTEMPTS; level++) {
    const spans = around.flatMap(
      (outwards) => outwards[Math.min(level, outwards.length - 1)] ?? [],
    );
    yield merged([...known, ...spans.map((span) => spanAfter(span, regions))]);
  }
}

/** What could be left out for one region, from the inside outwards. In the earlier text. */
function spansAround(parsed: ParsedText, source: ByteString, region: ChangedRegion): Span[] {
  const spans: Span[] = [];
  const path = pathAt(parsed.expr, region.start);
  const inner = path[path.length - 1];
  if (inner && !bindingOf(inner, region) && isBetweenBindings(parsed.source, inner, region)) {
    // It may become one with the name that follows.
    const isApart = !/^\S\S$/.test(source.slice(region.newEnd - 1, region.newEnd + 1));
    if (isApart) spans.push({ start: region.start, end: region.end });
  }
  for (const expr of path.reverse()) {
    const binding = bindingOf(expr, region);
    if (binding) spans.push(binding);
  }
  return spans;
}

function isSet(expr: Expr): boolean {
  return expr.kind === "AttrSet" || expr.kind === "Let";
}

/** Whether a region lies between the brackets of a set, or between `let` and `in`, and in no comment. */
function isBetweenBindings(source: ByteString, expr: Expr, { start, end }: Span): boolean {
  if (isInComment(source, start)) return false;
  if (expr.kind === "Let") {
    return expr.start + 3 <= start && /\bin\b/.test(source.slice(end, expr.body.start));
  }
  if (expr.kind !== "AttrSet") return false;
  return source.indexOf("{", expr.start) < start && end < expr.end;
}

/** Whether a place between two bindings may lie in a comment: cautiously, one is near in front of it. */
function isInComment(source: ByteString, at: number): boolean {
  const before = source.slice(source.lastIndexOf(";", at - 1) + 1, at);
  return before.includes("#") || before.includes("/*");
}

/** The binding of a set in which the whole region lies. */
function bindingOf(expr: Expr, region: Span): Span | null {
  const set = expr.kind === "AttrSet" ? expr : expr.kind === "Let" ? expr.attrs : null;
  return set?.bindings.find((binding) => contains(binding, region)) ?? null;
}

/** What is inserted at either end of a span is its neighbour. */
function contains({ start, end }: Span, region: Span): boolean {
  return region.start === region.end
    ? start < region.start && region.end < end
    : start <= region.start && region.end <= end;
}

function merged(spans: Span[]): Span[] {
  const out: Span[] = [];
  for (const { start, end } of spans.sort((a, b) => a.start - b.start)) {
    const last = out[out.length - 1];
    if (last && start <= last.end) {
      out[out.length - 1] = { start: last.start, end: Math.max(last.end, end) };
    } else out.push({ start, end });
  }
  return out;
}

/** A text with spaces where something is left out. */
export function blanked(source: ByteString, left: readonly Span[]): ByteString {
  let out = "";
  let at = 0;
  for (const { start, end } of left) {
    out += source.slice(at, start) + " ".repeat(end - start);
    at = end;
  }
  return out + source.slice(at);
}

/**
 * Parses what was left out as the inside of a set, and adds it to the set in which it stands. False
 * when it is more than that: it ends the set, say.
 */
function putBack(
  expr: Expr,
  source: ByteString,
  { start, end }: Span,
  parseFragment: (fragment: ByteString) => Expr | null,
): boolean {
  const set = pathAt(expr, start).findLast(isSet);
  const target = set?.kind === "Let" ? set.attrs : set?.kind === "AttrSet" ? set : null;
  const fragment = parseFragment(`{${source.slice(start, end)}}`);
  if (!target || fragment?.kind !== "AttrSet") return false;
  shift(fragment, start - 1);
  for (const binding of fragment.bindings) addBinding(target, binding);
  target.bindings.sort((a, b) => a.start - b.start);
  return true;
}

/** Moves every offset of a tree. */
function shift(root: AttrSet, by: number): void {
  const seen = new Set<object>([root]);
  const todo: object[] = [root];
  for (let node = todo.pop(); node; node = todo.pop()) {
    for (const [key, value] of Object.entries(node)) {
      if (typeof value === "object" && value !== null && !seen.has(value)) {
        seen.add(value);
        todo.push(value);
      } else if (typeof value === "number" && isOffset(key, value)) {
        Object.assign(node, { [key]: value + by });
      }
    }
    if (Array.isArray(node)) continue;
    const starts: unknown = "partStarts" in node ? node.partStarts : null;
    if (Array.isArray(starts)) {
      seen.add(starts);
      for (let i = 0; i < starts.length; i++) starts[i] += by;
    }
  }
}

const OFFSETS = new Set(["start", "end", "nameEnd", "opStart", "paramStart"]);

/** -1 means that there is none. */
function isOffset(key: string, value: number): boolean {
  return OFFSETS.has(key) && value >= 0;
}
