import fc from "fast-check";
import { expect, test } from "vitest";
import {
  bytesFromText,
  bytesFromUint8Array,
  bytesToText,
  bytesToUint8Array,
  isUtf8,
} from "./bytes.ts";

test("text survives the way to bytes and back, and equals TextEncoder's bytes", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary" }), (text) => {
      const bytes = bytesFromText(text);
      expect(bytesToUint8Array(bytes)).toEqual(new TextEncoder().encode(text));
      expect(isUtf8(bytes)).toBe(true);
      expect(bytesToText(bytes)).toBe(new TextDecoder("utf-8").decode(bytesToUint8Array(bytes)));
    }),
  );
});

test("any bytes survive the way through a byte string", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 20_000 }), (data) => {
      expect(bytesToUint8Array(bytesFromUint8Array(data))).toEqual(data);
    }),
  );
});

test("UTF-8 is judged as the platform's decoder judges it", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 12 }), (data) => {
      let valid = true;
      try {
        new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(data);
      } catch {
        valid = false;
      }
      expect(isUtf8(bytesFromUint8Array(data))).toBe(valid);
    }),
  );
});
