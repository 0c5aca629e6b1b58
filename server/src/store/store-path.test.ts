import fc from "fast-check";
import { expect, test } from "vitest";
import { nodeHasher } from "../host/node-hash.ts";
import { parseHash } from "./hash.ts";
import {
  checkStoreName,
  compressHash,
  downstreamPlaceholder,
  isInStore,
  isStorePath,
  makeFixedOutputPath,
  makeSourcePath,
  makeTextPath,
  parseCanonicalStorePath,
  parseStorePath,
  placeholder,
  type StoreContext,
  splitInStore,
  storePathHashPart,
  storePathName,
} from "./store-path.ts";

const context: StoreContext = { storeDir: "/nix/store", hasher: nodeHasher };
const EMPTY_SHA256 = parseHash("sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=");
const A = "/nix/store/vmg5na96ajnh1v932j9jdzfc3022vbh9-a";

test("texts, with and without references", () => {
  expect(makeTextPath(context, "a", "hello", [])).toBe(A);
  const b = makeTextPath(context, "b", "x", []);
  expect(makeTextPath(context, "a", b, [b])).toBe("/nix/store/ac5g5spbcaj28sb7a0d6477myz81ayz8-a");
});

test("references count in their order, not in the order given", () => {
  const [b, c] = [makeTextPath(context, "b", "x", []), makeTextPath(context, "c", "x", [])];
  expect(makeTextPath(context, "a", "", [b, c])).toBe(makeTextPath(context, "a", "", [c, b]));
});

test("fixed outputs", () => {
  expect(makeFixedOutputPath(context, "a", "flat", EMPTY_SHA256)).toBe(
    "/nix/store/fv16lcs3lf0l78jdd486kp1p9rp2nniz-a",
  );
  expect(makeFixedOutputPath(context, "a", "nar", EMPTY_SHA256)).toBe(
    "/nix/store/vvg4vb767vrnsqhb7ih58v4a5gq4iyy4-a",
  );
  expect(makeSourcePath(context, "a", EMPTY_SHA256.bytes)).toBe(
    "/nix/store/vvg4vb767vrnsqhb7ih58v4a5gq4iyy4-a",
  );
  expect(
    makeFixedOutputPath(
      context,
      "a",
      "text",
      parseHash(`sha256:${nodeHasher.hex("sha256", "hello")}`),
    ),
  ).toBe(A);
});

test("what can't be a fixed output is refused", () => {
  const md5 = parseHash("md5:d41d8cd98f00b204e9800998ecf8427e");
  expect(() => makeFixedOutputPath(context, "a", "git", md5)).toThrow(
    "Git file ingestion must use SHA-1 or SHA-256 hash, but instead using: md5",
  );
  expect(() =>
    makeFixedOutputPath(context, "a", "flat", md5, { others: [A], self: false }),
  ).toThrow("fixed output derivation 'a' is not allowed to refer to other store paths");
});

test("another store directory gives other hashes", () => {
  const other: StoreContext = { storeDir: "/other/store", hasher: nodeHasher };
  const path = makeTextPath(other, "a", "hello", []);
  expect(path.startsWith("/other/store/")).toBe(true);
  expect(storePathHashPart(other, path)).not.toBe(storePathHashPart(context, A));
});

test("parts of a store path", () => {
  expect(storePathHashPart(context, A)).toBe("vmg5na96ajnh1v932j9jdzfc3022vbh9");
  expect(storePathName(context, A)).toBe("a");
  expect(splitInStore(context, `${A}/x/y`)).toEqual({ storePath: A, rest: "/x/y" });
  expect(splitInStore(context, A)).toEqual({ storePath: A, rest: "" });
  expect(isInStore(context, "/nix/store")).toBe(false);
  expect(isInStore(context, "/nix/store-x/y")).toBe(false);
});

test("only an object's own path is a store path", () => {
  const cases: [path: string, problem: string | undefined][] = [
    [A, undefined],
    [`/nix//store/./x/..${A.slice(10)}/`, undefined],
    ["", "empty path is not a valid store path"],
    ["nix/store", 'not an absolute path: "nix/store"'],
    [`${A}/x`, `path "${A}/x" is not in the Nix store`],
    ["/x", 'path "/x" is not in the Nix store'],
    ["/nix/store/abc", "'abc' is too short to be a valid store path"],
    [
      "/nix/store/vmg5na96ajnh1v932j9jdzfc3022vbh9xa",
      "'vmg5na96ajnh1v932j9jdzfc3022vbh9xa' can't name a store path because the hash part is not followed by a '-'",
    ],
    [
      "/nix/store/vmg5na96ajnh1v932j9jdzfc3022vbhe-a",
      "store path 'vmg5na96ajnh1v932j9jdzfc3022vbhe-a' contains illegal base-32 character 'e'",
    ],
    [
      "/nix/store/vmg5na96ajnh1v932j9jdzfc3022vbh9-",
      "path 'vmg5na96ajnh1v932j9jdzfc3022vbh9-' is not a valid store path: name must not be empty",
    ],
  ];
  for (const [path, problem] of cases) {
    expect([path, isStorePath(context, path)]).toEqual([path, problem === undefined]);
    if (problem === undefined) expect(parseStorePath(context, path)).toBe(A);
    else
      expect(() => parseStorePath(context, path)).toThrow(
        expect.objectContaining({ message: problem }),
      );
  }
  expect(parseCanonicalStorePath(context, A)).toBe(A);
  expect(() => parseCanonicalStorePath(context, `/nix/./store${A.slice(10)}`)).toThrow(
    "is not in the Nix store",
  );
});

test("names", () => {
  for (const name of ["a", "a.b", "..a", ".a-b", "...-a", "-", "?=_+", "x".repeat(211)]) {
    expect(() => checkStoreName(name)).not.toThrow();
  }
  const long = "x".repeat(212);
  const refused: Record<string, string> = {
    "": "name must not be empty",
    [long]: `name '${long}' must be no longer than 211 characters`,
    ".": "name '.' is not valid",
    "..": "name '..' is not valid",
    ".-a": "name '.-a' is not valid: first dash-separated component must not be '.'",
    "..-": "name '..-' is not valid: first dash-separated component must not be '..'",
    "a b": "name 'a b' contains illegal character ' '",
    "a/b": "name 'a/b' contains illegal character '/'",
    "a\n": "name 'a\n' contains illegal character '\n'",
    ".\xe9": "name '.\xe9' contains illegal character '\xe9'",
  };
  for (const [name, message] of Object.entries(refused)) {
    expect(() => checkStoreName(name)).toThrow(expect.objectContaining({ message: message }));
  }
  expect(() => makeTextPath(context, "a b", "x", [])).toThrow(
    "path 'dm85kbl5cy82j2dzvy1874s14y3salv3-a b' is not a valid store path: name 'a b' contains illegal character ' '",
  );
});

test("folding XORs each byte into its place", () => {
  fc.assert(
    fc.property(
      fc.uint8Array({ minLength: 1, maxLength: 64 }),
      fc.integer({ min: 1, max: 32 }),
      (digest, size) => {
        const folded = compressHash(digest, size);
        const expected = Array.from({ length: size }, (_, i) =>
          digest.reduce((x, byte, at) => (at % size === i ? x ^ byte : x), 0),
        );
        expect([...folded]).toEqual(expected);
      },
    ),
  );
});

test("placeholders", () => {
  expect(placeholder(context, "out")).toBe("/1rz4g4znpzjwh1xymhjpm42vipw92pr73vdgl6xs1hycac8kf2n9");
  const drv = "/nix/store/g1w7hy3qg1w7hy3qg1w7hy3qg1w7hy3q-foo.drv";
  expect(downstreamPlaceholder(context, drv, "out")).toBe(
    "/0c6rn30q4frawknapgwq386zq358m8r6msvywcvc89n6m5p2dgbz",
  );
});
