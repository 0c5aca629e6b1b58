/** What an editor evaluates of a `flake.nix`: its outputs for this system, in pure mode as Nix does. */
import type { ByteString } from "../base/bytes.ts";
import type { Evaluator } from "../eval/evaluator.ts";
import type { EvalHost } from "../eval/host.ts";
import { parentPath } from "../eval/lib/canonical-path.ts";
import type { FlakeRoots, RootMember } from "../eval/root-value.ts";
import { EvaluationSession } from "../eval/session.ts";
import type { EvalSettings } from "../eval/settings.ts";
import type { SourceObject, Store } from "../store/store.ts";
import { flakeBuiltins } from "./builtins.ts";
import type { FlakeRef, InputAttribute } from "./flake-ref.ts";
import { unlockedInputs } from "./lock-changes.ts";
import { lockFlake } from "./lock-flake.ts";
import { outputMembers } from "./output-members.ts";
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

/** The flakes of one session. */
class FlakeOutputs implements FlakeRoots {
  /** Where each flake's tree is read, by its `flake.nix`. */
  readonly #trees = new Map<ByteString, ByteString>();
  readonly #unlocked = new Map<ByteString, readonly number[]>();
  /** While flakes are as they were in a commit. */
  #past: Past | null = null;

  members(ev: Evaluator, path: ByteString): RootMember[] {
    const past = this.#past;
    const ref = flakeRefOfDirectory(ev, parentPath(path), past?.commit);
    if (past === null) {
      const flake = lockFlake(ev, ref, new Set(), true);
      this.#forgetOldTree(ev, path, flake.tree.place);
      this.#unlocked.set(
        path,
        unlockedInputs(flake).map(({ position }) => position),
      );
      return outputMembers(ev, flake);
    }
    const place = this.#trees.get(path) ?? "";
    const present = ev.liveTrees.of(place)?.knownStorePath ?? place;
    const now = ev.store.object(present);
    const tree = sourceTree(ev, ref);
    if (place !== tree.storePath) past.tree = tree.storePath;
    if (present === tree.storePath && now?.kind === "source") past.now = now.source;
    // The work tree may have been this one, and be another by now.
    const { narHash: hash, directory: origin } = tree;
    if (origin !== null) ev.store.addSource("source", { method: "nar", hash, origin });
    return outputMembers(ev, lockFlake(ev, ref));
  }

  unlocked(path: ByteString): readonly number[] {
    return this.#unlocked.get(path) ?? [];
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

  above(ev: Evaluator, path: ByteString): ByteString | null {
    const top = ev.host.git?.topOf(parentPath(path)) ?? null;
    return ev.files.unrestricted(() => {
      for (let at = parentPath(path); at !== "/"; at = parentPath(at)) {
        const flake = `${at}/flake.nix`;
        if (ev.files.stat(flake) !== null) return flake === path ? null : flake;
        if (at === top) break;
      }
      return null;
    });
  }

  inTree(ev: Evaluator, flake: ByteString, path: ByteString): ByteString {
    const directory = parentPath(flake);
    const top = ev.host.git?.topOf(directory) ?? directory;
    return `${this.#trees.get(flake) ?? ""}${path.slice(top.length)}`;
  }

  /** What is known of a tree that is read elsewhere now will not be asked for again. */
  #forgetOldTree(ev: Evaluator, path: ByteString, place: ByteString): void {
    const before = this.#trees.get(path);
    if (before !== undefined && before !== place) ev.forgetStorePath(before);
    this.#trees.set(path, place);
  }
}

interface Past {
  readonly commit: ByteString;
  /** The store object of the present tree, when it is the same now as it was then. */
  now: SourceObject | null;
  /** The path where the tree was read, when the present one is read elsewhere. */
  tree: ByteString | null;
}
