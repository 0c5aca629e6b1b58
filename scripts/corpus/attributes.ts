/** Every top-level attribute of a package set: what our evaluator says of it and what a real Nix says. */
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { bytesFromText, bytesToText } from "../../server/src/base/bytes.ts";
import { Attrs } from "../../server/src/eval/attrs.ts";
import { type AutoArgs, autoCall } from "../../server/src/eval/auto-call.ts";
import { isDerivation } from "../../server/src/eval/compare.ts";
import { stringText } from "../../server/src/eval/context.ts";
import { NixError } from "../../server/src/eval/errors.ts";
import { Evaluator } from "../../server/src/eval/evaluator.ts";
import { coerceToString, force, PLAIN } from "../../server/src/eval/runtime.ts";
import type { Slot, Value } from "../../server/src/eval/values.ts";
import { flakeBuiltins } from "../../server/src/flake/builtins.ts";
import { NodeEvalHost } from "../../server/src/host/node-eval-host.ts";
import { showName } from "../../server/src/syntax/identifiers.ts";
import { memoryStore, TEST_SETTINGS } from "../../server/src/testing/memory-host.ts";

/** A drvPath, `throw` (tryEval catches it), `other` (no derivation) or `error: MESSAGE`. */
export type Outcome = string;

export interface Tree {
  directory: string;
  /** Arguments of the tree's function, as Nix text: `{ system = "x86_64-linux"; }`. */
  args: string;
}

/** Evaluators keep what they evaluate; a new one now and then bounds the memory. */
const ATTRIBUTES_PER_EVALUATOR = 1500;
const ATTRIBUTES_PER_NIX = 1500;
/** How deep sets in sets are entered. */
const ENTERED_DEPTH = 2;

/** Trees may be flakes: `--args` apart, a file that gives an output is a tree too. */
const FEATURES: ReadonlySet<string> = new Set(["flakes", "fetch-tree"]);

function packages(tree: Tree): { ev: Evaluator; set: Attrs } {
  const host = new NodeEvalHost({ environment: { HOME: "/homeless" }, onMessage: () => {} });
  const store = memoryStore();
  const ev = new Evaluator(
    host,
    store,
    {
      ...TEST_SETTINGS,
      directory: bytesFromText(tree.directory),
      homeDirectory: "/homeless",
      features: FEATURES,
    },
    flakeBuiltins(FEATURES),
  );
  const args = ev.evaluateText(bytesFromText(tree.args), "args", "/");
  const named: AutoArgs = new Map(
    args instanceof Attrs ? args.sortedNames().map((name) => [name, args.get(name) as Slot]) : [],
  );
  const set = autoCall(ev, ev.importFile(bytesFromText(tree.directory)), named);
  if (!(set instanceof Attrs)) throw new Error(`${tree.directory} is no package set`);
  return { ev, set };
}

function failure(error: unknown): Outcome {
  if (error instanceof NixError) return error.catchable ? "throw" : `error: ${error.message}`;
  if (error instanceof RangeError) return `error: ${error.message}`;
  throw error;
}

function outcome(ev: Evaluator, value: Value): Outcome {
  if (!isDerivation(value)) return "other";
  return stringText(coerceToString(ev, value.get("drvPath") as Slot, 0, "", PLAIN));
}

/** Whether `nix-env -qa` would look inside. */
function isEntered(value: Value): value is Attrs {
  if (isDerivation(value) || !(value instanceof Attrs)) return false;
  const flag: Slot | undefined = (value as Attrs).get("recurseForDerivations");
  return flag !== undefined && force(flag) === true;
}

/** Our outcomes by attribute path: of the set's attributes, and of those of the sets in it that are meant to be entered. */
export function ourOutcomes(tree: Tree, only: readonly string[] | null): Map<string, Outcome> {
  const outcomes = new Map<string, Outcome>();
  let world = packages(tree);
  let since = 0;
  const look = (set: Attrs, name: string, path: string, depth: number): void => {
    world.ev.depth = 0;
    since++;
    let value: Value;
    try {
      const slot = set.get(bytesFromText(name));
      if (slot === undefined) throw new NixError("eval", `attribute '${name}' missing`);
      value = force(slot);
      outcomes.set(path, outcome(world.ev, value));
      if (depth === 0 || !isEntered(value)) return;
    } catch (error) {
      outcomes.set(path, failure(error));
      return;
    }
    for (const inner of value.sortedNames().map(bytesToText))
      look(value, inner, attrPath([path, inner]), depth - 1);
  };
  for (const name of only ?? world.set.sortedNames().map(bytesToText)) {
    if (since > ATTRIBUTES_PER_EVALUATOR) {
      world = packages(tree);
      since = 0;
    }
    look(world.set, name, attrPath([name]), ENTERED_DEPTH);
  }
  return outcomes;
}

/** As Nix text; the first element may be a path already. */
function attrPath([first = "", ...rest]: readonly string[]): string {
  return [rest.length === 0 ? showName(first) : first, ...rest.map(showName)].join(".");
}

const MARK = "snowglobe: the next";

/** What a real Nix says of attribute paths, asked in one `nix repl`: what fails there ends nothing. */
function askNix(nix: readonly string[], tree: Tree, paths: readonly string[]): Promise<string> {
  const store = mkdtempSync(join(tmpdir(), "snowglobe-corpus-"));
  const features = ["--extra-experimental-features", "nix-command flakes"];
  // Values and errors come through one pipe, so that they keep their order.
  const command = [...nix, "nix", "repl", "--store", store, ...features];
  const child = spawn("sh", ["-c", 'exec "$@" 2>&1', "sh", ...command], {
    env: {
      PATH: process.env["PATH"],
      NIX_PATH: "",
      HOME: "/homeless",
      TERM: "dumb",
      NO_COLOR: "1",
    },
    stdio: ["pipe", "pipe", "ignore"],
  });
  let said = "";
  child.stdout.setEncoding("latin1").on("data", (text: string) => {
    said += text;
  });
  const lines = paths.map(
    (path) =>
      `let r = builtins.tryEval (let v = set.${path}; in ` +
      'if builtins.isAttrs v && (v.type or "") == "derivation" ' +
      'then builtins.unsafeDiscardStringContext v.drvPath else "other"); ' +
      `in if r.success then r.value else "throw"\n"${MARK}"\n`,
  );
  child.stdin.end(`set = import ${tree.directory} ${tree.args}\n${lines.join("")}`);
  return new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("close", () => {
      rmSync(store, { recursive: true, force: true });
      // Errors name the places where files really are.
      resolve(said.replaceAll(store, ""));
    });
  });
}

/** A real Nix's outcomes; `nix` is a command prefix, empty for the system's. */
export async function nixOutcomes(
  nix: readonly string[],
  tree: Tree,
  paths: readonly string[],
): Promise<Map<string, Outcome>> {
  const outcomes = new Map<string, Outcome>();
  for (let from = 0; from < paths.length; from += ATTRIBUTES_PER_NIX) {
    const part = paths.slice(from, from + ATTRIBUTES_PER_NIX);
    // biome-ignore lint/suspicious/noControlCharactersInRegex: colours are control characters
    const said = (await askNix(nix, tree, part)).replace(/\x1b\[[0-9;]*m/g, "");
    const answers = said.split(`\n"${MARK}"\n`);
    part.forEach((path, i) => {
      const answer = answers[i] ?? "";
      const value = /^"(\/nix\/store\/\S+|other|throw)"$/m.exec(answer)?.[1];
      const error = [...answer.matchAll(/^ *error: (?=\S)(.*)$/gm)].at(-1)?.[1];
      outcomes.set(path, value ?? `error: ${error ?? "no answer"}`);
    });
  }
  return outcomes;
}
