/**
 * The comments of a file. The tree does not keep them, but it knows all strings, and outside of
 * strings `#` and `/*` always start a comment.
 */
import type { Span } from "../scope/bindings.ts";
import type { SourceFile } from "./source-file.ts";
import { walk } from "./walk.ts";

const HASH = 35;
const SLASH = 47;
const STAR = 42;

/** Every comment with its marks, in source order. A line comment ends before its line's end. */
export function commentSpans(file: SourceFile): Span[] {
  const { source, lines } = file;
  const comments: Span[] = [];
  const strings = stringSpans(file);
  let string = 0;
  for (let at = 0; at < source.length; at++) {
    while ((strings[string]?.end ?? Number.POSITIVE_INFINITY) <= at) string += 1;
    const inside = strings[string];
    if (inside && inside.start <= at) {
      at = inside.end - 1;
      continue;
    }
    const code = source.charCodeAt(at);
    if (code !== HASH && !(code === SLASH && source.charCodeAt(at + 1) === STAR)) continue;
    let end = lines.lineEnd(lines.lineAt(at));
    if (code === SLASH) {
      const close = source.indexOf("*/", at + 2);
      end = close < 0 ? source.length : close + 2;
    }
    comments.push({ start: at, end });
    at = end - 1;
  }
  return comments;
}

/** What is string text: disjoint, in order. The expressions inside `${}` are not part of it. */
function stringSpans(file: SourceFile): Span[] {
  const spans: Span[] = [];
  walk(file.syntax.expr, (expr) => {
    if (expr.kind === "String") spans.push({ start: expr.start, end: expr.end });
    if (expr.kind !== "Interpolation") return true;
    let start = expr.start;
    for (const part of expr.parts) {
      // A string right inside `${}` is skipped on its own; one that is text belongs to this span.
      if (part.kind === "String") continue;
      spans.push({ start, end: part.start });
      start = part.end;
    }
    spans.push({ start, end: expr.end });
    return true;
  });
  return spans
    .filter((span) => span.end > span.start)
    .sort((a, b) => a.start - b.start || b.end - a.end);
}
