import fc from "fast-check";
import { expect, test } from "vitest";
import { NIX32_DIGITS } from "../store/base32.ts";
import { ReferenceScanner } from "./reference-scanner.ts";

const digits = (characters: string) =>
  fc.array(fc.constantFrom(...characters), { minLength: 32, maxLength: 32 }).map((c) => c.join(""));

test("finds every wanted hash, however the bytes come in pieces", () => {
  const hash = digits("01az");
  const noise = fc.array(fc.constantFrom(...`${NIX32_DIGITS}01az01az/-eo.\n`), { maxLength: 80 });
  fc.assert(
    fc.property(
      fc.array(hash, { minLength: 1, maxLength: 3 }),
      fc.array(
        fc.oneof(
          hash,
          noise.map((c) => c.join("")),
        ),
        { maxLength: 6 },
      ),
      fc.array(fc.integer({ min: 1, max: 70 }), { minLength: 1 }),
      (wanted, parts, sizes) => {
        const text = parts.join("") + (parts.length > 1 ? wanted[0] : "");
        const scanner = new ReferenceScanner(wanted);
        for (let at = 0, i = 0; at < text.length; i++) {
          const size = sizes[i % sizes.length] as number;
          const piece = text.slice(at, at + size);
          scanner.push(i % 2 === 0 ? piece : Buffer.from(piece));
          at += size;
        }
        const there = wanted.filter((each) => text.includes(each));
        expect([...scanner.found].sort()).toEqual([...new Set(there)].sort());
      },
    ),
  );
});
