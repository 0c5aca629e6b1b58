import fc from "fast-check";
import { expect, test } from "vitest";
import { nodeHasher } from "../host/node-hash.ts";
import { ExperimentalFeatureError } from "./error.ts";
import {
  type Hash,
  type HashAlgorithm,
  hashesEqual,
  hashSize,
  parseBareHash,
  parseHash,
  parseHashAllowEmpty,
  parseHashFormat,
  parsePrefixedHash,
  parseSriHash,
  printHash,
} from "./hash.ts";

const ALGORITHMS: HashAlgorithm[] = ["md5", "sha1", "sha256", "sha512"];
const EMPTY: Hash = { algo: "sha256", bytes: nodeHasher("sha256", "") };
const HEX = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
const NIX32 = "0mdqa9w1p6cmli6976v4wi0sw9r4p5prkj7lzfd1877wk11c9c73";
const BASE64 = "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=";

test("the SHA-256 of nothing, in every format", () => {
  expect(printHash(EMPTY, "base16")).toBe(HEX);
  expect(printHash(EMPTY, "nix32")).toBe(NIX32);
  expect(printHash(EMPTY, "base64", true)).toBe(`sha256:${BASE64}`);
  expect(printHash(EMPTY, "sri")).toBe(`sha256-${BASE64}`);
});

test("what is printed in any format is read again as the same hash", () => {
  const hash = fc
    .constantFrom(...ALGORITHMS)
    .chain((algo) =>
      fc
        .uint8Array({ minLength: hashSize(algo), maxLength: hashSize(algo) })
        .map((bytes): Hash => ({ algo, bytes })),
    );
  fc.assert(
    fc.property(hash, (h) => {
      for (const format of ["base16", "nix32", "base64"] as const) {
        expect(hashesEqual(parseHash(printHash(h, format, true)), h)).toBe(true);
        expect(hashesEqual(parseHash(printHash(h, format), h.algo), h)).toBe(true);
        expect(hashesEqual(parseBareHash(printHash(h, format), h.algo), h)).toBe(true);
      }
      const sri = printHash(h, "sri");
      for (const read of [parseHash, parseSriHash, parsePrefixedHash]) {
        expect(hashesEqual(read(sri), h)).toBe(true);
      }
    }),
  );
});

test("wrong hashes are refused in Nix's words", () => {
  const refuse = (text: string, message: string, known?: HashAlgorithm) =>
    expect(() => parseHash(text, known)).toThrow(new RegExp(`^${message}$`));
  refuse(
    HEX,
    `hash '${HEX}' does not include a type, nor is the type otherwise known from context`,
  );
  refuse("abc", "hash 'abc' has wrong length for hash algorithm 'sha256'", "sha256");
  refuse(`sha1:${HEX}`, `hash '${HEX}' has wrong length for hash algorithm 'sha1'`);
  refuse(`sha256:${HEX}`, `hash 'sha256:${HEX}' should have type 'md5'`, "md5");
  refuse("sha256-AAAA", "invalid SRI hash 'AAAA', length 3 != expected length 32");
  refuse(
    `md4:${HEX}`,
    "unknown hash algorithm 'md4', expect 'blake3', 'md5', 'sha1', 'sha256', or 'sha512'",
  );
  refuse(
    `z${NIX32.slice(1)}`,
    `invalid nix32 hash 'z${NIX32.slice(1)}', length 33 != expected length 32`,
    "sha256",
  );
  refuse(`x${HEX.slice(1)}`, "invalid character in Base16 string: 'x'", "sha256");
  expect(() => parsePrefixedHash(HEX)).toThrow(`hash '${HEX}' does not include a type`);
  expect(() => parseSriHash(`sha256:${HEX}`)).toThrow(`hash 'sha256:${HEX}' is not SRI`);
  expect(() => parseHash(`blake3:${HEX}`)).toThrow(ExperimentalFeatureError);
});

test("an empty hash is all zeros, with a warning", () => {
  const warnings: string[] = [];
  const hash = parseHashAllowEmpty("", "sha1", (message) => warnings.push(message));
  expect(printHash(hash, "base16")).toBe("0".repeat(40));
  expect(warnings).toEqual(["found empty hash, assuming 'sha1-AAAAAAAAAAAAAAAAAAAAAAAAAAA='"]);
  expect(() => parseHashAllowEmpty("", undefined, () => {})).toThrow(
    "empty hash requires explicit hash algorithm",
  );
});

test("format names", () => {
  const warnings: string[] = [];
  expect(parseHashFormat("base32", (message) => warnings.push(message))).toBe("nix32");
  expect(warnings).toEqual(['"base32" is a deprecated alias for hash format "nix32".']);
  expect(() => parseHashFormat("hex")).toThrow(
    "unknown hash format 'hex', expect 'base16', 'base32', 'base64', or 'sri'",
  );
});
