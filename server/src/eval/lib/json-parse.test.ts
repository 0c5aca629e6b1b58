import fc from "fast-check";
import { expect, test } from "vitest";
import { bytesFromText } from "../../base/bytes.ts";
import { type JsonBuilder, parseJson } from "./json-parse.ts";

class Float {
  readonly value: number;
  constructor(value: number) {
    this.value = value;
  }
}

type Value = null | boolean | number | bigint | Float | string | Value[] | Map<string, Value>;

const builder: JsonBuilder<Value> = {
  null: () => null,
  boolean: (value) => value,
  integer: (value) => value,
  float: (value) => new Float(value),
  string: (value) => value,
  list: (items) => items,
  object: (entries) => entries,
};

const parse = (text: string) => parseJson(text, builder);

/** What JSON.parse gives, in our terms. */
function expected(value: unknown): Value {
  if (Array.isArray(value)) return value.map(expected);
  if (typeof value === "string") return bytesFromText(value);
  if (typeof value === "number") return Number.isInteger(value) ? value + 0 : new Float(value);
  if (typeof value !== "object" || value === null) return value as Value;
  return new Map(Object.entries(value).map(([key, each]) => [bytesFromText(key), expected(each)]));
}

test("reads whatever JavaScript writes", () => {
  // Large whole numbers have a test of their own.
  const json = fc
    .jsonValue()
    .filter((value) => !/e[-+]|(?<![.\d])\d{16}/.test(JSON.stringify(value)));
  fc.assert(
    fc.property(json, fc.constantFrom(undefined, 1, "\t"), (value, space) => {
      const text = JSON.stringify(value, undefined, space);
      expect(parse(bytesFromText(text))).toEqual(expected(JSON.parse(text)));
    }),
  );
});

test("accepts and refuses the texts that JavaScript does, lone surrogates and large numbers aside", () => {
  const piece = fc.constantFrom(
    ...['"', "\\", "{", "}", "[", "]", ",", ":", "0", "1", "-", ".", "e", "+", " ", "\n", "\\n"],
    ...["true", "null", '"a"', "[1]", '{"a":1}', "\\u0041", "\u0001", "a"],
  );
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 8 }), (pieces) => {
      const text = pieces.join("");
      let good = true;
      try {
        JSON.parse(text);
      } catch {
        good = false;
      }
      if (good) parse(text);
      else expect(() => parse(text)).toThrow(/^\[json\.exception\./);
    }),
    { numRuns: 2000 },
  );
});

test.each<[text: string, value: Value]>([
  ["0", 0],
  ["-0", 0],
  ["-0.0", new Float(-0)],
  ["1e2", new Float(100)],
  ["1.0", new Float(1)],
  ["9007199254740991", 9007199254740991],
  ["9007199254740993", 9007199254740993n],
  ["9223372036854775807", 2n ** 63n - 1n],
  ["-9223372036854775808", -(2n ** 63n)],
  // Outside of 64 bits there are only floats.
  ["-9223372036854775809", new Float(-(2 ** 63))],
  ["18446744073709551616", new Float(2 ** 64)],
  ["1e-400", new Float(0)],
])("the number %s", (text, value) => {
  expect(parse(text)).toEqual(value);
});

test("of repeated keys the last counts; a byte order mark is skipped", () => {
  expect(parse('\xef\xbb\xbf{"a":1,"b":2,"a":3}')).toEqual(
    new Map([
      ["a", 3],
      ["b", 2],
    ]),
  );
});

test("escapes become UTF-8", () => {
  expect(parse('"\\u00e9\\u20ac\\ud83d\\ude00\\/"')).toBe(bytesFromText("é€😀/"));
});

test("nesting is limited by memory only", () => {
  const depth = 200_000;
  let value = parse("[".repeat(depth) + "]".repeat(depth));
  let found = 0;
  for (; Array.isArray(value); value = value[0] as Value) found++;
  expect(found).toBe(depth);
});

test.each([
  [
    "",
    1,
    1,
    "attempting to parse an empty input; check that your input string or stream contains the expected JSON",
  ],
  [
    " ",
    1,
    2,
    "syntax error while parsing value - unexpected end of input; expected '[', '{', or a literal",
  ],
  [
    "\n\n  x",
    3,
    3,
    "syntax error while parsing value - invalid literal; last read: '<U+000A><U+000A>  x'",
  ],
  [
    "[1 x",
    1,
    4,
    "syntax error while parsing array - invalid literal; last read: '1 x'; expected ']'",
  ],
  [
    "[1,]",
    1,
    4,
    "syntax error while parsing value - unexpected ']'; expected '[', '{', or a literal",
  ],
  ["[1 2]", 1, 4, "syntax error while parsing array - unexpected number literal; expected ']'"],
  ["[1 2\n]", 1, 0, "syntax error while parsing array - unexpected number literal; expected ']'"],
  [
    "{",
    1,
    2,
    "syntax error while parsing object key - unexpected end of input; expected string literal",
  ],
  [
    "{tru",
    1,
    5,
    "syntax error while parsing object key - invalid literal; last read: '{tru'; expected string literal",
  ],
  [
    '{"a" 1}',
    1,
    6,
    "syntax error while parsing object separator - unexpected number literal; expected ':'",
  ],
  [
    '{"a":1 "b"',
    1,
    10,
    "syntax error while parsing object - unexpected string literal; expected '}'",
  ],
  [
    "1 2",
    1,
    3,
    "syntax error while parsing value - unexpected number literal; expected end of input",
  ],
  [
    "01",
    1,
    2,
    "syntax error while parsing value - unexpected number literal; expected end of input",
  ],
  [
    "-",
    1,
    2,
    "syntax error while parsing value - invalid number; expected digit after '-'; last read: '-'",
  ],
  [
    "1.",
    1,
    3,
    "syntax error while parsing value - invalid number; expected digit after '.'; last read: '1.'",
  ],
  [
    "1ex",
    1,
    3,
    "syntax error while parsing value - invalid number; expected '+', '-', or digit after exponent; last read: '1ex'",
  ],
  [
    "1e+",
    1,
    4,
    "syntax error while parsing value - invalid number; expected digit after exponent sign; last read: '1e+'",
  ],
  [
    '"a',
    1,
    3,
    "syntax error while parsing value - invalid string: missing closing quote; last read: '\"a'",
  ],
  [
    '"\n"',
    2,
    0,
    "syntax error while parsing value - invalid string: control character U+000A (LF) must be escaped to \\u000A or \\n; last read: '\"<U+000A>'",
  ],
  [
    '"\x1f',
    1,
    2,
    "syntax error while parsing value - invalid string: control character U+001F (US) must be escaped to \\u001F; last read: '\"<U+001F>'",
  ],
  [
    '"\\q"',
    1,
    3,
    "syntax error while parsing value - invalid string: forbidden character after backslash; last read: '\"\\q'",
  ],
  [
    '"\\u12"',
    1,
    6,
    "syntax error while parsing value - invalid string: '\\u' must be followed by 4 hex digits; last read: '\"\\u12\"'",
  ],
  [
    '"\\ud800"',
    1,
    8,
    "syntax error while parsing value - invalid string: surrogate U+D800..U+DBFF must be followed by U+DC00..U+DFFF; last read: '\"\\ud800\"'",
  ],
  [
    '"\\udc00"',
    1,
    7,
    "syntax error while parsing value - invalid string: surrogate U+DC00..U+DFFF must follow U+D800..U+DBFF; last read: '\"\\udc00'",
  ],
  [
    '"\xe2\x82a"',
    1,
    4,
    "syntax error while parsing value - invalid string: ill-formed UTF-8 byte; last read: '\"\xe2\x82a'",
  ],
  [
    "\xef\xbb1",
    1,
    3,
    "syntax error while parsing value - invalid BOM; must be 0xEF 0xBB 0xBF if given; last read: '\xef\xbb1'",
  ],
])("%j is refused", (text, line, column, problem) => {
  expect(() => parse(text)).toThrow(
    expect.objectContaining({
      message: `[json.exception.parse_error.101] parse error at line ${line}, column ${column}: ${problem}`,
    }),
  );
});

test("what JSON allows and Nix has no value for", () => {
  expect(() => parse("1e400")).toThrow(
    "[json.exception.out_of_range.406] number overflow parsing '1e400'",
  );
  expect(() => parse("9223372036854775808")).toThrow(
    "unsigned json number 9223372036854775808 outside of Nix integer range",
  );
  for (const text of ['"a\\u0000"', '{"a\\u0000":1}']) {
    expect(() => parse(text)).toThrow(
      "input string 'a\xe2\x90\x80' cannot be represented as Nix string because it contains null bytes",
    );
  }
});
