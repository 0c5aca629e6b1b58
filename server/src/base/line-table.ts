/**
 * Where things are in a text: byte offsets, UTF-16 indices, lines and columns, all from one table.
 *
 * Everything inside the pure layers speaks of byte offsets into the UTF-8 source; editors and
 * tree-sitter count UTF-16 code units; Nix's messages count lines and byte columns. LF, CRLF and a
 * lone CR each end a line, for Nix and for LSP alike. Everything here counts from zero.
 *
 * Any number may be asked for: outside of the text it is clamped, inside a character it means the
 * character's start.
 */
import type { ByteString } from "./bytes.ts";
import { utf8SequenceLength } from "./bytes.ts";

/** What a column counts: bytes of UTF-8, or UTF-16 code units. The names are LSP's. */
export type ColumnUnit = "utf-8" | "utf-16";

/** Zero-based, as in LSP; Nix prints both plus one. */
export interface LineColumn {
  line: number;
  column: number;
}

export class LineTable {
  /** Byte offset of every line's first byte; the first is 0. */
  readonly #lines: readonly number[];
  /** Byte offset of every line's end, without what ends it. */
  readonly #ends: readonly number[];
  readonly #wide: WideCharacters;
  readonly byteLength: number;
  /** In code units. */
  readonly utf16Length: number;

  private constructor(
    lines: readonly number[],
    ends: readonly number[],
    wide: WideCharacters,
    byteLength: number,
    utf16Length: number,
  ) {
    this.#lines = lines;
    this.#ends = ends;
    this.#wide = wide;
    this.byteLength = byteLength;
    this.utf16Length = utf16Length;
  }

  /** The table of an editor's text; offsets are those of `bytesFromText(text)`. */
  static ofText(text: string): LineTable {
    const builder = new Builder();
    for (let i = 0; i < text.length; ) {
      const plain = plainEnd(text, i);
      builder.skip(plain - i);
      i = plain;
      if (i === text.length) break;
      const c = text.charCodeAt(i);
      if (c < 0x80) {
        builder.ascii(c, text.charCodeAt(i + 1));
        i += 1;
      } else {
        const code = text.codePointAt(i) as number;
        const units = code > 0xffff ? 2 : 1;
        builder.wide(units, code < 0x800 ? 2 : code > 0xffff ? 4 : 3);
        i += units;
      }
    }
    return LineTable.#of(builder);
  }

  /**
   * The table of a file's bytes; indices are those of `bytesToText(bytes)`, in which a byte that is
   * not UTF-8 is one U+FFFD.
   */
  static ofBytes(bytes: ByteString): LineTable {
    const builder = new Builder();
    for (let i = 0; i < bytes.length; ) {
      const plain = plainEnd(bytes, i);
      builder.skip(plain - i);
      i = plain;
      if (i === bytes.length) break;
      const c = bytes.charCodeAt(i);
      if (c < 0x80) {
        builder.ascii(c, bytes.charCodeAt(i + 1));
        i += 1;
      } else {
        const length = utf8SequenceLength(bytes, i) || 1;
        builder.wide(length === 4 ? 2 : 1, length);
        i += length;
      }
    }
    return LineTable.#of(builder);
  }

  static #of(b: Builder): LineTable {
    b.ends.push(b.byte);
    return new LineTable(b.lines, b.ends, b.wideCharacters, b.byte, b.index);
  }

  /** At least 1: an empty text has one empty line. */
  get lineCount(): number {
    return this.#lines.length;
  }

  /** True when every byte is ASCII, so that bytes and code units are the same numbers. */
  get isAscii(): boolean {
    return this.#wide.index.length === 0;
  }

  /** The byte offset at which a line starts. */
  lineStart(line: number): number {
    if (line >= this.#lines.length) return this.byteLength;
    return this.#lines[Math.max(line, 0)] as number;
  }

  /** The byte offset at which a line's text ends, before the LF, CR or CRLF. */
  lineEnd(line: number): number {
    if (line >= this.#ends.length) return this.byteLength;
    return this.#ends[Math.max(line, 0)] as number;
  }

  /** The line that holds a byte; what ends a line belongs to that line. */
  lineAt(offset: number): number {
    return Math.max(lastAtMost(this.#lines, offset), 0);
  }

  positionAt(offset: number, unit: ColumnUnit): LineColumn {
    const at = Math.min(Math.max(offset, 0), this.byteLength);
    const line = this.lineAt(at);
    const start = this.#lines[line] as number;
    if (unit === "utf-8") return { line, column: at - start };
    return { line, column: this.toUtf16(at) - this.toUtf16(start) };
  }

  /** The byte offset of a position; a column past the line's end means the line's end, as LSP says. */
  offsetAt(position: LineColumn, unit: ColumnUnit): number {
    if (position.line < 0) return 0;
    if (position.line >= this.#lines.length) return this.byteLength;
    const start = this.#lines[position.line] as number;
    const end = this.#ends[position.line] as number;
    const column = Math.max(position.column, 0);
    const offset =
      unit === "utf-8"
        ? this.#characterStart(start + column)
        : this.toByte(this.toUtf16(start) + column);
    return Math.min(offset, end);
  }

  /** The byte offset of a UTF-16 index. */
  toByte(index: number): number {
    if (index <= 0) return 0;
    if (index >= this.utf16Length) return this.byteLength;
    const wide = this.#wide;
    const k = lastAtMost(wide.index, index);
    if (k < 0) return index;
    const past = index - (wide.index[k] as number) - (wide.units[k] as number);
    const start = wide.byte[k] as number;
    return past < 0 ? start : start + (wide.bytes[k] as number) + past;
  }

  /** The UTF-16 index of a byte offset. */
  toUtf16(offset: number): number {
    if (offset <= 0) return 0;
    if (offset >= this.byteLength) return this.utf16Length;
    const wide = this.#wide;
    const k = lastAtMost(wide.byte, offset);
    if (k < 0) return offset;
    const past = offset - (wide.byte[k] as number) - (wide.bytes[k] as number);
    const start = wide.index[k] as number;
    return past < 0 ? start : start + (wide.units[k] as number) + past;
  }

  #characterStart(offset: number): number {
    return this.isAscii ? offset : this.toByte(this.toUtf16(offset));
  }
}

/** Every character that is not one byte and one code unit of ASCII, in order, as parallel arrays. */
interface WideCharacters {
  readonly index: number[];
  readonly byte: number[];
  readonly units: number[];
  readonly bytes: number[];
}

class Builder {
  readonly lines: number[] = [0];
  readonly ends: number[] = [];
  readonly wideCharacters: WideCharacters = { index: [], byte: [], units: [], bytes: [] };
  byte = 0;
  index = 0;

  /** So many characters of ASCII that end no line. */
  skip(count: number): void {
    this.byte += count;
    this.index += count;
  }

  /** `next` is the code that follows, to keep CR and LF together. */
  ascii(code: number, next: number): void {
    const startsLine = code === 10 || (code === 13 && next !== 10);
    if (startsLine || code === 13) {
      // In CRLF the line's text ends before the CR, and the next line starts after the LF.
      if (this.ends.length < this.lines.length) this.ends.push(this.byte);
    }
    this.byte += 1;
    this.index += 1;
    if (startsLine) this.lines.push(this.byte);
  }

  wide(units: number, bytes: number): void {
    const wide = this.wideCharacters;
    wide.index.push(this.index);
    wide.byte.push(this.byte);
    wide.units.push(units);
    wide.bytes.push(bytes);
    this.index += units;
    this.byte += bytes;
  }
}

/** Where the run of ASCII that starts here ends, or its line: most of a text is passed over by this. */
function plainEnd(text: string, from: number): number {
  let i = from;
  for (; i < text.length; i++) {
    const c = text.charCodeAt(i);
    if (c >= 0x80 || c === 10 || c === 13) break;
  }
  return i;
}

/** The index of the last element of an ascending list that is at most `value`; -1 when there is none. */
function lastAtMost(ascending: readonly number[], value: number): number {
  let low = 0;
  let high = ascending.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((ascending[middle] as number) <= value) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}
