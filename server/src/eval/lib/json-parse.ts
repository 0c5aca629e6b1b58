/**
 * Reading JSON as `builtins.fromJSON` does: strictly by RFC 8259 (a byte order mark is skipped), with the
 * messages of the library that Nix uses (nlohmann).
 */
import { type ByteString, bytesFromText, utf8SequenceLength } from "../../base/bytes.ts";
import { EvalLibError } from "./error.ts";
import { utf8PrefixLength } from "./json-string.ts";

/** Makes the values; children come before what holds them. */
export interface JsonBuilder<Value> {
  null(): Value;
  boolean(value: boolean): Value;
  /** A whole number of 64 bits; a bigint only where a number is not exact. */
  integer(value: number | bigint): Value;
  float(value: number): Value;
  string(value: ByteString): Value;
  list(items: Value[]): Value;
  /** Of repeated keys the last value, at the place of the first. */
  object(entries: Map<ByteString, Value>): Value;
}

/** What stands next in the text. */
type Token =
  | "end of input"
  | "'['"
  | "']'"
  | "'{'"
  | "'}'"
  | "':'"
  | "','"
  | "true literal"
  | "false literal"
  | "null literal"
  | "string literal"
  | "number literal";

const PUNCTUATION: Readonly<Record<string, Token>> = {
  "[": "'['",
  "]": "']'",
  "{": "'{'",
  "}": "'}'",
  ":": "':'",
  ",": "','",
};

const ESCAPES: Readonly<Record<string, string>> = {
  '"': '"',
  "\\": "\\",
  "/": "/",
  b: "\b",
  f: "\f",
  n: "\n",
  r: "\r",
  t: "\t",
};

const CONTROL_NAMES =
  "NUL SOH STX ETX EOT ENQ ACK BEL BS HT LF VT FF CR SO SI DLE DC1 DC2 DC3 DC4 NAK SYN ETB CAN EM SUB ESC FS GS RS US".split(
    " ",
  );

/** Control characters that have a short escape. */
const SHORT_ESCAPES: Readonly<Record<number, string>> = {
  8: "b",
  9: "t",
  10: "n",
  12: "f",
  13: "r",
};

const hex4 = (code: number) => code.toString(16).toUpperCase().padStart(4, "0");

/** What is no token; the parser adds where it was found. */
/** The text is not JSON, or a number in it none of a float. */
export class JsonTextError extends EvalLibError {}

class LexicalError extends Error {}

class Lexer {
  private readonly text: ByteString;
  /** Bytes read so far; one more than there are once the end was read. */
  private at = 0;
  /** Where the text that messages quote begins: it is reset by strings and numbers only. */
  private quoteStart = 0;
  /** True when the last token was a number, which is known to have ended only by what follows it. */
  private afterNumber = false;
  /** The value of the last string or number token; a number's text. */
  value: ByteString = "";

  constructor(text: ByteString) {
    this.text = text;
  }

  /** ` at line …, column …`, in bytes; the column counts what was read of the line. */
  position(): string {
    const read = this.text.slice(0, this.at);
    // A line feed that was read and put back after a number leaves no column behind.
    const lineStart =
      this.afterNumber && this.text[this.at] === "\n" ? this.at : read.lastIndexOf("\n") + 1;
    return `at line ${read.split("\n").length}, column ${this.at - lineStart}`;
  }

  /** What was read since the last string or number began, control characters spelled out. */
  lastRead(): string {
    return this.text
      .slice(this.quoteStart, this.at)
      .replace(/[^ -\xff]/g, (char) => `<U+${hex4(char.charCodeAt(0))}>`);
  }

  get nothingRead(): boolean {
    return this.at <= 1;
  }

  skipByteOrderMark(): void {
    if (this.text.charCodeAt(0) !== 0xef) return;
    for (const byte of [0xef, 0xbb, 0xbf]) {
      this.at++;
      if (this.text.charCodeAt(this.at - 1) !== byte) {
        throw new LexicalError("invalid BOM; must be 0xEF 0xBB 0xBF if given");
      }
    }
  }

  /** Throws `LexicalError`. */
  next(): Token {
    const { text } = this;
    this.afterNumber = false;
    let char = text[this.at++];
    while (char === " " || char === "\n" || char === "\t" || char === "\r") char = text[this.at++];
    switch (char) {
      case undefined:
        return "end of input";
      case '"':
        return this.string();
      case "t":
        return this.literal("rue", "true literal");
      case "f":
        return this.literal("alse", "false literal");
      case "n":
        return this.literal("ull", "null literal");
      default: {
        const token = PUNCTUATION[char];
        if (token !== undefined) return token;
        if (char === "-" || (char >= "0" && char <= "9")) return this.number();
        throw new LexicalError("invalid literal");
      }
    }
  }

  private literal(rest: string, token: Token): Token {
    for (const expected of rest) {
      if (this.text[this.at++] !== expected) throw new LexicalError("invalid literal");
    }
    return token;
  }

  private string(): Token {
    const { text } = this;
    let start = this.at;
    this.quoteStart = start - 1;
    let value = "";
    for (let at = start; ; ) {
      const code = text.charCodeAt(at);
      if (code === 0x22) {
        this.value = value + text.slice(start, at);
        this.at = at + 1;
        return "string literal";
      }
      if (code === 0x5c) {
        value += text.slice(start, at);
        this.at = at + 1;
        value += this.escape();
        at = this.at;
        start = at;
      } else if (code >= 0x20 && code < 0x80) at++;
      else if (code < 0x20) {
        this.at = at + 1;
        const short = SHORT_ESCAPES[code];
        throw new LexicalError(
          `invalid string: control character U+${hex4(code)} (${CONTROL_NAMES[code]}) must be escaped to \\u${hex4(code)}${short === undefined ? "" : ` or \\${short}`}`,
        );
      } else if (code >= 0x80) {
        const length = utf8SequenceLength(text, at);
        if (length === 0) {
          this.at = at + utf8PrefixLength(text, at) + 1;
          throw new LexicalError("invalid string: ill-formed UTF-8 byte");
        }
        at += length;
      } else {
        this.at = at + 1;
        throw new LexicalError("invalid string: missing closing quote");
      }
    }
  }

  /** What an escape after its backslash stands for. */
  private escape(): ByteString {
    const char = this.text.charAt(this.at++);
    if (char !== "u") {
      const plain = ESCAPES[char];
      if (plain !== undefined) return plain;
      throw new LexicalError("invalid string: forbidden character after backslash");
    }
    const first = this.codeUnit();
    if (first < 0xd800 || first > 0xdfff) return bytesFromText(String.fromCharCode(first));
    if (first >= 0xdc00) {
      throw new LexicalError("invalid string: surrogate U+DC00..U+DFFF must follow U+D800..U+DBFF");
    }
    const followed = this.text[this.at++] === "\\" && this.text[this.at++] === "u";
    const second = followed ? this.codeUnit() : 0;
    if (second < 0xdc00 || second > 0xdfff) {
      throw new LexicalError(
        "invalid string: surrogate U+D800..U+DBFF must be followed by U+DC00..U+DFFF",
      );
    }
    return bytesFromText(String.fromCharCode(first, second));
  }

  private codeUnit(): number {
    let value = 0;
    for (let i = 0; i < 4; i++) {
      const char = this.text.charAt(this.at++);
      if (!/^[0-9A-Fa-f]$/.test(char)) {
        throw new LexicalError("invalid string: '\\u' must be followed by 4 hex digits");
      }
      value = value * 16 + Number.parseInt(char, 16);
    }
    return value;
  }

  private number(): Token {
    const { text } = this;
    const start = this.at - 1;
    this.quoteStart = start;
    let at = start;
    const digits = (problem: string) => {
      if (!isDigit(text, at)) {
        this.at = at + 1;
        throw new LexicalError(`invalid number; expected ${problem}`);
      }
      while (isDigit(text, at)) at++;
    };
    if (text[at] === "-") at++;
    if (text[at] === "0") at++;
    else digits("digit after '-'");
    if (text[at] === ".") {
      at++;
      digits("digit after '.'");
    }
    if (text[at] === "e" || text[at] === "E") {
      at++;
      if (text[at] === "+" || text[at] === "-") {
        at++;
        digits("digit after exponent sign");
      } else digits("'+', '-', or digit after exponent");
    }
    this.value = text.slice(start, at);
    this.at = at;
    this.afterNumber = true;
    return "number literal";
  }
}

function isDigit(text: ByteString, at: number): boolean {
  const code = text.charCodeAt(at);
  return code >= 0x30 && code <= 0x39;
}

const MAX_INT64 = 2n ** 63n - 1n;
const MIN_INT64 = -(2n ** 63n);
const MAX_UINT64 = 2n ** 64n - 1n;

class Parser<Value> {
  private readonly builder: JsonBuilder<Value>;
  private readonly lexer: Lexer;

  constructor(text: ByteString, builder: JsonBuilder<Value>) {
    this.lexer = new Lexer(text);
    this.builder = builder;
  }

  /** No recursion, so that nesting is limited by memory only. */
  parse(): Value {
    const { builder, lexer } = this;
    const outer: Open<Value>[] = [];
    let open: Open<Value> | undefined;
    let token = this.first();
    for (;;) {
      let value: Value;
      switch (token) {
        case "'['":
          token = this.next("value");
          if (token === "']'") {
            value = builder.list([]);
            break;
          }
          if (open !== undefined) outer.push(open);
          open = { items: [] };
          continue;
        case "'{'": {
          token = this.next("object key", "string literal");
          if (token === "'}'") {
            value = builder.object(new Map());
            break;
          }
          if (open !== undefined) outer.push(open);
          open = { entries: new Map(), key: this.key(token) };
          token = this.next("value");
          continue;
        }
        case "true literal":
        case "false literal":
          value = builder.boolean(token === "true literal");
          break;
        case "null literal":
          value = builder.null();
          break;
        case "string literal":
          value = builder.string(withoutNul(lexer.value));
          break;
        case "number literal":
          value = this.number(lexer.value);
          break;
        default:
          throw this.unexpected(token, "value", "'[', '{', or a literal");
      }
      // The value is complete, and with it maybe what holds it.
      for (;;) {
        if (open === undefined) {
          token = this.next("value", "end of input");
          if (token !== "end of input") throw this.unexpected(token, "value", "end of input");
          return value;
        }
        if (open.items !== undefined) {
          open.items.push(value);
          token = this.next("array", "']'");
          if (token === "','") {
            token = this.next("value");
            break;
          }
          if (token !== "']'") throw this.unexpected(token, "array", "']'");
          value = builder.list(open.items);
        } else {
          open.entries.set(open.key, value);
          token = this.next("object", "'}'");
          if (token === "','") {
            open.key = this.key(this.next("object key", "string literal"));
            token = this.next("value");
            break;
          }
          if (token !== "'}'") throw this.unexpected(token, "object", "'}'");
          value = builder.object(open.entries);
        }
        open = outer.pop();
      }
    }
  }

  private first(): Token {
    try {
      this.lexer.skipByteOrderMark();
    } catch (error) {
      throw this.lexical(error, "value");
    }
    const token = this.next("value");
    if (token === "end of input" && this.lexer.nothingRead) {
      throw this.syntaxError(
        "attempting to parse an empty input; check that your input string or stream contains the expected JSON",
      );
    }
    return token;
  }

  /** The key that the token is, and the colon after it. */
  private key(token: Token): ByteString {
    if (token !== "string literal") throw this.unexpected(token, "object key", "string literal");
    const key = withoutNul(this.lexer.value);
    const separator = this.next("object separator", "':'");
    if (separator !== "':'") throw this.unexpected(separator, "object separator", "':'");
    return key;
  }

  private number(text: string): Value {
    if (/[.eE]/.test(text)) return this.float(text);
    const value = Number(text);
    // `-0` is a whole number, 0.
    if (Number.isSafeInteger(value)) return this.builder.integer(value + 0);
    const exact = BigInt(text);
    if (exact >= MIN_INT64 && exact <= MAX_INT64) return this.builder.integer(exact);
    if (exact < 0n || exact > MAX_UINT64) return this.float(text);
    throw new EvalLibError(`unsigned json number ${text} outside of Nix integer range`);
  }

  private float(text: string): Value {
    const value = Number(text);
    if (!Number.isFinite(value)) {
      throw new JsonTextError(
        `[json.exception.out_of_range.406] number overflow parsing '${text}'`,
      );
    }
    return this.builder.float(value);
  }

  private next(context: string, expected?: string): Token {
    try {
      return this.lexer.next();
    } catch (error) {
      throw this.lexical(error, context, expected);
    }
  }

  private lexical(error: unknown, context: string, expected?: string): unknown {
    if (!(error instanceof LexicalError)) return error;
    const problem = `${error.message}; last read: '${this.lexer.lastRead()}'`;
    return this.wrong(context, problem, expected);
  }

  private unexpected(token: Token, context: string, expected: string): EvalLibError {
    return this.wrong(context, `unexpected ${token}`, expected);
  }

  private wrong(context: string, problem: string, expected: string | undefined): EvalLibError {
    const wanted = expected === undefined ? "" : `; expected ${expected}`;
    return this.syntaxError(`syntax error while parsing ${context} - ${problem}${wanted}`);
  }

  private syntaxError(message: string): EvalLibError {
    return new JsonTextError(
      `[json.exception.parse_error.101] parse error ${this.lexer.position()}: ${message}`,
    );
  }
}

/** A list or an object whose end has not come yet. */
type Open<Value> =
  | { readonly items: Value[]; readonly entries?: undefined }
  | { readonly items?: undefined; readonly entries: Map<ByteString, Value>; key: ByteString };

function withoutNul(text: ByteString): ByteString {
  if (!text.includes("\0")) return text;
  const shown = text.replaceAll("\0", bytesFromText("\u2400"));
  throw new EvalLibError(
    `input string '${shown}' cannot be represented as Nix string because it contains null bytes`,
  );
}

/** The value that the text is. Throws `EvalLibError` with the message that Nix gives. */
export function parseJson<Value>(text: ByteString, builder: JsonBuilder<Value>): Value {
  return new Parser(text, builder).parse();
}
