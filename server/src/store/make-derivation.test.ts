import { expect, test } from "vitest";
import { nodeHasher } from "../host/node-hash.ts";
import { derivationPath, parseDerivation, unparseDerivation } from "./derivation.ts";
import { checkDerivation, hashModulo } from "./derivation-hash.ts";
import { parseHash } from "./hash.ts";
import type { DerivationSpec, MadeDerivation, OutputsSpec } from "./make-derivation.ts";
import { MemoryStore } from "./memory-store.ts";
import { storeClosure } from "./store.ts";
import { downstreamPlaceholder } from "./store-path.ts";

const store = new MemoryStore({ storeDir: "/nix/store", hasher: nodeHasher });
const { context } = store;

const EMPTY = "sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=";
const OUT: OutputsSpec = { kind: "input-addressed", names: ["out"] };

interface Changes extends Partial<Omit<DerivationSpec, "env">> {
  /** Variables besides name, builder and system. */
  env?: Record<string, string>;
  /** Derivations whose outputs of these names are inputs. */
  uses?: [MadeDerivation, ...string[]][];
}

/** What `derivation { name = "a"; builder = "b"; system = "c"; … }` makes. */
function derivation({ env = {}, uses = [], ...changes }: Changes = {}): MadeDerivation {
  const spec = {
    name: "a",
    builder: "b",
    system: "c",
    args: [],
    outputs: OUT,
    inputSrcs: [],
    inputDrvs: new Map(uses.map(([made, ...names]) => [made.drvPath, names])),
    ...changes,
  };
  const { name, builder, system } = spec;
  return store.addDerivation({
    ...spec,
    env: new Map(Object.entries({ name, builder, system, ...env })),
  });
}

const path = (made: MadeDerivation, output = "out") => made.outputs.get(output) as string;
const expectPath = (made: MadeDerivation, base: string) =>
  expect(made.drvPath).toBe(`/nix/store/${base}`);

const z = derivation({
  name: "z",
  outputs: { kind: "input-addressed", names: ["out", "dev", "lib"] },
  env: { outputs: "out dev lib" },
});
const fixed = (env: Record<string, string>) =>
  derivation({
    name: "f",
    outputs: { kind: "fixed", method: "nar", hash: parseHash(EMPTY) },
    env: { outputHash: EMPTY, outputHashMode: "recursive", ...env },
  });
const f = fixed({ outputHashAlgo: "" });
const g = fixed({ extra: "1" });

test("the smallest derivation", () => {
  const made = derivation();
  expectPath(made, "arhvjaf6zmlyn8vh8fgn55rpwnxq0n7l-a.drv");
  expect(path(made)).toBe("/nix/store/s6glliw064sgl7vix22p91cxsx7ml1rf-a");
});

test("several outputs, in any order; variables named after them are replaced", () => {
  for (const names of [
    ["out", "dev"],
    ["dev", "out"],
  ]) {
    const made = derivation({
      outputs: { kind: "input-addressed", names },
      env: { out: "x", dev: "y", outputs: "out dev" },
    });
    expectPath(made, "658hk0cj0g4qzp007dmlgmwnaibzdjcq-a.drv");
    expect([...made.outputs]).toEqual([
      ["dev", "/nix/store/cgj4j3kg3pgzh99kp728zw39qhvgrjrh-a-dev"],
      ["out", "/nix/store/bpdnvwvxfb0r8fs524w9cnnbd068y4kz-a"],
    ]);
  }
  expectPath(z, "489lk7p8h3x9z7rj4b7v0c3kp41nm120-z.drv");
});

test("fixed outputs", () => {
  expectPath(f, "k92l1naawvcykw22gm3hrr6fnvvf7f2y-f.drv");
  expectPath(g, "jzddzav96nja869jz4hg8g3xlkxwqqqn-f.drv");
  expect(path(f)).toBe(path(g));
  const md5 = "d41d8cd98f00b204e9800998ecf8427e";
  const flat = (env: Record<string, string>) =>
    derivation({
      outputs: { kind: "fixed", method: "flat", hash: parseHash(md5, "md5") },
      env,
    });
  expectPath(
    flat({ outputHash: md5, outputHashAlgo: "md5" }),
    "7gif1px0hp2p88ck0ymf0sahmay3mw2c-a.drv",
  );
  expectPath(flat({ outputHash: `md5:${md5}` }), "3cnrdmrrzyvyqxcg4fvyfksy0b6pdblg-a.drv");
  const sha1 = "sha1:2jmj7l5rSw0yVb/vlWAYkK/YBwk=";
  const git = derivation({
    outputs: { kind: "fixed", method: "git", hash: parseHash(sha1) },
    env: { outputHash: sha1, outputHashAlgo: "sha1", outputHashMode: "git" },
  });
  expectPath(git, "20wxb3igv69wpqvsi1idyhf7gga3rhzc-a.drv");
  expect(path(git)).toBe("/nix/store/z98wvh64n44l8k3awycbw0y5bsg1lkl3-a");
  const text = derivation({ outputs: { kind: "fixed", method: "text", hash: parseHash(EMPTY) } });
  expect(path(text)).toBe("/nix/store/rjpa7kdyl9a1irk0c5q47h80g8sam5p8-a");
});

test("structured attributes are a variable like any other", () => {
  const json = '{"builder":"b","name":"a","system":"c","x":[1,2.5,null],"y":{"z":true}}';
  const made = store.addDerivation({
    name: "a",
    builder: "b",
    system: "c",
    args: [],
    env: new Map([["__json", json]]),
    outputs: OUT,
    inputSrcs: [],
    inputDrvs: new Map(),
  });
  expectPath(made, "h9wz5b47lvkhqbs5hxzlh9qvs465zpdp-a.drv");
});

test("arguments are in the text in their order, lists and nulls are plain variables", () => {
  const made = derivation({ args: ["a", "1"], env: { x: "", y: "1", z: "1 2 3" } });
  expectPath(made, "fr1wkqb4siscyil7r37xyr286wv2kqql-a.drv");
});

test("inputs: a source and a derivation's output in the builder", () => {
  const dependency = derivation({ name: "z" });
  const source = store.addText("s", "t", []);
  const made = derivation({
    builder: `${path(dependency)}/bin/x`,
    env: { f: source },
    inputSrcs: [source],
    uses: [[dependency, "out"]],
  });
  expectPath(made, "6r7nrrngvdnkvm9djiq6fh5mkvif0827-a.drv");
});

test("outputs of several kinds of inputs", () => {
  const made = derivation({
    env: { x: path(z, "dev") + path(z) + path(f) + path(z, "lib") },
    uses: [
      [z, "out", "dev", "lib"],
      [f, "out"],
    ],
  });
  expectPath(made, "c0nsb0j6wqqkfz7az2ydfqzk274x4ch5-a.drv");
  expect(path(made)).toBe("/nix/store/zpxajrjb614m0i64jx171gj7jiwbfswg-a");
});

test("how a fixed output is fetched changes the derivation, not the paths of what uses it", () => {
  const env = { x: path(f), y: path(g) };
  const one = derivation({ env, uses: [[f, "out"]] });
  const both = derivation({
    env,
    uses: [
      [g, "out"],
      [f, "out"],
    ],
  });
  expectPath(both, "0dd761fzsrc12nn470z4sz2nwwvq3q77-a.drv");
  expect(one.drvPath).not.toBe(both.drvPath);
  expect(path(one)).toBe("/nix/store/rim3khvjhikibalpbmql262974pqr6xv-a");
  expect(path(both)).toBe(path(one));
});

test("a derivation as an input itself: its closure, with all outputs", () => {
  const inner = derivation({ env: { x: path(z, "dev") }, uses: [[z, "dev"]] });
  expectPath(inner, "gjfbvrjp1cxx49vc5hczxy2zgxrvpila-a.drv");
  const closure = storeClosure(store, inner.drvPath);
  expect(closure).toEqual([z.drvPath, inner.drvPath]);
  const made = derivation({
    env: { x: inner.drvPath },
    inputSrcs: closure,
    uses: [
      [inner, "out"],
      [z, "lib", "dev", "out"],
    ],
  });
  expectPath(made, "j6fm76hh5rlz9dvb71k7fi2xw0aifvvn-a.drv");
});

test("content-addressed and impure derivations, and what is deferred by them", () => {
  const ca = derivation({
    name: "ca",
    outputs: { kind: "floating", names: ["out", "dev"], method: "nar", algo: "sha256" },
    env: { outputs: "out dev" },
  });
  expectPath(ca, "7mg6nc7zymvkp2b50q0xnjl18nazw0y6-ca.drv");
  expect(ca.outputs.size).toBe(0);
  const d = derivation({
    name: "d",
    env: { x: downstreamPlaceholder(context, ca.drvPath, "dev") },
    uses: [[ca, "dev"]],
  });
  expectPath(d, "8dph4cl7p335ri7ccjg2gxsgry0rj35d-d.drv");
  const e = derivation({
    name: "e",
    env: { y: downstreamPlaceholder(context, d.drvPath, "out") },
    uses: [[d, "out"]],
  });
  expectPath(e, "d8rdjl211xa7lppiniqhcj55bjn4vaxw-e.drv");
  const impure = derivation({
    name: "i",
    outputs: { kind: "impure", names: ["out"], method: "nar", algo: "sha256" },
  });
  expectPath(impure, "9gh3rnkp43pxrkmk9r65p48kay38s2lw-i.drv");
  for (const made of [ca, d, e, impure]) expect(made.modulo).toEqual({ kind: "deferred" });
});

test("what is made is what its text says, and passes the check", () => {
  for (const [drvPath, object] of store.objects()) {
    if (object.kind !== "derivation") continue;
    const text = unparseDerivation(object.drv);
    const read = parseDerivation(context, drvPath, text);
    expect(read).toEqual(object.drv);
    expect(derivationPath(context, read, text)).toBe(drvPath);
    const lookup = (input: string) => store.hashModulo(input);
    expect(hashModulo(context, read, lookup)).toEqual(store.hashModulo(drvPath));
    checkDerivation(context, read, lookup);
  }
});

test("the check finds what is wrong", () => {
  const made = derivation();
  const right = path(made);
  const wrong = path(z);
  const check = (change: Partial<typeof made.drv>) =>
    checkDerivation(context, { ...made.drv, ...change }, (input) => store.hashModulo(input));
  expect(() =>
    check({ outputs: new Map([["out", { kind: "input-addressed", path: wrong }]]) }),
  ).toThrow(`derivation has incorrect output '${wrong}', should be '${right}'`);
  const env = new Map(made.drv.env);
  env.delete("out");
  expect(() => check({ env })).toThrow(/^derivation has (missing|incorrect)/);
  expect(() => check({ env: new Map(made.drv.env).set("out", wrong) })).toThrow(
    `derivation has incorrect environment variable 'out', should be '${right}' but is actually '${wrong}'`,
  );
  expect(() => check({ outputs: new Map() })).toThrow("must have at least one output");
  expect(() => check({ outputs: new Map([["out", { kind: "deferred" }]]) })).toThrow(
    `derivation has incorrect deferred output, should be '${right}'`,
  );
  expect(() => check({ outputs: new Map([["dev", { ...f.drv.outputs.get("out")! }]]) })).toThrow(
    'single fixed output must be named "out"',
  );
});

test("an output that a fixed derivation has not is refused", () => {
  expect(() => derivation({ uses: [[f, "dev"]] })).toThrow(
    "no hash for output 'dev' of derivation 'a'",
  );
});

test("a name that makes no store path is refused", () => {
  expect(() => derivation({ name: "a b" })).toThrow("contains illegal character ' '");
  expect(() => derivation({ name: "x".repeat(209) })).toThrow("must be no longer than 211");
});
