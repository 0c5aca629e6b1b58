/** Every top-level attribute of a package set: what our evaluator says of it and what a real Nix says. */
import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { bytesFromText, bytesToText } from "../../server/src/base/bytes.ts";
import { Attrs } from "../../server/src/eval/attrs.ts";
import { type AutoArgs, autoCall } from "../../server/src/eval/auto-call.ts";
import { isDerivation } from "../../server/src/eval/compare.ts";
import { stringText } from "../../server/src/eval/context.ts";
import { NixError } from "../../server/src/eval/errors.ts";
import { Evaluator } from "../../server/src/eval/evaluator.ts";
import { coerceToString, force, PLAIN } from "../../server/src/eval/runtime.ts";
import { DEFAULT_CALL_DEPTH, DEFAULT_NIX_VERSION } from "../../server/src/eval/settings.ts";
import type { Slot } from "../../server/src/eval/values.ts";
import { NodeEvalHost } from "../../server/src/host/node-eval-host.ts";
import { nodeHasher } from "../../server/src/host/node-hash.ts";
import { MemoryStore } from "../../server/src/store/memory-store.ts";

/** A drvPath, `throw` (tryEval catches it), `other` (no derivation) or `error` (tryEval does not). */
export type Outcome = string;

export interface Tree {
  directory: string;
  /** Arguments of the tree's function, as Nix text: `{ system = "x86_64-linux"; }`. */
  args: string;
}

/** Evaluators keep what they evaluate; a new one now and then bounds the memory. */
const ATTRIBUTES_PER_EVALUATOR = 700;

function packages(tree: Tree): { ev: Evaluator; set: Attrs } {
  const host = new NodeEvalHost({ environment: { HOME: "/homeless" }, onMessage: () => {} });
  const store = new MemoryStore({ storeDir: "/nix/store", hasher: nodeHasher });
  const ev = new Evaluator(host, store, {
    system: "x86_64-linux",
    nixVersion: DEFAULT_NIX_VERSION,
    maxCallDepth: DEFAULT_CALL_DEPTH,
    pureEval: false,
    restrictEval: false,
    searchPath: [],
    directory: bytesFromText(tree.directory),
    homeDirectory: "/homeless",
    features: new Set(),
    lints: {},
    traceVerbose: false,
    abortOnWarn: false,
  });
  const args = ev.evaluateText(bytesFromText(tree.args), "args", "/");
  const named: AutoArgs = new Map(
    args instanceof Attrs ? args.sortedNames().map((name) => [name, args.get(name) as Slot]) : [],
  );
  const set = autoCall(ev, ev.importFile(bytesFromText(tree.directory)), named);
  if (!(set instanceof Attrs)) throw new Error(`${tree.directory} is no package set`);
  return { ev, set };
}

function outcome(ev: Evaluator, set: Attrs, name: string): Outcome {
  ev.depth = 0;
  try {
    const slot = set.get(name);
    if (slot === undefined) return "error";
    const value = force(slot);
    if (!isDerivation(value)) return "other";
    return stringText(coerceToString(ev, value.get("drvPath") as Slot, 0, "", PLAIN));
  } catch (error) {
    if (error instanceof NixError) return error.catchable ? "throw" : "error";
    if (error instanceof RangeError) return "error";
    throw error;
  }
}

/** Our outcomes by attribute name. */
export function ourOutcomes(tree: Tree, only: readonly string[] | null): Map<string, Outcome> {
  const outcomes = new Map<string, Outcome>();
  let world = packages(tree);
  const names = only ?? world.set.sortedNames().map(bytesToText);
  names.forEach((name, i) => {
    if (i > 0 && i % ATTRIBUTES_PER_EVALUATOR === 0) world = packages(tree);
    outcomes.set(name, outcome(world.ev, world.set, bytesFromText(name)));
  });
  return outcomes;
}

const run = promisify(execFile);

async function askNix(
  nix: string,
  tree: Tree,
  names: readonly string[],
): Promise<Outcome[] | null> {
  const list = names.map((name) => JSON.stringify(name).replaceAll("$", "\\$")).join(" ");
  const expression = `let set = import ${tree.directory} ${tree.args};
    look = name: let r = builtins.tryEval (let v = set.\${name}; in
      if builtins.isAttrs v && (v.type or "") == "derivation" then builtins.unsafeDiscardStringContext v.drvPath else "other");
      in if r.success then r.value else "throw";
    in map look [ ${list} ]`;
  const [command = nix, ...prefix] = nix.split(" ");
  const argv = [...prefix, "--eval", "--strict", "--json", "-E", expression];
  const env = { ...process.env, NIX_REMOTE: "dummy://", NIX_PATH: "", HOME: "/homeless" };
  try {
    const { stdout } = await run(command, argv, { env, maxBuffer: 1 << 28 });
    return JSON.parse(stdout) as Outcome[];
  } catch {
    return null;
  }
}

/** A real Nix's outcomes. What aborts takes its whole batch along, so a failing batch is halved. */
export async function nixOutcomes(
  nix: string,
  tree: Tree,
  names: readonly string[],
): Promise<Map<string, Outcome>> {
  const outcomes = new Map<string, Outcome>();
  const ask = async (batch: readonly string[]): Promise<void> => {
    const answers = await askNix(nix, tree, batch);
    if (answers !== null) {
      batch.forEach((name, i) => {
        outcomes.set(name, answers[i] as Outcome);
      });
    } else if (batch.length === 1) outcomes.set(batch[0] as string, "error");
    else {
      const middle = batch.length >> 1;
      await ask(batch.slice(0, middle));
      await ask(batch.slice(middle));
    }
  };
  for (let i = 0; i < names.length; i += 200) await ask(names.slice(i, i + 200));
  return outcomes;
}
