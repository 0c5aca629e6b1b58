/**
 * Reading TOML 1.0 as `builtins.fromTOML` does: what the library that Nix uses (toml11, version 4)
 * accepts, its extensions off. Messages have that library's form and mostly our own words.
 */
import { type ByteString, bytesFromText, utf8SequenceLength } from "../../base/bytes.ts";
import { EvalLibError } from "./error.ts";

/** Makes the values; children come before what holds them. */
export interface TomlBuilder<Value> {
  boolean(value: boolean): Value;
  /** A whole number of 64 bits; a bigint only where a number is not exact. */
  integer(value: number | bigint): Value;
  /** A number, or an infinity. */
  float(value: number): Value;
  notANumber(isNegative: boolean): Value;
  string(value: ByteString): Value;
  list(items: Value[]): Value;
  table(entries: Map<ByteString, Value>): Value;
  /** A date, a time or both, such as `1979-05-27T07:32:00.500Z`. */
  timestamp(text: string): Value;
}

/**
 * How a table came to be, which decides what may still be added to it. `implicit`: by the header of a
 * table inside it; `header`: by its own; `dotted`: by a dotted key; `inline`: in braces.
 */
type TableKind = "implicit" | "header" | "dotted" | "inline";

interface Table {
  readonly type: "table";
  kind: TableKind;
  readonly entries: Map<ByteString, Node>;
}

/** What the text says, before values are made of it. `tables`: by headers in double brackets. */
type Node =
  | Table
  | { readonly type: "tables"; readonly items: Table[] }
  | { readonly type: "list"; readonly items: Node[] }
  | { readonly type: "boolean"; readonly value: boolean }
  | { readonly type: "integer"; readonly value: number | bigint }
  | { readonly type: "float"; readonly value: number }
  | { readonly type: "nan"; readonly isNegative: boolean }
  | { readonly type: "string" | "timestamp"; readonly value: ByteString };

function newTable(kind: TableKind): Table {
  return { type: "table", kind, entries: new Map() };
}

const ESCAPES: Readonly<Record<string, string>> = {
  b: "\b",
  t: "\t",
  n: "\n",
  f: "\f",
  r: "\r",
  '"': '"',
  "\\": "\\",
};

const BARE_KEY = /[A-Za-z0-9_-]+/y;
/** What numbers, dates and words are made of. */
const WORD = /[A-Za-z0-9_+\-.:]+/y;
const TIME_AFTER_SPACE = / [0-9]{2}:[0-9A-Za-z:.+-]*/y;
/** Printable ASCII but quotes and backslashes, which any string may hold. */
const PLAIN = /[ !#-&(-[\]-~]+/y;
const BLANKS = /[ \t]*/y;

const DATE = "([0-9]{4})-([0-9]{2})-([0-9]{2})";
const TIME = "([0-9]{2}):([0-9]{2}):([0-9]{2})(?:\\.([0-9]+))?";
const LOCAL_DATE = new RegExp(`^${DATE}$`);
const LOCAL_TIME = new RegExp(`^${TIME}$`);
const DATE_TIME = new RegExp(`^${DATE}[Tt ]${TIME}([Zz]|[-+][0-9]{2}:[0-9]{2})?$`);

const DECIMAL = /^[-+]?(?:0|[1-9](?:_?[0-9])*)$/;
const RADIX = /^0(?:x[0-9A-Fa-f](?:_?[0-9A-Fa-f])*|o[0-7](?:_?[0-7])*|b[01](?:_?[01])*)$/;
const FLOAT =
  /^[-+]?(?:0|[1-9](?:_?[0-9])*)(?:\.[0-9](?:_?[0-9])*)?(?:[eE][-+]?[0-9](?:_?[0-9])*)?$/;
const SPECIAL_FLOAT = /^[-+]?(?:inf|nan)$/;

const MAX_INT64 = 2n ** 63n - 1n;
const MIN_INT64 = -(2n ** 63n);

class Parser {
  private readonly text: ByteString;
  private at = 0;

  constructor(text: ByteString) {
    this.text = text;
  }

  parse(): Table {
    const root = newTable("header");
    let current = root;
    if (this.text.startsWith("\xef\xbb\xbf")) this.at = 3;
    for (;;) {
      this.blanks();
      if (this.at >= this.text.length) return root;
      if (this.atLineEnd()) {
        this.lineEnd();
        continue;
      }
      if (this.text[this.at] === "[") current = this.header(root);
      else {
        this.keyValue(current);
        this.blanks();
        // The library takes a header on the line of a value.
        if (this.text[this.at] === "[") continue;
      }
      this.blanks();
      this.lineEnd();
    }
  }

  /** An error at a place in the text, shown as the library shows its own. */
  private error(message: string, note: string, at = this.at): EvalLibError {
    const lineStart = this.text.lastIndexOf("\n", at - 1) + 1;
    const end = this.text.indexOf("\n", at);
    const line = this.text.slice(lineStart, end < 0 ? undefined : end).replace(/\r$/, "");
    const number = `${this.text.slice(0, lineStart).split("\n").length}`;
    const margin = " ".repeat(number.length + 2);
    const pointer = `${" ".repeat(at - lineStart)}^-- ${note}`;
    return new EvalLibError(
      `while parsing TOML: [error] ${message}\n --> fromTOML\n${margin}|\n ${number} | ${line}\n${margin}| ${pointer}\n`,
    );
  }

  /** Takes what a sticky expression matches here. */
  private take(expression: RegExp): string {
    expression.lastIndex = this.at;
    const found = expression.exec(this.text)?.[0] ?? "";
    this.at += found.length;
    return found;
  }

  private blanks(): void {
    this.take(BLANKS);
  }

  private accept(token: string): boolean {
    if (!this.text.startsWith(token, this.at)) return false;
    this.at += token.length;
    return true;
  }

  private atLineEnd(): boolean {
    const char = this.text[this.at];
    return char === "#" || char === "\n" || this.text.startsWith("\r\n", this.at);
  }

  /** A comment, if there is one, and the line feed or the end of the text. */
  private lineEnd(): void {
    if (this.accept("#")) {
      while (this.at < this.text.length) {
        const length = this.characterLength();
        if (length === 0) break;
        this.at += length;
      }
    }
    if (this.at >= this.text.length || this.accept("\n") || this.accept("\r\n")) return;
    throw this.error("newline (LF / CRLF) or EOF is expected", "here");
  }

  /** Blanks, line feeds and comments, as they may stand in an array. */
  private space(): void {
    for (this.blanks(); this.atLineEnd(); this.blanks()) this.lineEnd();
  }

  /** The length of the character here; 0 for control characters and what is not UTF-8. */
  private characterLength(): number {
    const code = this.text.charCodeAt(this.at);
    if ((code < 0x20 && code !== 9) || code === 0x7f) return 0;
    return utf8SequenceLength(this.text, this.at);
  }

  // Tables and keys

  /** `[a.b]` or `[[a.b]]`: the table that what follows belongs to. */
  private header(root: Table): Table {
    const start = this.at;
    const isArray = this.accept("[[");
    if (!isArray) this.at++;
    this.blanks();
    const path = this.keyPath();
    this.blanks();
    if (!this.accept(isArray ? "]]" : "]")) throw this.error("invalid table key", "expected ]");
    const last = path.pop() as ByteString;
    let table = root;
    for (const key of path) table = this.inside(table, key, start);
    const known = table.entries.get(last);
    if (isArray) {
      const added = newTable("header");
      if (known === undefined) table.entries.set(last, { type: "tables", items: [added] });
      else if (known.type === "tables") known.items.push(added);
      else
        throw this.error(
          "failed to insert an array of tables, value already exists",
          "here",
          start,
        );
      return added;
    }
    if (known === undefined) {
      const added = newTable("header");
      table.entries.set(last, added);
      return added;
    }
    if (known.type !== "table" || known.kind !== "implicit") {
      throw this.error("failed to insert a table, table already defined", "here", start);
    }
    known.kind = "header";
    return known;
  }

  /** The table that a key in a header names on the way to the last. */
  private inside(table: Table, key: ByteString, at: number): Table {
    const known = table.entries.get(key);
    if (known === undefined) {
      const added = newTable("implicit");
      table.entries.set(key, added);
      return added;
    }
    if (known.type === "tables") return known.items.at(-1) as Table;
    if (known.type === "table" && known.kind !== "inline") return known;
    throw this.error("failed to insert a table, value already exists", "here", at);
  }

  private keyValue(table: Table): void {
    const start = this.at;
    const path = this.keyPath();
    this.blanks();
    if (!this.accept("=")) throw this.error("invalid key value separator `=`", "expected =");
    this.blanks();
    const value = this.value();
    const last = path.pop() as ByteString;
    let inner = table;
    for (const key of path) {
      const known = inner.entries.get(key);
      if (known === undefined) {
        const added = newTable("dotted");
        inner.entries.set(key, added);
        inner = added;
      } else if (known.type === "table" && known.kind === "dotted") inner = known;
      else if (known.type === "table" && known.kind !== "inline") {
        throw this.error("reopening a table using dotted keys", "here", start);
      } else throw this.error("failed to insert a value, value already exists", "here", start);
    }
    if (inner.entries.has(last)) {
      throw this.error("failed to insert a value, value already exists", "here", start);
    }
    inner.entries.set(last, value);
  }

  private keyPath(): ByteString[] {
    const path = [this.key()];
    for (;;) {
      const end = this.at;
      this.blanks();
      if (!this.accept(".")) {
        this.at = end;
        return path;
      }
      this.blanks();
      path.push(this.key());
    }
  }

  private key(): ByteString {
    if (this.accept('"')) return this.basicString();
    if (this.accept("'")) return this.literalString();
    const key = this.take(BARE_KEY);
    if (key !== "") return key;
    throw this.error("invalid key: key must be \"quoted\", 'quoted-literal', or bare key.", "here");
  }

  // Values

  private value(): Node {
    if (this.accept('"""')) return { type: "string", value: this.longBasicString() };
    if (this.accept("'''")) return { type: "string", value: this.longLiteralString() };
    if (this.accept('"')) return { type: "string", value: this.basicString() };
    if (this.accept("'")) return { type: "string", value: this.literalString() };
    if (this.accept("[")) return this.list();
    if (this.accept("{")) return this.inlineTable();
    return this.word();
  }

  private list(): Node {
    const items: Node[] = [];
    for (this.space(); !this.accept("]"); this.space()) {
      items.push(this.value());
      this.space();
      if (this.accept(",")) continue;
      if (this.accept("]")) break;
      throw this.error("invalid array", "expected , or ]");
    }
    return { type: "list", items };
  }

  private inlineTable(): Node {
    const table = newTable("inline");
    this.blanks();
    if (this.accept("}")) return table;
    for (;;) {
      this.blanks();
      this.keyValue(table);
      this.blanks();
      if (this.accept("}")) return table;
      if (!this.accept(",")) throw this.error("invalid inline table", "expected , or }");
    }
  }

  /** A boolean, a number or a date. */
  private word(): Node {
    const start = this.at;
    let word = this.take(WORD);
    if (LOCAL_DATE.test(word)) word += this.take(TIME_AFTER_SPACE);
    if (word === "true" || word === "false") return { type: "boolean", value: word === "true" };
    if (DECIMAL.test(word))
      return this.integer(BigInt(word.replace(/^\+|_/g, "")), "dec", "digits");
    if (RADIX.test(word)) {
      const name = word[1] === "x" ? "hex" : word[1] === "o" ? "oct" : "bin";
      return this.integer(BigInt(word.replaceAll("_", "")), name, "value");
    }
    if (SPECIAL_FLOAT.test(word)) {
      const isNegative = word.startsWith("-");
      if (word.endsWith("nan")) return { type: "nan", isNegative };
      const value = isNegative ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;
      return { type: "float", value };
    }
    if (FLOAT.test(word)) {
      const value = Number(word.replaceAll("_", ""));
      if (Number.isFinite(value)) return { type: "float", value };
      throw this.error(
        "toml::parse_floating: failed to read floating point value from stream",
        "here",
      );
    }
    const timestamp = timestampOf(word);
    if (timestamp !== undefined) return { type: "timestamp", value: timestamp };
    throw this.error("bad format: unknown value appeared", "here", start);
  }

  private integer(value: bigint, name: string, unit: string): Node {
    if (value > MAX_INT64 || value < MIN_INT64) {
      throw this.error(
        `toml::parse_${name}_integer: too large integer: current max ${unit} = 2^63`,
        "must be < 2^63",
      );
    }
    const number = Number(value);
    return { type: "integer", value: Number.isSafeInteger(number) ? number : value };
  }

  // Strings, each after its opening quotes

  private basicString(): ByteString {
    let value = "";
    for (;;) {
      if (this.accept('"')) return value;
      value += this.take(PLAIN) || (this.accept("\\") ? this.escape() : this.character());
    }
  }

  private literalString(): ByteString {
    const start = this.at;
    while (this.text[this.at] !== "'") this.take(PLAIN) || this.character();
    return this.text.slice(start, this.at++);
  }

  private longBasicString(): ByteString {
    let value = "";
    this.newline();
    for (;;) {
      const quotes = this.closing('"');
      if (quotes !== undefined) return value + quotes;
      if (!this.accept("\\")) {
        value += this.take(PLAIN) || this.newline() || this.character();
        continue;
      }
      // At the end of a line: all space up to the next character is dropped.
      const end = this.at;
      this.blanks();
      if (this.newline() === "") {
        this.at = end;
        value += this.escape();
        continue;
      }
      do this.blanks();
      while (this.newline() !== "");
    }
  }

  private longLiteralString(): ByteString {
    let value = "";
    this.newline();
    for (;;) {
      const quotes = this.closing("'");
      if (quotes !== undefined) return value + quotes;
      value += this.take(PLAIN) || this.newline() || this.character();
    }
  }

  /** Three quotes end a string, and up to two before them belong to it: those, or nothing. */
  private closing(quote: string): string | undefined {
    for (const inner of [2, 1, 0]) {
      if (this.accept(quote.repeat(3 + inner))) return quote.repeat(inner);
    }
    return undefined;
  }

  private newline(): string {
    if (this.accept("\n")) return "\n";
    return this.accept("\r\n") ? "\r\n" : "";
  }

  private character(): ByteString {
    const length = this.at < this.text.length ? this.characterLength() : 0;
    if (length === 0) throw this.error("invalid string format", "here");
    this.at += length;
    return this.text.slice(this.at - length, this.at);
  }

  private escape(): ByteString {
    const start = this.at - 1;
    const char = this.text.charAt(this.at++);
    const plain = ESCAPES[char];
    if (plain !== undefined) return plain;
    const size = char === "u" ? 4 : char === "U" ? 8 : 0;
    const digits = this.text.slice(this.at, this.at + size);
    if (size === 0 || digits.length < size || !/^[0-9A-Fa-f]+$/.test(digits)) {
      throw this.error("invalid string format: unknown escape sequence", "here", start);
    }
    this.at += size;
    const code = Number.parseInt(digits, 16);
    if (code > 0x10_ffff || (code >= 0xd800 && code <= 0xdfff)) {
      throw this.error("invalid string format: not a Unicode character", "here", start);
    }
    return bytesFromText(String.fromCodePoint(code));
  }
}

/**
 * The text of a date, a time or both as Nix gives it: `T` between them, the fraction of the second with
 * 0, 3, 6 or 9 digits, `Z` for no offset. `undefined` when it is none.
 */
function timestampOf(word: string): string | undefined {
  const date = LOCAL_DATE.exec(word);
  if (date !== null) return isDate(date.slice(1)) ? word : undefined;
  const time = LOCAL_TIME.exec(word);
  if (time !== null) return timeText(time.slice(1));
  const both = DATE_TIME.exec(word);
  if (both === null || !isDate(both.slice(1, 4))) return undefined;
  const timePart = timeText(both.slice(4, 8));
  const offset = both[8] ?? "";
  const shown = offsetText(offset);
  if (timePart === undefined || shown === undefined) return undefined;
  return `${word.slice(0, 10)}T${timePart}${shown}`;
}

function isDate(parts: readonly string[]): boolean {
  const [year, month, day] = parts.map(Number) as [number, number, number];
  if (month < 1 || month > 12 || day < 1) return false;
  const leap = year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
  const days = [31, leap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
  return day <= (days[month - 1] as number);
}

/** Hours, minutes, seconds (up to 60, a leap second) and the fraction's digits. */
function timeText(parts: readonly (string | undefined)[]): string | undefined {
  const [hours = "", minutes = "", seconds = "", digits = ""] = parts;
  if (Number(hours) > 23 || Number(minutes) > 59 || Number(seconds) > 60) return undefined;
  const nanoseconds = digits.slice(0, 9).padEnd(9, "0");
  const fraction = nanoseconds.replace(/(?:000)+$/, "");
  return `${hours}:${minutes}:${seconds}${fraction === "" ? "" : `.${fraction}`}`;
}

/** An offset of up to 24 hours and 60 minutes. */
function offsetText(offset: string): string | undefined {
  if (offset.length < 6) return offset.toUpperCase();
  const hours = Number(offset.slice(1, 3));
  const minutes = Number(offset.slice(4));
  if (hours > 24 || minutes > 60) return undefined;
  if (hours + minutes === 0) return "Z";
  const two = (value: number) => `${value}`.padStart(2, "0");
  return `${offset[0]}${two(hours + Math.floor(minutes / 60))}:${two(minutes % 60)}`;
}

function withoutNul(text: ByteString): ByteString {
  if (!text.includes("\0")) return text;
  const shown = text.replaceAll("\0", bytesFromText("\u2400"));
  throw new EvalLibError(
    `while parsing TOML: error: input string '${shown}' cannot be represented as Nix string because it contains null bytes`,
  );
}

/**
 * The value that the text is. `timestamps`: the experimental feature `parse-toml-timestamps` is on.
 * Throws `EvalLibError` when the text is no TOML or holds what Nix has no value for.
 */
export function parseToml<Value>(
  text: ByteString,
  builder: TomlBuilder<Value>,
  timestamps = false,
): Value {
  const build = (node: Node): Value => {
    switch (node.type) {
      case "table": {
        const entries = new Map<ByteString, Value>();
        for (const [key, each] of node.entries) entries.set(withoutNul(key), build(each));
        return builder.table(entries);
      }
      case "tables":
      case "list":
        return builder.list(node.items.map(build));
      case "boolean":
        return builder.boolean(node.value);
      case "integer":
        return builder.integer(node.value);
      case "float":
        return builder.float(node.value);
      case "nan":
        return builder.notANumber(node.isNegative);
      case "string":
        return builder.string(withoutNul(node.value));
      case "timestamp":
        if (timestamps) return builder.timestamp(node.value);
        throw new EvalLibError("while parsing TOML: Dates and times are not supported");
    }
  };
  return build(new Parser(text).parse());
}
