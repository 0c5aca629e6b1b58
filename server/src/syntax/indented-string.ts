/**
 * Indentation stripping of `''…''` strings.
 *
 * The indentation is the least number of leading spaces of the lines that hold more than spaces;
 * only spaces count. Text that an escape produced (and a lone `$` or `'`) ends a line's leading
 * spaces when the indentation is measured.
 */
import type { ByteString } from "../base/bytes.ts";
import type { Expr } from "./ast.ts";
import { makeInterpolation, makeString } from "./nodes.ts";

/** One token between `''` and `''`: literal text, text made by an escape, or an interpolation. */
export interface IndentedPiece {
  start: number;
  end: number;
  text: ByteString;
  /** False for the text of an escape. */
  indented: boolean;
  /** The expression of an interpolation (`text` is then ""), else null. */
  expr: Expr | null;
}

const NEWLINE = 10;
const SPACE = 32;

/**
 * The expression that the pieces between `start` and `end` (the quotes included) mean: a String when
 * it is one text, else an Interpolation. Neighbouring texts are joined unless `separate` is set;
 * then they stay parts of an Interpolation of their own, as Nix prints them.
 */
export function stripIndentation(
  start: number,
  end: number,
  pieces: IndentedPiece[],
  separate: boolean,
): Expr {
  if (pieces.length === 0) return makeString(start, end, "");
  const indent = leastIndent(pieces);
  const parts: Expr[] = [];
  const partStarts: number[] = [];
  let text = "";
  let textStart = -1;
  let textEnd = -1;
  const flush = () => {
    if (text === "") return;
    parts.push(makeString(textStart, textEnd, text));
    partStarts.push(textStart);
    text = "";
  };
  let atLineStart = true;
  let dropped = 0;
  for (let k = 0; k < pieces.length; k++) {
    const piece = pieces[k]!;
    if (piece.expr !== null) {
      flush();
      parts.push(piece.expr);
      partStarts.push(piece.start);
      atLineStart = false;
      dropped = 0;
      continue;
    }
    const source = piece.text;
    let stripped = "";
    let from = 0;
    for (let i = 0; i < source.length; i++) {
      const c = source.charCodeAt(i);
      if (!atLineStart) {
        i = source.indexOf("\n", i);
        if (i < 0) break;
        atLineStart = true;
      } else if (c === SPACE) {
        if (dropped++ < indent) {
          stripped += source.slice(from, i);
          from = i + 1;
        }
      } else {
        dropped = 0;
        if (c !== NEWLINE) atLineStart = false;
      }
    }
    stripped = from === 0 ? source : stripped + source.slice(from);
    if (k === pieces.length - 1) stripped = withoutLastBlankLine(stripped);
    if (stripped === "") continue;
    if (separate) flush();
    if (text === "") textStart = piece.start;
    text += stripped;
    textEnd = piece.end;
  }
  flush();
  if (parts.length === 0) return makeString(start, end, "");
  // also when the one part is an interpolated string literal
  const only = parts[0]!;
  if (parts.length === 1 && only.kind === "String") return makeString(start, end, only.value);
  return makeInterpolation(start, end, parts, partStarts);
}

function leastIndent(pieces: IndentedPiece[]): number {
  let least = 1000000;
  let current = 0;
  let atLineStart = true;
  for (const piece of pieces) {
    if (!piece.indented) {
      if (atLineStart) {
        atLineStart = false;
        if (current < least) least = current;
      }
      continue;
    }
    const text = piece.text;
    for (let i = 0; i < text.length; i++) {
      const c = text.charCodeAt(i);
      if (c === NEWLINE) {
        atLineStart = true;
        current = 0;
      } else if (atLineStart) {
        if (c === SPACE) {
          current++;
        } else {
          atLineStart = false;
          if (current < least) least = current;
        }
      } else {
        i = text.indexOf("\n", i) - 1;
        if (i < 0) break;
      }
    }
  }
  return least;
}

/** Drops what follows the last newline when that is only spaces. */
function withoutLastBlankLine(text: ByteString): ByteString {
  const line = text.lastIndexOf("\n") + 1;
  if (line === 0) return text;
  for (let i = line; i < text.length; i++) if (text.charCodeAt(i) !== SPACE) return text;
  return text.slice(0, line);
}
