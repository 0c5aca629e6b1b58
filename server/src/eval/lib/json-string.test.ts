import fc from "fast-check";
import { expect, test } from "vitest";
import { bytesFromText, isUtf8 } from "../../base/bytes.ts";
import { jsonString } from "./json-string.ts";

test("any text is read back by JavaScript", () => {
  fc.assert(
    fc.property(fc.string({ unit: "grapheme" }), (text) => {
      const json = jsonString(bytesFromText(text));
      expect(isUtf8(json)).toBe(true);
      expect(JSON.parse(Buffer.from(json, "latin1").toString())).toBe(text);
    }),
  );
});

test("only quotes, backslashes and control characters are escaped", () => {
  expect(jsonString("a/$\x7f")).toBe('"a/$\x7f"');
  expect(jsonString('"\\\b\f\n\r\t\0\x0b\x1f')).toBe(
    '"\\"\\\\\\b\\f\\n\\r\\t\\u0000\\u000b\\u001f"',
  );
  expect(jsonString("\xe2\x82\xac\n")).toBe('"\xe2\x82\xac\\n"');
});

test.each([
  ["\xe9", "incomplete UTF-8 string; last byte: 0xE9"],
  ["ab\xe9c", "invalid UTF-8 byte at index 3: 0x63"],
  ["\x80", "invalid UTF-8 byte at index 0: 0x80"],
  ["a\xff", "invalid UTF-8 byte at index 1: 0xFF"],
  ["\xf0\x9f\x98", "incomplete UTF-8 string; last byte: 0x98"],
  ["\xf0\x9f\x98\x0a", "invalid UTF-8 byte at index 3: 0x0A"],
  ["\xe0\x80", "invalid UTF-8 byte at index 1: 0x80"],
  ["\xed\xa0\x80", "invalid UTF-8 byte at index 1: 0xA0"],
])("%j is no text", (bytes, problem) => {
  expect(() => jsonString(bytes)).toThrow(
    expect.objectContaining({
      message: `JSON serialization error: [json.exception.type_error.316] ${problem}`,
    }),
  );
});
