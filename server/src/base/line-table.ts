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
  readonly #lines: Int32Array;
  /** Byte offset of every line's end, without what ends it. */
  readonly #ends: Int32Array;
  readonly #wide: WideCharacters;
  readonly byteLength: number;
  /** In code units. */
  readonly utf16Length: number;

  private constructor(
    lines: Int32Array,
    ends: Int32Array,
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
    return LineTable.#of(new Builder().addText(text));
  }

  /**
   * The table of a file's bytes; indices are those of `bytesToText(bytes)`, in which a byte that is
   * not UTF-8 is one U+FFFD.
   */
  static ofBytes(bytes: ByteString): LineTable {
    return LineTable.#of(new Builder().addBytes(bytes));
  }

  static #of(b: Builder): LineTable {
    b.ends.push(b.byte);
    const { index, byte, units, bytes } = b.wideCharacters;
    const wide = {
      index: Int32Array.from(index),
      byte: Int32Array.from(byte),
      units: Int32Array.from(units),
      bytes: Int32Array.from(bytes),
    };
    return new LineTable(Int32Array.from(b.lines), Int32Array.from(b.ends), wide, b.byte, b.index);
  }

  /**
   * The table of the text in which one part has been replaced: only the lines around it are gone
   * through. Indices are UTF-16.
   *
   * @param text after the replacement
   * @param start of the part in both texts
   * @param end of the part in the text before
   * @param newEnd of what stands in its place in the text after
   */
  edited(text: string, start: number, end: number, newEnd: number): LineTable {
    // A line more on either side: a CR and an LF may meet there, or part.
    const first = Math.max(this.lineAt(this.toByte(start)) - 1, 0);
    const next = this.lineAt(this.toByte(end)) + 1;
    const isLast = next >= this.lineCount;
    const [from, until] = [this.lineStart(first), this.lineStart(next)];
    const [fromIndex, untilIndex] = [this.toUtf16(from), this.toUtf16(until)];
    const grownUnits = newEnd - end;
    const b = new Builder().addText(text.slice(fromIndex, untilIndex + grownUnits));
    if (isLast) b.ends.push(b.byte);
    // Otherwise it ends where the next line starts, which is known.
    else b.lines.pop();
    const grown = b.byte - (until - from);
    const lines = spliced(this.#lines, first, next, b.lines, from, grown);
    const ends = spliced(this.#ends, first, next, b.ends, from, grown);
    const { index, byte, units, bytes } = this.#wide;
    const wideFirst = lastAtMost(index, fromIndex - 1) + 1;
    const wideNext = lastAtMost(index, untilIndex - 1) + 1;
    const wide = b.wideCharacters;
    const of = (known: Int32Array, added: readonly number[], base: number, by: number) =>
      spliced(known, wideFirst, wideNext, added, base, by);
    return new LineTable(
      lines,
      ends,
      {
        index: of(index, wide.index, fromIndex, grownUnits),
        byte: of(byte, wide.byte, from, grown),
        units: of(units, wide.units, 0, 0),
        bytes: of(bytes, wide.bytes, 0, 0),
      },
      this.byteLength + grown,
      this.utf16Length + grownUnits,
    );
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
interface WideCharacters<Numbers = Int32Array> {
  readonly index: Numbers;
  readonly byte: Numbers;
  readonly units: Numbers;
  readonly bytes: Numbers;
}

/**
 * The numbers with those from `first` up to `next` replaced by others. The others count from `base`;
 * those behind have grown.
 */
function spliced(
  known: Int32Array,
  first: number,
  next: number,
  others: readonly number[],
  base: number,
  grown: number,
): Int32Array {
  const behind = Math.max(known.length - next, 0);
  const out = new Int32Array(first + others.length + behind);
  out.set(known.subarray(0, first));
  let at = first;
  for (const other of others) out[at++] = other + base;
  for (let i = known.length - behind; i < known.length; i++)
    out[at++] = (known[i] as number) + grown;
  return out;
}

class Builder {
  readonly lines: number[] = [0];
  readonly ends: number[] = [];
  readonly wideCharacters: WideCharacters<number[]> = { index: [], byte: [], units: [], bytes: [] };
  byte = 0;
  index = 0;

  addText(text: string): this {
    for (let i = 0; i < text.length; ) {
      const plain = plainEnd(text, i);
      this.#skip(plain - i);
      i = plain;
      if (i === text.length) break;
      const c = text.charCodeAt(i);
      if (c < 0x80) {
        this.#ascii(c, text.charCodeAt(i + 1));
        i += 1;
      } else {
        const code = text.codePointAt(i) as number;
        const units = code > 0xffff ? 2 : 1;
        this.#add(units, code < 0x800 ? 2 : code > 0xffff ? 4 : 3);
        i += units;
      }
    }
    return this;
  }

  addBytes(bytes: ByteString): this {
    for (let i = 0; i < bytes.length; ) {
      const plain = plainEnd(bytes, i);
      this.#skip(plain - i);
      i = plain;
      if (i === bytes.length) break;
      const c = bytes.charCodeAt(i);
      if (c < 0x80) {
        this.#ascii(c, bytes.charCodeAt(i + 1));
        i += 1;
      } else {
        const length = utf8SequenceLength(bytes, i) || 1;
        this.#add(length === 4 ? 2 : 1, length);
        i += length;
      }
    }
    return this;
  }

  /** So many characters of ASCII that end no line. */
  #skip(count: number): void {
    this.byte += count;
    this.index += count;
  }

  /** `next` is the code that follows, to keep CR and LF together. */
  #ascii(code: number, next: number): void {
    const startsLine = code === 10 || (code === 13 && next !== 10);
    if (startsLine || code === 13) {
      // In CRLF the line's text ends before the CR, and the next line starts after the LF.
      if (this.ends.length < this.lines.length) this.ends.push(this.byte);
    }
    this.byte += 1;
    this.index += 1;
    if (startsLine) this.lines.push(this.byte);
  }

  #add(units: number, bytes: number): void {
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
function lastAtMost(ascending: Int32Array, value: number): number {
  let low = 0;
  let high = ascending.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((ascending[middle] as number) <= value) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}
