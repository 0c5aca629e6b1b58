/**
 * The exact lexer: Nix's tokens by longest match, straight from char codes.
 *
 * It keeps one current token in fields and makes no token objects. What stands inside strings,
 * indented strings and paths is scanned by the parser with the methods at the end, as what follows
 * depends on where the text is.
 */
import type { ByteString } from "../base/bytes.ts";
import type { SyntaxProblem } from "./ast.ts";
import { CHAR_CLASS, DIGIT, ID_CHAR, ID_START, PATH_CHAR, SCHEME_CHAR, URI_CHAR } from "./chars.ts";
import { hashStep, internName, nameOf } from "./names.ts";
import { floatValue, intValue } from "./numbers.ts";
import { SyntaxStop, unexpectedMessage } from "./problem.ts";
import * as T from "./tokens.ts";

const NO_NAME = "";

/**
 * The first byte at or after `offset` that belongs to a token: skips white space and comments.
 * An unterminated block comment is not a comment: its `/` is a token.
 */
export function skipTrivia(source: ByteString, offset: number): number {
  let i = offset;
  for (;;) {
    const c = source.charCodeAt(i);
    if (c === 32 || c === 10 || c === 9 || c === 13) {
      i++;
    } else if (c === 35 /* # */) {
      i = lineEnd(source, i);
    } else if (c === 47 /* / */ && source.charCodeAt(i + 1) === 42) {
      const close = source.indexOf("*/", i + 2);
      if (close < 0) return i;
      i = close + 2;
    } else {
      return i;
    }
  }
}

function lineEnd(source: ByteString, from: number): number {
  let i = from;
  while (i < source.length) {
    const c = source.charCodeAt(i);
    if (c === 10 || c === 13) break;
    i++;
  }
  return i;
}

export class Lexer {
  readonly source: ByteString;
  readonly pipes: boolean;
  /** Kind of the current token. */
  tok = T.T_EOF;
  tokStart = 0;
  /** End of the current token: where scanning goes on. */
  pos = 0;
  /** End of the token before the current one. */
  prevEnd = 0;
  /** Name of the current token when it is an identifier. */
  name: ByteString = NO_NAME;
  /** Value of the current token when it is a number. */
  value: number | bigint = 0;
  /** The doc comment directly in front of the current token; -1 without one. */
  docStart = -1;
  docEnd = -1;
  /** Where Nix reports the end of the file: the source's end, but not after a path (see `pathEnd`). */
  eofAt: number;
  /** The end of the last run of path bytes that was looked at, so that `a.b.c.d` is scanned once. */
  private runEnd = -1;

  constructor(source: ByteString, pipes: boolean) {
    this.source = source;
    this.pipes = pipes;
    this.eofAt = source.length;
  }

  /** Stops the parse at the current token. `expected` as in `unexpectedMessage`. */
  unexpected(expected: readonly number[]): never {
    return this.unexpectedPiece(this.tok, this.tokStart, this.pos, expected);
  }

  unexpectedPiece(kind: number, start: number, end: number, expected: readonly number[]): never {
    const at = kind === T.T_EOF ? this.eofAt : start;
    this.fail(at, Math.max(at, end), "syntax", unexpectedMessage(kind, expected));
  }

  fail(start: number, end: number, code: string, message: ByteString): never {
    const problem: SyntaxProblem = { start, end, code, message };
    throw new SyntaxStop(problem);
  }

  /** Moves to the next token. */
  next(): void {
    const source = this.source;
    let i = this.pos;
    this.prevEnd = i;
    this.docStart = -1;
    let c = source.charCodeAt(i);
    for (;;) {
      if (c === 32 || c === 10 || c === 9 || c === 13) {
        c = source.charCodeAt(++i);
      } else if (c === 35 /* # */) {
        i = lineEnd(source, i);
        c = source.charCodeAt(i);
      } else if (c === 47 /* / */ && source.charCodeAt(i + 1) === 42) {
        const close = source.indexOf("*/", i + 2);
        if (close < 0) break;
        this.noteDoc(i, close + 2);
        i = close + 2;
        c = source.charCodeAt(i);
      } else {
        break;
      }
    }
    this.tokStart = i;
    const flags = CHAR_CLASS[c];
    if (flags === undefined) {
      this.tok = i < source.length ? T.T_INVALID : T.T_EOF;
      this.pos = i < source.length ? i + 1 : i;
    } else if ((flags & ID_START) !== 0) {
      this.word(i);
    } else if ((flags & DIGIT) !== 0) {
      this.tok = this.path(i) ? T.T_PATH : this.number(i);
    } else {
      this.tok = this.symbol(i, c);
    }
  }

  /** A doc comment is `/**` followed by anything but a third star or the comment's end. */
  private noteDoc(start: number, end: number): void {
    if (this.source.charCodeAt(start + 2) !== 42) return;
    const c = this.source.charCodeAt(start + 3);
    if (c === 42 || c === 47) return;
    this.docStart = start;
    this.docEnd = end;
  }

  /** The byte after the current token and the white space and comments that follow it; 0 at the end. */
  peekByte(): number {
    const source = this.source;
    let i = this.pos;
    let c = source.charCodeAt(i);
    if (c === 32) c = source.charCodeAt(++i);
    if (c <= 32 || c === 35 || c === 47) {
      i = skipTrivia(source, i);
      c = source.charCodeAt(i);
    }
    return i < source.length ? c : 0;
  }

  private word(start: number): void {
    const source = this.source;
    let i = start;
    let hash = 0;
    let c = source.charCodeAt(i);
    do {
      hash = hashStep(hash, c);
      c = source.charCodeAt(++i);
    } while ((CHAR_CLASS[c]! & ID_CHAR) !== 0);
    // `.`, `+`, `/`, `:` may make it a path or a URI, which are then longer
    if ((c === 46 || c === 43 || c === 47 || c === 58) && this.pathOrUri(start, i)) return;
    const index = internName(source, start, i, hash);
    this.pos = i;
    if (index < T.KEYWORDS.length) {
      this.tok = T.FIRST_KEYWORD + index;
    } else {
      this.tok = T.T_ID;
      this.name = nameOf(index);
    }
  }

  /** The end of the path bytes from `start`. */
  private pathRun(start: number): number {
    if (start < this.runEnd) return this.runEnd;
    const source = this.source;
    let i = start;
    while ((CHAR_CLASS[source.charCodeAt(i)]! & PATH_CHAR) !== 0) i++;
    this.runEnd = i;
    return i;
  }

  private pathOrUri(start: number, wordEnd: number): boolean {
    const source = this.source;
    const end = this.pathRun(start);
    if (end < wordEnd) return false; // a `'`, which only names have
    const c = source.charCodeAt(end);
    if (c === 47) return this.pathFrom(end);
    if (c !== 58 || (CHAR_CLASS[source.charCodeAt(end + 1)]! & URI_CHAR) === 0) return false;
    for (let i = start; i < end; i++) {
      if ((CHAR_CLASS[source.charCodeAt(i)]! & SCHEME_CHAR) === 0) return false;
    }
    let i = end + 1;
    while ((CHAR_CLASS[source.charCodeAt(i)]! & URI_CHAR) !== 0) i++;
    this.tok = T.T_URI;
    this.pos = i;
    return true;
  }

  /** Makes a path the current token if one starts at `start`. */
  private path(start: number): boolean {
    const end = this.pathRun(start);
    return this.source.charCodeAt(end) === 47 && this.pathFrom(end);
  }

  /** Makes a path the current token if its first slash, after an empty or full segment, is at `slash`. */
  private pathFrom(slash: number): boolean {
    const end = this.segmentsEnd(slash);
    if (end > slash) {
      this.tok = T.T_PATH;
      this.pos = end;
      return true;
    }
    if (this.atInterpolation(slash + 1)) {
      this.tok = T.T_PATH;
      this.pos = slash + 1;
      return true;
    }
    return false;
  }

  /** The end of `(/segment)+/?` at `slash`, or `slash` itself when no segment follows. */
  private segmentsEnd(slash: number): number {
    const source = this.source;
    let i = slash;
    while (source.charCodeAt(i) === 47) {
      let j = i + 1;
      while ((CHAR_CLASS[source.charCodeAt(j)]! & PATH_CHAR) !== 0) j++;
      if (j === i + 1) return i > slash ? j : slash;
      i = j;
    }
    return i;
  }

  atInterpolation(i: number): boolean {
    return this.source.charCodeAt(i) === 36 && this.source.charCodeAt(i + 1) === 123;
  }

  private number(start: number): number {
    const source = this.source;
    let i = start;
    while ((CHAR_CLASS[source.charCodeAt(i)]! & DIGIT) !== 0) i++;
    if (source.charCodeAt(i) === 46 /* . */) {
      // a float starts with another digit than 0, or is `0.` and digits
      const first = source.charCodeAt(start);
      const digitNext = (CHAR_CLASS[source.charCodeAt(i + 1)]! & DIGIT) !== 0;
      if (first !== 48 || (i === start + 1 && digitNext)) {
        return this.float(start, i + 1);
      }
    }
    const text = source.slice(start, i);
    const value = intValue(text);
    if (value === null) this.fail(start, i, "invalid-integer", `invalid integer '${text}'`);
    this.value = value;
    return this.set(T.T_INT, i);
  }

  /** A float that starts at `start` and whose dot is just before `afterDot`. */
  private float(start: number, afterDot: number): number {
    const source = this.source;
    let i = afterDot;
    while ((CHAR_CLASS[source.charCodeAt(i)]! & DIGIT) !== 0) i++;
    const c = source.charCodeAt(i);
    if (c === 101 || c === 69 /* e E */) {
      const sign = source.charCodeAt(i + 1);
      let j = sign === 43 || sign === 45 ? i + 2 : i + 1;
      if ((CHAR_CLASS[source.charCodeAt(j)]! & DIGIT) !== 0) {
        while ((CHAR_CLASS[source.charCodeAt(j)]! & DIGIT) !== 0) j++;
        i = j;
      }
    }
    const text = source.slice(start, i);
    const value = floatValue(text);
    if (value === null) this.fail(start, i, "invalid-float", `invalid float '${text}'`);
    this.value = value;
    return this.set(T.T_FLOAT, i);
  }

  private set(kind: number, end: number): number {
    this.pos = end;
    return kind;
  }

  /** The kind of the token at `i`, which starts with the byte `c` that is no letter, digit or space. */
  private symbol(i: number, c: number): number {
    const source = this.source;
    const d = source.charCodeAt(i + 1);
    switch (c) {
      case 59:
        return this.set(T.T_SEMICOLON, i + 1);
      case 61: // =
        return d === 61 ? this.set(T.T_EQ, i + 2) : this.set(T.T_ASSIGN, i + 1);
      case 123:
        return this.set(T.T_OPEN_BRACE, i + 1);
      case 125:
        return this.set(T.T_CLOSE_BRACE, i + 1);
      case 40:
        return this.set(T.T_OPEN_PAREN, i + 1);
      case 41:
        return this.set(T.T_CLOSE_PAREN, i + 1);
      case 91:
        return this.set(T.T_OPEN_BRACKET, i + 1);
      case 93:
        return this.set(T.T_CLOSE_BRACKET, i + 1);
      case 34:
        return this.set(T.T_QUOTE, i + 1);
      case 44:
        return this.set(T.T_COMMA, i + 1);
      case 58:
        return this.set(T.T_COLON, i + 1);
      case 63:
        return this.set(T.T_QUESTION, i + 1);
      case 64:
        return this.set(T.T_AT, i + 1);
      case 42:
        return this.set(T.T_STAR, i + 1);
      case 33: // !
        return d === 61 ? this.set(T.T_NEQ, i + 2) : this.set(T.T_NOT, i + 1);
      case 62: // >
        return d === 61 ? this.set(T.T_GEQ, i + 2) : this.set(T.T_GREATER, i + 1);
      case 38: // &
        return d === 38 ? this.set(T.T_AND, i + 2) : this.set(T.T_INVALID, i + 1);
      case 124: // |
        if (d === 124) return this.set(T.T_OR, i + 2);
        return d === 62 ? this.pipe(T.T_PIPE_INTO, i) : this.set(T.T_INVALID, i + 1);
      case 36: // $
        return d === 123 ? this.set(T.T_DOLLAR_CURLY, i + 2) : this.set(T.T_INVALID, i + 1);
      case 39: // '
        return d === 39 ? this.set(T.T_INDENTED_OPEN, i + 2) : this.set(T.T_INVALID, i + 1);
      case 60:
        return this.less(i, d);
      case 47: // /
        if (this.pathFrom(i)) return T.T_PATH;
        return d === 47 ? this.set(T.T_UPDATE, i + 2) : this.set(T.T_SLASH, i + 1);
      case 126: // ~
        return this.homePath(i, d);
      case 43: // +
        if (this.path(i)) return T.T_PATH;
        return d === 43 ? this.set(T.T_CONCAT, i + 2) : this.set(T.T_PLUS, i + 1);
      case 45: // -
        if (this.path(i)) return T.T_PATH;
        return d === 62 ? this.set(T.T_IMPL, i + 2) : this.set(T.T_MINUS, i + 1);
      case 46: // .
        if (this.path(i)) return T.T_PATH;
        if (d === 46 && source.charCodeAt(i + 2) === 46) return this.set(T.T_ELLIPSIS, i + 3);
        if ((CHAR_CLASS[d]! & DIGIT) !== 0) return this.float(i, i + 1);
        return this.set(T.T_DOT, i + 1);
      case 0:
        // Nix's lexer hands the byte on as a token number, and number 0 is the end of the file
        if (i + 1 < this.eofAt) this.eofAt = i + 1;
        return this.set(T.T_EOF, i + 1);
      default:
        return this.set(T.T_INVALID, i + 1);
    }
  }

  private pipe(kind: number, i: number): number {
    if (!this.pipes) {
      this.fail(
        i,
        i + 2,
        "experimental-feature",
        "experimental Nix feature 'pipe-operators' is disabled; add '--extra-experimental-features pipe-operators' to enable it",
      );
    }
    return this.set(kind, i + 2);
  }

  private less(i: number, d: number): number {
    const source = this.source;
    if ((CHAR_CLASS[d]! & PATH_CHAR) !== 0) {
      let j = i + 1;
      for (;;) {
        const from = j;
        while ((CHAR_CLASS[source.charCodeAt(j)]! & PATH_CHAR) !== 0) j++;
        if (j === from || source.charCodeAt(j) !== 47) {
          if (j > from && source.charCodeAt(j) === 62) {
            return this.set(T.T_SEARCH_PATH, j + 1);
          }
          break;
        }
        j++;
      }
    }
    if (d === 61) return this.set(T.T_LEQ, i + 2);
    return d === 124 ? this.pipe(T.T_PIPE_FROM, i) : this.set(T.T_LESS, i + 1);
  }

  private homePath(i: number, d: number): number {
    if (d === 47) {
      const end = this.segmentsEnd(i + 1);
      if (end > i + 1) return this.set(T.T_HOME_PATH, end);
      if (this.atInterpolation(i + 2)) return this.set(T.T_HOME_PATH, i + 2);
    }
    return this.set(T.T_INVALID, i + 1);
  }

  /**
   * The end of the next piece of path text at `pos` (after the start of a path or an interpolation);
   * `pos` itself when there is none.
   */
  pathPieceEnd(pos: number): number {
    const source = this.source;
    let i = pos;
    while ((CHAR_CLASS[source.charCodeAt(i)]! & PATH_CHAR) !== 0) i++;
    if (source.charCodeAt(i) !== 47) return i;
    const end = this.segmentsEnd(i);
    return end > i ? end : i + 1;
  }

  /** Whether the last piece that was scanned needs `unescaped` (or, when indented, has a NUL byte). */
  pieceEscaped = false;

  /**
   * The end of the text at `from` inside `"…"`: a closing quote, a `${` or where the file ends too
   * early (also in the middle of an escape).
   */
  stringPieceEnd(from: number): number {
    const source = this.source;
    this.pieceEscaped = false;
    let i = from;
    for (;;) {
      const c = source.charCodeAt(i);
      if (c === 34) return i;
      if (c > 36) {
        if (c === 92) {
          if (i + 1 >= source.length) return i;
          this.pieceEscaped = true;
          i += 2;
        } else {
          i++;
        }
      } else if (c === 36) {
        const d = source.charCodeAt(i + 1);
        if (d === 123) return i;
        if (d === 34) return i + 1;
        // `$` takes the next byte with it, so that `$$${` holds no interpolation after `$$`
        if (d === 92) {
          if (i + 2 >= source.length) return i;
          this.pieceEscaped = true;
          i += 3;
        } else {
          if (i + 1 >= source.length) return i;
          if (d === 13 || d === 0) this.pieceEscaped = true;
          i += 2;
        }
      } else {
        if (c === 13 || c === 0) this.pieceEscaped = true;
        else if (i >= source.length) return i;
        i++;
      }
    }
  }

  /** The text that [from, to) means in a string: escapes resolved, CR and CR LF turned into LF. */
  unescaped(from: number, to: number): ByteString {
    const source = this.source;
    let text = "";
    let copied = from;
    let nul = false;
    for (let i = from; i < to; i++) {
      const c = source.charCodeAt(i);
      if (c === 92) {
        const d = source.charCodeAt(i + 1);
        text += source.slice(copied, i);
        if (d === 110) text += "\n";
        else if (d === 114) text += "\r";
        else if (d === 116) text += "\t";
        else text += source[i + 1]!;
        i++;
        copied = i + 1;
      } else if (c === 13) {
        text += `${source.slice(copied, i)}\n`;
        if (i + 1 < to && source.charCodeAt(i + 1) === 10) i++;
        copied = i + 1;
      } else if (c === 0) {
        nul = true;
      }
    }
    text += source.slice(copied, to);
    if (nul) this.refuseNul(from, to, text);
    return text;
  }

  refuseNul(start: number, end: number, text: ByteString): never {
    this.fail(
      start,
      end,
      "nul-byte",
      `input string '${text.replaceAll("\0", "\xe2\x90\x80")}' cannot be represented as Nix string because it contains null bytes`,
    );
  }

  /** The end of plain text at `from` inside an indented string; `from` itself before anything else. */
  indentedPieceEnd(from: number): number {
    const source = this.source;
    this.pieceEscaped = false;
    let i = from;
    for (;;) {
      const c = source.charCodeAt(i);
      if (c > 39) {
        i++;
      } else if (c === 36) {
        // `$` takes the next byte with it, so that `$$${` holds no interpolation after `$$`
        const d = source.charCodeAt(i + 1);
        if (d === 123 || d === 39 || i + 1 >= source.length) return i;
        if (d === 0) this.pieceEscaped = true;
        i += 2;
      } else if (c === 39) {
        const d = source.charCodeAt(i + 1);
        if (d === 39 || d === 36 || i + 1 >= source.length) return i;
        if (d === 0) this.pieceEscaped = true;
        i += 2;
      } else {
        if (c === 0) this.pieceEscaped = true;
        else if (i >= source.length) return i;
        i++;
      }
    }
  }
}
