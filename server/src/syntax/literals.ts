/**
 * Strings, indented strings and paths with what is interpolated in them, from their text. Where the
 * interpolated expressions come from is open: the exact parser reads them on, the lowering of a
 * tree-sitter tree has them already.
 */
import type { ByteString } from "../base/bytes.ts";
import type { Expr } from "./ast.ts";
import { type IndentedPiece, stripIndentation } from "./indented-string.ts";
import { Lexer } from "./lexer.ts";
import { makeInterpolation, makePath, makePathInterpolation, makeString } from "./nodes.ts";
import * as T from "./tokens.ts";

const EXPECT_QUOTE = [T.T_QUOTE];
const EXPECT_INDENTED = [T.T_INDENTED_PIECE, T.T_DOLLAR_CURLY, T.T_INDENTED_CLOSE];
const EXPECT_DOLLAR_CURLY = [T.T_DOLLAR_CURLY];

export abstract class Literals extends Lexer {
  /** See `ParseOptions.separatePieces`. */
  protected readonly separate: boolean;

  constructor(source: ByteString, pipes: boolean, separatePieces: boolean) {
    super(source, pipes);
    this.separate = separatePieces;
  }

  /** The expression of a `${…}` that stands at `pos`; its `}` becomes the current token. */
  protected abstract interpolated(): Expr;

  /** A string at its opening quote; its closing quote becomes the current token (`pos` after it). */
  protected string(start: number): Expr {
    const source = this.source;
    let parts: Expr[] | null = null;
    let partStarts: number[] = [];
    for (;;) {
      const from = this.pos;
      const to = this.stringPieceEnd(from);
      if (to > from) {
        const text = this.pieceEscaped ? this.unescaped(from, to) : source.slice(from, to);
        this.pos = to;
        if (parts === null && source.charCodeAt(to) === 34) {
          this.tokStart = to;
          this.pos = to + 1;
          return makeString(start, this.pos, text);
        }
        parts ??= [];
        parts.push(makeString(from, to, text));
        partStarts.push(from);
      }
      const c = source.charCodeAt(to);
      if (c === 34) {
        this.tokStart = to;
        this.pos = to + 1;
        return parts === null
          ? makeString(start, this.pos, "")
          : makeInterpolation(start, this.pos, parts, partStarts);
      }
      if (c === 36 && source.charCodeAt(to + 1) === 123) {
        if (parts === null) {
          parts = [];
          partStarts = [];
        }
        parts.push(this.interpolated());
        partStarts.push(to);
      } else {
        this.unexpectedPiece(T.T_EOF, to, to, EXPECT_QUOTE);
      }
    }
  }

  protected indentedString(start: number): Expr {
    const source = this.source;
    const pieces: IndentedPiece[] = [];
    // the opening takes the rest of its line when that is only spaces
    let i = this.pos;
    while (source.charCodeAt(i) === 32) i++;
    if (source.charCodeAt(i) === 10) this.pos = i + 1;
    for (;;) {
      const from = this.pos;
      const to = this.indentedPieceEnd(from);
      if (to > from) {
        const text = source.slice(from, to);
        if (this.pieceEscaped) this.refuseNul(from, to, text);
        pieces.push({ start: from, end: to, text, indented: true, expr: null });
        this.pos = to;
        continue;
      }
      const c = source.charCodeAt(from);
      const d = source.charCodeAt(from + 1);
      let text: ByteString;
      if (c === 36) {
        if (d === 123) {
          const expr = this.interpolated();
          pieces.push({ start: from, end: this.pos, text: "", indented: false, expr });
          continue;
        }
        text = "$";
        this.pos = from + 1;
      } else if (c === 39 && d === 39) {
        const e = source.charCodeAt(from + 2);
        if (e === 36) text = "$";
        else if (e === 39) text = "''";
        else if (e === 92 && from + 3 < source.length) text = "\\";
        else {
          this.tokStart = from;
          this.pos = from + 2;
          return stripIndentation(start, this.pos, pieces, this.separate);
        }
        this.pos = from + 3;
        if (e === 92) {
          this.pos = from + 4;
          text = this.unescaped(from + 2, this.pos);
        }
      } else if (c === 39) {
        text = "'";
        this.pos = from + 1;
      } else {
        this.unexpectedPiece(T.T_EOF, from, from, EXPECT_INDENTED);
      }
      pieces.push({ start: from, end: this.pos, text, indented: false, expr: null });
    }
  }

  /**
   * A path at its first token [start, end); its last token becomes the current one. The pieces after
   * an interpolation are path text and further interpolations, up to any other byte.
   */
  protected pathLiteral(start: number, end: number): Expr {
    const source = this.source;
    const first = makePath(start, end, source.slice(start, end));
    let parts: Expr[] | null = null;
    let partStarts: number[] = [];
    let lastStart = start;
    let slash = source.charCodeAt(end - 1) === 47;
    for (;;) {
      const from = this.pos;
      if (this.atInterpolation(from)) {
        if (parts === null) {
          parts = [first];
          partStarts = [start];
        }
        parts.push(this.interpolated());
        partStarts.push(from);
        lastStart = this.tokStart;
        slash = false;
        continue;
      }
      const to = this.pathPieceEnd(from);
      if (to === from) break;
      if (parts === null) {
        parts = [first];
        partStarts = [start];
        this.checkFirstPiece(start, from, to);
      }
      const text = source.slice(from, to);
      const last = parts[parts.length - 1]!;
      if (last.kind === "String" && last.end === from && !this.separate) {
        last.value += text;
        last.end = to;
      } else {
        parts.push(makeString(from, to, text));
        partStarts.push(from);
      }
      this.pos = to;
      lastStart = from;
      slash = source.charCodeAt(to - 1) === 47;
    }
    const atEnd = this.pos >= source.length;
    if (slash) {
      const at = atEnd ? lastStart : this.pos;
      this.fail(at, Math.max(at, this.pos), "path-trailing-slash", "path has a trailing slash");
    }
    if (atEnd) this.eofAt = lastStart;
    return parts === null ? first : makePathInterpolation(start, this.pos, parts, partStarts);
  }

  /** Path text right after the first token (`/a//b`) must be followed by an interpolation. */
  private checkFirstPiece(start: number, from: number, to: number): void {
    if (this.atInterpolation(to)) return;
    const after = this.pathPieceEnd(to);
    if (after > to) {
      this.unexpectedPiece(T.T_STRING_PIECE, to, after, EXPECT_DOLLAR_CURLY);
    }
    const atEnd = to >= this.source.length;
    if (this.source.charCodeAt(to - 1) === 47) {
      const at = atEnd ? from : to;
      this.fail(at, Math.max(at, to), "path-trailing-slash", "path has a trailing slash");
    }
    this.unexpectedPiece(T.T_PATH_END, atEnd ? start : from, to, EXPECT_DOLLAR_CURLY);
  }
}
