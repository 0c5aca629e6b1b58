import fc from "fast-check";
import { expect, test } from "vitest";
import { nodeHasher } from "../host/node-hash.ts";
import {
  type Derivation,
  type DerivationOutput,
  derivationPath,
  parseDerivation,
  unparseDerivation,
} from "./derivation.ts";
import { ExperimentalFeatureError } from "./error.ts";
import { makeTextPath, type StoreContext } from "./store-path.ts";

const context: StoreContext = { storeDir: "/nix/store", hasher: nodeHasher };
const DRV_PATH = "/nix/store/arhvjaf6zmlyn8vh8fgn55rpwnxq0n7l-a.drv";
const OUT = "/nix/store/s6glliw064sgl7vix22p91cxsx7ml1rf-a";
const TEXT = `Derive([("out","${OUT}","","")],[],[],"c","b",[],[("builder","b"),("name","a"),("out","${OUT}"),("system","c")])`;

test("the smallest derivation, both ways", () => {
  const drv = parseDerivation(context, DRV_PATH, TEXT);
  expect(drv).toEqual({
    name: "a",
    outputs: new Map([["out", { kind: "input-addressed", path: OUT }]]),
    inputDrvs: new Map(),
    inputSrcs: [],
    system: "c",
    builder: "b",
    args: [],
    env: new Map([
      ["builder", "b"],
      ["name", "a"],
      ["out", OUT],
      ["system", "c"],
    ]),
  });
  expect(unparseDerivation(drv)).toBe(TEXT);
  expect(derivationPath(context, drv)).toBe(DRV_PATH);
});

test("only quotes, backslashes, line feeds, returns and tabs are escaped", () => {
  const drv = parseDerivation(context, DRV_PATH, TEXT);
  const odd: Derivation = {
    ...drv,
    args: ['"\\\n\r\t\0\x7f\xff$', "'"],
    env: new Map([["\n", "é"]]),
  };
  const text = unparseDerivation(odd);
  expect(text).toBe(
    `Derive([("out","${OUT}","","")],[],[],"c","b",["\\"\\\\\\n\\r\\t\0\x7f\xff$","'"],[("\\n","é")])`,
  );
  expect(parseDerivation(context, DRV_PATH, text)).toEqual(odd);
});

test("any derivation survives the way through its text", () => {
  const byteString = fc.string({
    unit: fc.integer({ min: 0, max: 255 }).map((c) => String.fromCharCode(c)),
  });
  const name = fc.string({
    unit: fc.constantFrom(..."abcXYZ019+-_?="),
    minLength: 1,
    maxLength: 20,
  });
  const path = name.map((n) => makeTextPath(context, n, n, []));
  const drvPath = name.map((n) => makeTextPath(context, `${n}.drv`, n, []));
  const names = fc.uniqueArray(name, { minLength: 1, maxLength: 4 }).map((all) => all.sort());
  const digest = fc.uint8Array({ minLength: 20, maxLength: 20 });
  const method = fc.constantFrom("flat", "nar", "git", "text" as const);
  const output: fc.Arbitrary<DerivationOutput> = fc.oneof(
    path.map((p) => ({ kind: "input-addressed" as const, path: p })),
    fc.record({
      kind: fc.constant("fixed" as const),
      path,
      method,
      hash: digest.map((bytes) => ({ algo: "sha1" as const, bytes })),
    }),
    fc.record({
      kind: fc.constantFrom("floating", "impure" as const),
      method,
      algo: fc.constant("sha256" as const),
    }),
    fc.constant({ kind: "deferred" as const }),
  );
  const sorted = <Value>(key: fc.Arbitrary<string>, value: fc.Arbitrary<Value>) =>
    fc
      .uniqueArray(fc.tuple(key, value), { selector: ([k]) => k, maxLength: 5 })
      .map((all) => new Map(all.sort((a, b) => (a[0] < b[0] ? -1 : 1))));
  const derivation: fc.Arbitrary<Derivation> = fc.record({
    name: fc.constant("a"),
    outputs: sorted(name, output),
    inputDrvs: sorted(drvPath, names),
    inputSrcs: fc.uniqueArray(path, { maxLength: 4 }).map((all) => all.sort()),
    system: name,
    builder: byteString,
    args: fc.array(byteString),
    env: sorted(byteString, byteString),
  });
  fc.assert(
    fc.property(derivation, (drv) => {
      expect(parseDerivation(context, DRV_PATH, unparseDerivation(drv))).toEqual(drv);
    }),
  );
});

test("a text that is none is refused with the derivation's path", () => {
  const refuse = (text: string, message: string) =>
    expect(() => parseDerivation(context, DRV_PATH, text)).toThrow(
      expect.objectContaining({
        message: `error parsing derivation '${DRV_PATH}': error: ${message}`,
      }),
    );
  refuse("", "expected string 'D'");
  refuse(TEXT.slice(0, -1), "expected string ')'");
  refuse(`Derive([("out","${OUT}`, "unterminated string in derivation");
  refuse(TEXT.replace(OUT, "/x"), "path '/x' is not in the Nix store");
  refuse(
    TEXT.replace('"",""', '"sha256",""'),
    "content-addressing derivation output should not specify output path",
  );
  refuse(
    TEXT.replace('"",""', '"r:sha256","abc"'),
    "hash 'abc' has wrong length for hash algorithm 'sha256'",
  );
  expect(() => parseDerivation(context, OUT, TEXT)).toThrow(
    "store path 's6glliw064sgl7vix22p91cxsx7ml1rf-a' is not a valid derivation path",
  );
  expect(() => parseDerivation(context, DRV_PATH, 'DrvWithVersion("xp-dyn-drv",')).toThrow(
    ExperimentalFeatureError,
  );
});
