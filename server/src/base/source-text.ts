/**
 * A document's text in its three forms, as the editor's text, as bytes and as a table of lines. Each
 * is made on demand, and carried along with edits: what an edit does not touch is not gone through.
 */
import { type ByteString, bytesFromText, bytesToText } from "./bytes.ts";
import { LineTable } from "./line-table.ts";

/** One replacement, in bytes of the text before it. */
export interface TextEdit {
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

export class SourceText {
  #text: string | null;
  #source: ByteString | null;
  #lines: LineTable | null;

  private constructor(text: string | null, source: ByteString | null, lines: LineTable | null) {
    this.#text = text;
    this.#source = source;
    this.#lines = lines;
  }

  static ofText(text: string): SourceText {
    return new SourceText(text, null, null);
  }

  static ofBytes(source: ByteString): SourceText {
    return new SourceText(null, source, LineTable.ofBytes(source));
  }

  get text(): string {
    this.#text ??= bytesToText(this.#source ?? "");
    return this.#text;
  }

  /** The text in UTF-8. */
  get source(): ByteString {
    this.#source ??= bytesFromText(this.text);
    return this.#source;
  }

  get lines(): LineTable {
    this.#lines ??= LineTable.ofText(this.text);
    return this.#lines;
  }

  edited({ start, end, text: added }: TextEdit): SourceText {
    const { lines, text: before } = this;
    const [from, to] = [lines.toUtf16(start), lines.toUtf16(end)];
    const text = before.slice(0, from) + added + before.slice(to);
    const newEnd = from + added.length;
    // Halves of a character that meet are another character than they were.
    if (isInPair(text, from) || isInPair(text, newEnd)) return SourceText.ofText(text);
    const known = this.#source;
    const source =
      known === null ? null : known.slice(0, start) + bytesFromText(added) + known.slice(end);
    return new SourceText(text, source, lines.edited(text, from, to, newEnd));
  }
}

/** Whether an index is in the middle of a surrogate pair. */
function isInPair(text: string, index: number): boolean {
  return index > 0 && (text.codePointAt(index - 1) ?? 0) > 0xffff;
}
