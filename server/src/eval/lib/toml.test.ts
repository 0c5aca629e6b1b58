import fc from "fast-check";
import { expect, test } from "vitest";
import { bytesFromText } from "../../base/bytes.ts";
import { parseToml, type TomlBuilder } from "./toml.ts";

type Value = boolean | number | bigint | string | Value[] | { [key: string]: Value } | Float | Time;

class Float {
  readonly value: number;
  constructor(value: number) {
    this.value = value;
  }
}

class Time {
  readonly text: string;
  constructor(text: string) {
    this.text = text;
  }
}

const builder: TomlBuilder<Value> = {
  boolean: (value) => value,
  integer: (value) => value,
  float: (value) => new Float(value),
  notANumber: (isNegative) => (isNegative ? "-nan" : "nan"),
  string: (value) => value,
  list: (items) => items,
  table: (entries) => Object.fromEntries(entries),
  timestamp: (text) => new Time(text),
};

const parse = (text: string) => parseToml(text, builder, true);
const value = (text: string) => (parse(`x = ${text}`) as { x: Value }).x;

test("a document", () => {
  const text = `# comment
title = "T" # another
"quoted key" . 'and.this' = 1
list = [ 1, # one
  "two",
  [ ], ]

[owner]
name.first = "A"
name.last = "B"
inline = { a = 1, b.c = [ { } ] }

[owner.more.deep]
[owner.more]
x = true

[[item]]
n = 1
[item.sub]
[[item]]
[[item.sub]]
`;
  expect(parse(text)).toEqual({
    title: "T",
    "quoted key": { "and.this": 1 },
    list: [1, "two", []],
    owner: {
      name: { first: "A", last: "B" },
      inline: { a: 1, b: { c: [{}] } },
      more: { deep: {}, x: true },
    },
    item: [{ n: 1, sub: {} }, { sub: [{}] }],
  });
  expect(parse(`\xef\xbb\xbf${text.replaceAll("\n", "\r\n")}`)).toEqual(parse(text));
  expect(parse("")).toEqual({});
});

test.each<[text: string, expected: Value]>([
  ["0", 0],
  ["-0", 0],
  ["+1_000", 1000],
  ["9223372036854775807", 2n ** 63n - 1n],
  ["-9223372036854775808", -(2n ** 63n)],
  ["0xdead_BEEF", 0xdeadbeef],
  ["0o17", 15],
  ["0b101", 5],
  ["-0.0", new Float(-0)],
  ["1_0.0_1", new Float(10.01)],
  ["5e+2_0", new Float(5e20)],
  ["1e-999", new Float(0)],
  ["-inf", new Float(Number.NEGATIVE_INFINITY)],
  ["+inf", new Float(Number.POSITIVE_INFINITY)],
  ["nan", "nan"],
  ["+nan", "nan"],
  ["-nan", "-nan"],
  ["false", false],
])("the value %s", (text, expected) => {
  expect(value(text)).toEqual(expected);
});

test.each([
  ...[
    "",
    "01",
    "1_",
    "_1",
    "1__0",
    "0x",
    "0X1",
    "+0x1",
    "0b2",
    "1.",
    ".5",
    "1.e2",
    "1e",
    "Inf",
    "--1",
  ],
  ...[
    "True",
    "tru",
    "a",
    "1.0f",
    "1 2",
    "[1,,]",
    "[,]",
    "[1 2]",
    "[1",
    "{a=1,}",
    "{,}",
    "{a}",
    "{a=1",
    "{\na=1}",
  ],
  ...[
    '"',
    "'",
    '"\\e"',
    '"\\x41"',
    '"\\u12"',
    '"\\ud800"',
    '"\\U00110000"',
    '"\n"',
    "'\n'",
    '"\x01"',
    '"\x7f"',
    '"\xff"',
  ],
  ...['"""', '"""a""', '"""a""""""', "'''a''''''", '"""\r"""', '"""\\ a"""'],
])("%j is no value", (text) => {
  expect(() => value(text)).toThrow(/^while parsing TOML: \[error\] /);
});

test.each<[text: string, expected: string]>([
  ['"a\\tb\\"\\\\\\u00e9\\U0001F600"', bytesFromText('a\tb"\\é😀')],
  ["'a\\tb\"'", 'a\\tb"'],
  ['"""\na\n"b""c"""', 'a\n"b""c'],
  ['"""a"""""', 'a""'],
  ['"""\r\na\r\nb"""', "a\r\nb"],
  ['"""a \\  \n\r\n \t b"""', "a b"],
  ["'''\n'a''\\'''", "'a''\\"],
])("the string %j", (text, expected) => {
  expect(value(text)).toBe(expected);
});

test.each([
  ["1979-05-27", "1979-05-27"],
  ["07:32:60", "07:32:60"],
  ["1979-05-27T07:32:00", "1979-05-27T07:32:00"],
  ["1979-05-27 07:32:00.5z", "1979-05-27T07:32:00.500Z"],
  ["1979-05-27t00:32:00.9999-07:00", "1979-05-27T00:32:00.999900-07:00"],
  ["2000-02-29T00:32:00.1234567891+00:00", "2000-02-29T00:32:00.123456789Z"],
  ["1979-05-27T00:32:00+23:60", "1979-05-27T00:32:00+24:00"],
])("the time %s", (text, expected) => {
  expect(value(text)).toEqual(new Time(expected));
  expect(() => parseToml(`x = ${text}`, builder)).toThrow(
    expect.objectContaining({
      message: "while parsing TOML: Dates and times are not supported",
    }),
  );
});

test.each([
  ["1979-13-01"],
  ["1979-02-29"],
  ["1900-02-29"],
  ["24:00:00"],
  ["07:32"],
  ["07:32:61"],
  ["1979-05-27T07:32:00."],
  ["1979-05-27T07:32:00+25:00"],
  ["07:32:00Z"],
  ["1979-05-27  07:32:00"],
])("%s is no time", (text) => {
  expect(() => value(text)).toThrow(/^while parsing TOML: \[error\] /);
});

test.each([
  ["a = 1\na = 2"],
  ["a.b = 1\na = 2"],
  ["a = 1\na.b = 2"],
  ["a.b = 1\n[a]"],
  ["[a]\n[a]"],
  ["[a]\n[a.b]\n[a]"],
  ["[a.b]\n[a]\nb.c = 1"],
  ["a = {}\n[a.b]"],
  ["a = {}\na.b = 1"],
  ["a = { b = 1, b.c = 2 }"],
  ["a = [ {} ]\n[[a]]"],
  ["[[a]]\n[a]"],
  ["[a]\n[[a]]"],
  ["[[a]]\n[[a.b]]\n[a.b]"],
  ["[a"],
  ["[]"],
  ["[[a]"],
  ["[a] b = 1"],
  ["[a][b]"],
  ["a"],
  ["= 1"],
  ["a. = 1"],
  ["\xc3\xa9 = 1"],
  ["a = 1 b = 2"],
  ["a = 1\rb = 2"],
  ["# \x01"],
  ["# \xff"],
])("%j is no document", (text) => {
  expect(() => parse(text)).toThrow(/^while parsing TOML: \[error\] /);
});

test.each<[text: string, expected: Value]>([
  ["a.b = 1\na.c = 2", { a: { b: 1, c: 2 } }],
  ["[a.b]\n[a]\nc = 1", { a: { b: {}, c: 1 } }],
  ["[a]\nb.c = 1\n[a.b.d]", { a: { b: { c: 1, d: {} } } }],
  // The library takes a header on the line of a value.
  ["a = 1 [b]\nc = 2", { a: 1, b: { c: 2 } }],
])("%j is a document", (text, expected) => {
  expect(parse(text)).toEqual(expected);
});

test("what goes wrong is shown at its place", () => {
  expect(() => parse("x = 1\nattr = 9223372036854775808\n")).toThrow(
    expect.objectContaining({
      message: `while parsing TOML: [error] toml::parse_dec_integer: too large integer: current max digits = 2^63
 --> fromTOML
   |
 2 | attr = 9223372036854775808
   |                           ^-- must be < 2^63
`,
    }),
  );
  for (const text of ['"a\\u0000" = 1', 'k = "a\\u0000"']) {
    expect(() => parse(text)).toThrow(
      "while parsing TOML: error: input string 'a\xe2\x90\x80' cannot be represented as Nix string because it contains null bytes",
    );
  }
});

test("any tree survives the way through inline tables and arrays", () => {
  const json = fc.letrec<{ node: Value }>((tie) => ({
    node: fc.oneof(
      { maxDepth: 3 },
      fc.boolean(),
      fc.integer(),
      fc.string(),
      fc.array(tie("node"), { maxLength: 3 }),
      fc.dictionary(
        fc.string().filter((key) => key !== "__proto__"),
        tie("node"),
        { maxKeys: 3, noNullPrototype: true },
      ),
    ),
  })).node;
  const write = (node: Value): string => {
    if (Array.isArray(node)) return `[${node.map(write).join(", ")}]`;
    if (typeof node !== "object") return JSON.stringify(node).replaceAll("\x7f", "\\u007f");
    const entries = Object.entries(node).map(([key, each]) => `${write(key)} = ${write(each)}`);
    return `{ ${entries.join(", ")} }`;
  };
  fc.assert(
    fc.property(json, (node) => {
      expect(value(write(node))).toEqual(node);
    }),
  );
});
