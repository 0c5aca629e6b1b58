/**
 * The little of ATerm that derivations use: quoted strings, lists and tuples, without any space.
 *
 * Only `"`, `\`, LF, CR and TAB are escaped; every other byte stands for itself.
 */
import type { ByteString } from "../base/bytes.ts";
import { StoreError } from "./error.ts";

const NEEDS_ESCAPE = /["\\\n\r\t]/;
const SPECIAL = /["\\\n\r\t]/g;

function escaped(char: string): string {
  switch (char) {
    case "\n":
      return "\\n";
    case "\r":
      return "\\r";
    case "\t":
      return "\\t";
    default:
      return `\\${char}`;
  }
}

/** A string with its quotes and escapes. */
export function atermString(text: ByteString): ByteString {
  return NEEDS_ESCAPE.test(text) ? `"${text.replace(SPECIAL, escaped)}"` : `"${text}"`;
}

/** A list of strings, escaped. */
export function atermStrings(texts: Iterable<ByteString>): ByteString {
  let out = "";
  for (const text of texts) out += out === "" ? atermString(text) : `,${atermString(text)}`;
  return `[${out}]`;
}

/** A list of strings that are written as they are: names and store paths. */
export function atermRawStrings(texts: readonly ByteString[]): ByteString {
  return texts.length === 0 ? "[]" : `["${texts.join('","')}"]`;
}

/** Reads an ATerm from front to back. Every method throws `StoreError` where the text is not as expected. */
export class AtermReader {
  private readonly text: ByteString;
  private at = 0;

  constructor(text: ByteString) {
    this.text = text;
  }

  expect(token: string): void {
    if (!this.text.startsWith(token, this.at)) throw new StoreError(`expected string '${token}'`);
    this.at += token.length;
  }

  /** Takes the token if it is next. */
  accept(token: string): boolean {
    if (!this.text.startsWith(token, this.at)) return false;
    this.at += token.length;
    return true;
  }

  string(): ByteString {
    this.expect('"');
    const start = this.at;
    let end = this.text.indexOf('"', start);
    const firstEscape = this.text.slice(start, end < 0 ? undefined : end).indexOf("\\");
    if (end >= 0 && firstEscape < 0) {
      this.at = end + 1;
      return this.text.slice(start, end);
    }
    let out = "";
    for (end = start; ; end++) {
      if (end >= this.text.length) throw new StoreError("unterminated string in derivation");
      const char = this.text.charAt(end);
      if (char === '"') break;
      if (char !== "\\") {
        out += char;
        continue;
      }
      end++;
      if (end >= this.text.length) throw new StoreError("unterminated string in derivation");
      const letter = this.text.charAt(end);
      out += letter === "n" ? "\n" : letter === "r" ? "\r" : letter === "t" ? "\t" : letter;
    }
    this.at = end + 1;
    return out;
  }

  /** `[item,item…]` */
  list<Item>(item: () => Item): Item[] {
    const items: Item[] = [];
    this.expect("[");
    if (this.accept("]")) return items;
    do items.push(item());
    while (this.accept(","));
    this.expect("]");
    return items;
  }

  strings(): ByteString[] {
    return this.list(() => this.string());
  }
}
