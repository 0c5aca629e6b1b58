/**
 * Position ids: one number for a place in any source file the evaluator has read. Each file gets a run
 * of ids as long as its text; 0 means "nowhere". Lines and columns are computed when shown.
 */
import { type ByteString, guillemets } from "../base/bytes.ts";
import { LineTable } from "../base/line-table.ts";

export interface SourceFile {
  /** The absolute path; null for text that is no file. */
  readonly path: ByteString | null;
  /** What messages call it: the path, «string» or «stdin». */
  readonly label: ByteString;
  /** The directory that relative paths start from. */
  readonly directory: ByteString;
  readonly text: ByteString;
  /** The position id of its first byte. */
  readonly base: number;
}

export interface Place {
  file: SourceFile;
  /** Byte offset. */
  offset: number;
}

/** Every evaluation says again what it has moved. */
const MAX_MOVED = 10_000;

export class Positions {
  readonly #files: SourceFile[] = [];
  readonly #tables = new Map<SourceFile, LineTable>();
  #next = 1;
  /** By where it was: the text of a value that is used again for an equal text elsewhere. */
  readonly #moved = new Map<
    number,
    { readonly end: number; readonly by: number; readonly base: number }
  >();

  add(
    path: ByteString | null,
    label: ByteString,
    directory: ByteString,
    text: ByteString,
  ): SourceFile {
    const file = { path, label, directory, text, base: this.#next };
    this.#next += text.length + 1;
    this.#files.push(file);
    return file;
  }

  find(position: number): Place | null {
    if (position <= 0 || position >= this.#next) return null;
    let low = 0;
    let high = this.#files.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if ((this.#files[middle] as SourceFile).base <= position) low = middle;
      else high = middle - 1;
    }
    const file = this.#files[low] as SourceFile;
    return { file, offset: position - file.base };
  }

  /**
   * Says that a text, as it was evaluated, now stands in another file or a newer text of it, `base` its first
   * position. Of several places there the first counts, as if it had been evaluated.
   */
  move(from: number, length: number, to: number, base: number): void {
    if (this.#moved.get(from)?.base === base) return;
    if (this.#moved.size >= MAX_MOVED) this.#moved.clear();
    this.#moved.set(from, { end: from + length, by: to - from, base });
  }

  /** Where the text now stands that a position is in. */
  current(position: number): number {
    for (const [from, { end, by }] of this.#moved) {
      if (from <= position && position <= end) return position + by;
    }
    return position;
  }

  #table(file: SourceFile): LineTable {
    let table = this.#tables.get(file);
    if (table === undefined) {
      table = LineTable.ofBytes(file.text);
      this.#tables.set(file, table);
    }
    return table;
  }

  /** One-based line and column, in bytes as Nix counts. */
  lineColumn(place: Place): { line: number; column: number } {
    const { line, column } = this.#table(place.file).positionAt(place.offset, "utf-8");
    return { line: line + 1, column: column + 1 };
  }

  /** The text of a line, without its end; null when the file has none of that (one-based) number. */
  line(file: SourceFile, line: number): ByteString | null {
    const table = this.#table(file);
    if (line < 1 || line > table.lineCount) return null;
    return file.text.slice(table.lineStart(line - 1), table.lineEnd(line - 1));
  }

  /** `/a/b.nix:1:2`, or `«none»`. */
  show(position: number): ByteString {
    const place = this.find(position);
    if (place === null) return guillemets("none");
    const { line, column } = this.lineColumn(place);
    return `${place.file.label}:${line}:${column}`;
  }
}
