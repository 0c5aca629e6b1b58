/** What an editor evaluates of a `flake.nix`: its outputs for this system, in pure mode as Nix does. */
import type { ByteString } from "../base/bytes.ts";
import { Attrs } from "../eval/attrs.ts";
import { Code } from "../eval/code.ts";
import { isDerivation } from "../eval/compare.ts";
import { NixError } from "../eval/errors.ts";
import type { Evaluator } from "../eval/evaluator.ts";
import type { EvalHost } from "../eval/host.ts";
import { parentPath } from "../eval/lib/canonical-path.ts";
import type { RootMember } from "../eval/root-value.ts";
import { force } from "../eval/runtime.ts";
import { EvaluationSession } from "../eval/session.ts";
import type { EvalSettings } from "../eval/settings.ts";
import { type Slot, Thunk } from "../eval/values.ts";
import type { Store } from "../store/store.ts";
import { flakeBuiltins } from "./builtins.ts";
import { callFlake } from "./call-flake.ts";
import type { FlakeRef, InputAttribute } from "./flake-ref.ts";
import { lockFlake } from "./lock-flake.ts";

export function flakeSession(
  host: EvalHost,
  store: Store,
  settings: EvalSettings,
): EvaluationSession {
  const features = new Set([...settings.features, "nix-command", "flakes", "fetch-tree"]);
  const pure = { ...settings, features, pureEval: true, restrictEval: false, searchPath: [] };
  return new EvaluationSession(host, store, pure, flakeBuiltins(features), flakeMembers);
}

/** The reference of the flake in a directory of this machine: git's tree where there is git. */
export function flakeRefOfDirectory(ev: Evaluator, directory: ByteString): FlakeRef {
  const top = ev.host.git?.topOf(directory) ?? null;
  const ref = new Map<ByteString, InputAttribute>();
  if (top === null) return ref.set("type", "path").set("path", directory);
  ref.set("type", "git").set("url", `file://${encodeURI(top)}`);
  if (directory !== top) ref.set("dir", directory.slice(top === "/" ? 1 : top.length + 1));
  return ref;
}

/** Outputs with one derivation for each system. */
const OF_SYSTEM = ["formatter", "defaultPackage", "devShell"] as const;
/** Outputs with a set of derivations for each system. */
const SETS_OF_SYSTEM = ["packages", "devShells", "checks", "apps"] as const;
/** Where the derivation of a configuration is. */
const CONFIGURATIONS: Readonly<Record<string, readonly string[]>> = {
  nixosConfigurations: ["config", "system", "build", "toplevel"],
  homeConfigurations: ["activationPackage"],
  darwinConfigurations: ["system"],
};

/** The trees that the flakes of an evaluator had last. */
const lastTrees = new WeakMap<Evaluator, Map<ByteString, ByteString>>();

/** @param path of a `flake.nix` on disk */
export function flakeMembers(ev: Evaluator, path: ByteString): RootMember[] {
  const flake = lockFlake(ev, flakeRefOfDirectory(ev, parentPath(path)));
  forgetOldTree(ev, path, flake.tree.storePath);
  const outputs = attributesOf(force(callFlake(ev, flake)));
  if (outputs === null) return [];
  const members: RootMember[] = [];
  const add = (set: Attrs, name: ByteString, label: ByteString) => {
    const slot = set.get(name);
    if (slot !== undefined)
      members.push({ name: label, slot, position: set.position(name), expr: null });
  };
  const failed = (error: unknown, position: number) => {
    if (!(error instanceof NixError)) throw error;
    // Reported when it is forced as a member: one output that fails does not hide the others.
    members.push({ name: "", slot: failing(error), position, expr: null });
  };
  const inside = (set: Attrs, name: ByteString, use: (value: Attrs) => void) => {
    const slot = set.get(name);
    if (slot === undefined) return;
    try {
      const value = attributesOf(slot);
      if (value !== null) use(value);
    } catch (error) {
      failed(error, set.position(name));
    }
  };
  const { system } = ev.settings;
  for (const name of SETS_OF_SYSTEM) {
    inside(outputs, name, (all) =>
      inside(all, system, (set) => {
        for (const each of set.sortedNames()) {
          if (name === "apps") inside(set, each, (app) => add(app, "program", `apps.${each}`));
          else add(set, each, `${name}.${each}`);
        }
      }),
    );
  }
  for (const name of OF_SYSTEM) inside(outputs, name, (all) => add(all, system, name));
  for (const [name, steps] of Object.entries(CONFIGURATIONS)) {
    inside(outputs, name, (all) => {
      for (const each of all.sortedNames())
        inside(all, each, (one) => follow(one, steps, `${name}.${each}`, inside, add));
    });
  }
  return members;
}

function follow(
  set: Attrs,
  [first = "", ...rest]: readonly string[],
  label: ByteString,
  inside: (set: Attrs, name: ByteString, use: (value: Attrs) => void) => void,
  add: (set: Attrs, name: ByteString, label: ByteString) => void,
): void {
  if (rest.length === 0) add(set, first, label);
  else inside(set, first, (value) => follow(value, rest, label, inside, add));
}

function attributesOf(slot: Slot): Attrs | null {
  const value = force(slot);
  return value instanceof Attrs && !isDerivation(value) ? (value as Attrs) : null;
}

function failing(error: NixError): Slot {
  return new Thunk(
    Code.of(() => {
      throw error;
    }),
    [],
  );
}

/** Every edit gives the flake another store path; what is known of the one before will not be asked for again. */
function forgetOldTree(ev: Evaluator, path: ByteString, storePath: ByteString): void {
  let last = lastTrees.get(ev);
  if (last === undefined) {
    last = new Map();
    lastTrees.set(ev, last);
  }
  const before = last.get(path);
  if (before !== undefined && before !== storePath) ev.forgetStorePath(before);
  last.set(path, storePath);
}
