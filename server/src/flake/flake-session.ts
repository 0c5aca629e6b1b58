/** What an editor evaluates of a `flake.nix`: its outputs for this system, in pure mode as Nix does. */
import type { ByteString } from "../base/bytes.ts";
import { Attrs } from "../eval/attrs.ts";
import { Code } from "../eval/code.ts";
import { isDerivation } from "../eval/compare.ts";
import { NixError } from "../eval/errors.ts";
import type { Evaluator } from "../eval/evaluator.ts";
import type { EvalHost } from "../eval/host.ts";
import { parentPath } from "../eval/lib/canonical-path.ts";
import type { FlakeRoots, RootMember } from "../eval/root-value.ts";
import { force } from "../eval/runtime.ts";
import { EvaluationSession } from "../eval/session.ts";
import type { EvalSettings } from "../eval/settings.ts";
import { type Slot, Thunk } from "../eval/values.ts";
import type { SourceObject, Store } from "../store/store.ts";
import { flakeBuiltins } from "./builtins.ts";
import { callFlake } from "./call-flake.ts";
import type { FlakeRef, InputAttribute } from "./flake-ref.ts";
import { type LockedFlake, lockFlake } from "./lock-flake.ts";
import { sourceTree } from "./source-tree.ts";

export function flakeSession(
  host: EvalHost,
  store: Store,
  settings: EvalSettings,
): EvaluationSession {
  const features = new Set([...settings.features, "nix-command", "flakes", "fetch-tree"]);
  const pure = { ...settings, features, pureEval: true, restrictEval: false, searchPath: [] };
  return new EvaluationSession(host, store, pure, flakeBuiltins(features), new FlakeOutputs());
}

/**
 * The reference of the flake in a directory of this machine: git's tree where there is git.
 *
 * @param commit null: the tree as it is
 */
export function flakeRefOfDirectory(
  ev: Evaluator,
  directory: ByteString,
  commit: ByteString | null = null,
): FlakeRef {
  const top = ev.host.git?.topOf(directory) ?? null;
  const ref = new Map<ByteString, InputAttribute>();
  if (top === null) return ref.set("type", "path").set("path", directory);
  ref.set("type", "git").set("url", `file://${encodeURI(top)}`);
  if (ev.files.unrestricted(() => ev.files.exists(`${top}/.git/shallow`))) ref.set("shallow", true);
  if (commit !== null) ref.set("rev", commit);
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

/** The flakes of one session. */
class FlakeOutputs implements FlakeRoots {
  /** The store path of each flake's tree, by its `flake.nix`. */
  readonly #trees = new Map<ByteString, ByteString>();
  /** While flakes are as they were in a commit. */
  #past: Past | null = null;

  members(ev: Evaluator, path: ByteString): RootMember[] {
    const past = this.#past;
    const ref = flakeRefOfDirectory(ev, parentPath(path), past?.commit);
    if (past === null) {
      const flake = lockFlake(ev, ref);
      this.#forgetOldTree(ev, path, flake.tree.storePath);
      return outputMembers(ev, flake);
    }
    const present = this.#trees.get(path) ?? "";
    const now = ev.store.object(present);
    const tree = sourceTree(ev, ref);
    if (present !== tree.storePath) past.tree = tree.storePath;
    else if (now?.kind === "source") past.now = now.source;
    // The work tree may have been this one, and be another by now.
    const { narHash: hash, directory: origin } = tree;
    if (origin !== null) ev.store.addSource("source", { method: "nar", hash, origin });
    return outputMembers(ev, lockFlake(ev, ref));
  }

  at<T>(ev: Evaluator, commit: ByteString, evaluate: () => T): T {
    const past: Past = { commit, now: null, tree: null };
    this.#past = past;
    try {
      return evaluate();
    } finally {
      this.#past = null;
      // What the editor shows of an unchanged tree is where it is edited, and evaluated for it.
      if (past.now !== null) ev.store.addSource("source", past.now);
      if (past.tree !== null) ev.forgetStorePath(past.tree);
    }
  }

  /** Every edit gives the flake another store path; what is known of the one before will not be asked for again. */
  #forgetOldTree(ev: Evaluator, path: ByteString, storePath: ByteString): void {
    const before = this.#trees.get(path);
    if (before !== undefined && before !== storePath) ev.forgetStorePath(before);
    this.#trees.set(path, storePath);
  }
}

interface Past {
  readonly commit: ByteString;
  /** Where the tree is read that is the same now as it was then. */
  now: SourceObject | null;
  /** The tree, when it is another now. */
  tree: ByteString | null;
}

function outputMembers(ev: Evaluator, flake: LockedFlake): RootMember[] {
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
