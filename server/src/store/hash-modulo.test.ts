import fc from "fast-check";
import { expect, test } from "vitest";
import { nodeHasher } from "../host/node-hash.ts";
import { HashModulo } from "./hash-modulo.ts";

const PART = "abc123";

/** The same in one piece. */
const expected = (text: string) =>
  nodeHasher.hex("sha256", text.replaceAll(PART, "\0".repeat(PART.length)));

test("the part counts as zeros, wherever pieces end", () => {
  const piece = fc.oneof(
    fc.constantFrom(PART, "abc", "123", "ab", "c"),
    fc.string({ unit: "binary-ascii" }),
  );
  fc.assert(
    fc.property(fc.array(piece), (pieces) => {
      const state = new HashModulo(nodeHasher, "sha256", PART);
      for (const each of pieces) state.update(Buffer.from(each, "latin1"));
      expect(Buffer.from(state.digest()).toString("hex")).toBe(expected(pieces.join("")));
    }),
  );
});
