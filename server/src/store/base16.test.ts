import fc from "fast-check";
import { expect, test } from "vitest";
import { decodeBase16, encodeBase16 } from "./base16.ts";

test("equals the platform's hexadecimal both ways, either case", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 70 }), (bytes) => {
      const text = encodeBase16(bytes);
      expect(text).toBe(Buffer.from(bytes).toString("hex"));
      expect(decodeBase16(text)).toEqual(bytes);
      expect(decodeBase16(text.toUpperCase())).toEqual(bytes);
    }),
  );
});

test("refuses what is no digit", () => {
  for (const char of ["g", "G", "@", "`", "/", ":", "é"]) {
    expect(() => decodeBase16(`0${char}`)).toThrow(`invalid character in Base16 string: '${char}'`);
  }
  expect(() => decodeBase16("abc")).toThrow("odd length");
});
