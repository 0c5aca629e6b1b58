import fc from "fast-check";
import { expect, test } from "vitest";
import { base64Length, decodeBase64, encodeBase64 } from "./base64.ts";

test("equals the platform's base 64 both ways", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 70 }), (bytes) => {
      const text = encodeBase64(bytes);
      expect(text).toBe(Buffer.from(bytes).toString("base64"));
      expect(text.length).toBe(base64Length(bytes.length));
      expect(decodeBase64(text)).toEqual(bytes);
      expect(decodeBase64(text.replaceAll("=", ""))).toEqual(bytes);
    }),
  );
});

test("reads what Nix reads: line feeds, nothing after the padding, no other character", () => {
  expect(decodeBase64("aGVs\nbG8=!!")).toEqual(new TextEncoder().encode("hello"));
  expect(() => decodeBase64("aG-s")).toThrow("invalid character in Base64 string: '-'");
});
