import { createHash } from "node:crypto";
import fc from "fast-check";
import { expect, test } from "vitest";
import { bytesFromUint8Array } from "../base/bytes.ts";
import { nodeHasher } from "./node-hash.ts";

test("any bytes hash the same in one piece, in pieces, as an array and as a byte string", () => {
  const algo = fc.constantFrom("md5", "sha1", "sha256", "sha512" as const);
  fc.assert(
    fc.property(algo, fc.uint8Array({ maxLength: 300 }), fc.nat(300), (name, data, at) => {
      const hex = createHash(name).update(data).digest("hex");
      const text = bytesFromUint8Array(data);
      for (const input of [data, text]) {
        expect(Buffer.from(nodeHasher(name, input)).toString("hex")).toBe(hex);
        expect(nodeHasher.hex(name, input)).toBe(hex);
        const state = nodeHasher.create(name);
        state.update(input.slice(0, at));
        state.update(input.slice(at));
        expect(Buffer.from(state.digest()).toString("hex")).toBe(hex);
      }
    }),
  );
});
