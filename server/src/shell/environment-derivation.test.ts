import { expect, test } from "vitest";
import { nodeHasher } from "../host/node-hash.ts";
import { checkDerivation } from "../store/derivation-hash.ts";
import { parseHash } from "../store/hash.ts";
import type { DerivationSpec } from "../store/make-derivation.ts";
import { MemoryStore } from "../store/memory-store.ts";
import { makeTextPath } from "../store/store-path.ts";
import { environmentDerivation } from "./environment-derivation.ts";
import { ENVIRONMENT_SCRIPT } from "./environment-script.ts";

const store = new MemoryStore({ storeDir: "/nix/store", hasher: nodeHasher });
const { context } = store;
const script = makeTextPath(context, "get-env.sh", ENVIRONMENT_SCRIPT, []);
const source = store.addText("z-source", "x", []);
const input = make({ name: "input" });

function make(changes: Partial<DerivationSpec>) {
  return store.addDerivation({
    name: "demo-shell",
    system: "x86_64-linux",
    builder: "/nix/store/s6glliw064sgl7vix22p91cxsx7ml1rf-tools/bin/bash",
    args: ["-e", source],
    env: new Map(),
    outputs: { kind: "input-addressed", names: ["out", "dev"] },
    inputSrcs: [source],
    inputDrvs: new Map(),
    ...changes,
  });
}

test("only what is run changes", () => {
  const env = new Map([
    ["name", "demo-shell"],
    ["outputs", "out dev"],
    ["allowedReferences", ""],
    ["disallowedRequisites", "x"],
    ["FOO", "it's"],
  ]);
  const made = make({ env, inputDrvs: new Map([[input.drvPath, ["out"]]]) });
  const shell = environmentDerivation(store, made.drvPath);
  const { drv, outputs } = shell;

  expect(drv.name).toBe("demo-shell-env");
  expect(drv.args).toEqual([script]);
  expect(drv.inputSrcs).toEqual([script, source].sort());
  expect(drv.inputDrvs).toEqual(made.drv.inputDrvs);
  expect([drv.system, drv.builder]).toEqual([made.drv.system, made.drv.builder]);
  expect(Object.fromEntries(drv.env)).toEqual({
    name: "demo-shell",
    outputs: "out dev",
    FOO: "it's",
    out: outputs.get("out"),
    dev: outputs.get("dev"),
  });
  expect(outputs.get("out")).toMatch(/-demo-shell-env$/);
  expect(outputs.get("dev")).toMatch(/-demo-shell-env-dev$/);
  expect(shell.drvPath).toMatch(/-demo-shell-env\.drv$/);
  checkDerivation(context, drv, (path) => store.hashModulo(path));
  expect(store.isValidPath(script)).toBe(true);
});

test("structured attributes lose their checks and keep everything else", () => {
  const json = '{"float":1.0,"name":"s","outputChecks":{"out":{}},"outputs":["out"]}';
  const outputs = { kind: "input-addressed", names: ["out"] } as const;
  const made = make({ env: new Map([["__json", json]]), outputs });
  const { drv } = environmentDerivation(store, made.drvPath);
  expect(drv.env.get("__json")).toBe('{"float":1.0,"name":"s","outputs":["out"]}');
});

test("the environment of a fixed output is not what the output is", () => {
  const hash = parseHash("sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=");
  const made = make({ outputs: { kind: "fixed", method: "nar", hash } });
  const { drv } = environmentDerivation(store, made.drvPath);
  expect(drv.outputs.get("out")?.kind).toBe("input-addressed");
});

test("what has no bash has no environment", () => {
  const { drvPath } = make({ builder: "builtin:fetchurl" });
  expect(() => environmentDerivation(store, drvPath)).toThrow(
    "'demo-shell' has no development shell: its builder is 'builtin:fetchurl'",
  );
});

test("a derivation that is not what its outputs say is refused", () => {
  const [out, wrong] = [...input.outputs.values()];
  const text = `Derive([("out","${out}","","")],[],[],"s","/bin/bash",[],[("out","${wrong}")])`;
  const drvPath = store.addText("input.drv", text, []);
  expect(() => environmentDerivation(store, drvPath)).toThrow("derivation has incorrect output");
});
