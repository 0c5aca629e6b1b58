import fc from "fast-check";
import { expect, test } from "vitest";
import { decodeNix32, encodeNix32, NIX32_DIGITS, nix32Length } from "./base32.ts";

/** The number that the bytes are, little-endian, in base 32: the definition, digit by digit. */
function byDefinition(bytes: Uint8Array): string {
  let value = 0n;
  for (const byte of [...bytes].reverse()) value = value * 256n + BigInt(byte);
  let out = "";
  for (let i = 0; i < nix32Length(bytes.length); i++) {
    out = NIX32_DIGITS[Number(value % 32n)] + out;
    value /= 32n;
  }
  return out;
}

test("every size is encoded as the number that the bytes are, and decoded again", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 70 }), (bytes) => {
      const text = encodeNix32(bytes);
      expect(text).toBe(byDefinition(bytes));
      expect(decodeNix32(text).subarray(0, bytes.length)).toEqual(bytes);
    }),
  );
  const twenty = Uint8Array.from({ length: 20 }, (_, i) => 255 - i);
  expect(encodeNix32(twenty)).toBe(byDefinition(twenty));
});

test("bits that do not fit make the result longer; letters outside the alphabet are refused", () => {
  expect(decodeNix32("0z")).toEqual(Uint8Array.of(31));
  expect(decodeNix32("zz")).toEqual(Uint8Array.of(255, 3));
  expect(() => decodeNix32("ae")).toThrow(
    "invalid character in Nix32 (Nix's Base32 variation) string: 'e'",
  );
});
