/**
 * The lock of a flake: what `flake.lock` says, as far as it still answers what `flake.nix` asks, and
 * made anew in memory. Nothing is written.
 */
import type { ByteString } from "../base/bytes.ts";
import { NixError, traced } from "../eval/errors.ts";
import type { Evaluator } from "../eval/evaluator.ts";
import { canonicalPath } from "../eval/lib/canonical-path.ts";
import type { SourceTree } from "./described-tree.ts";
import { type FlakeFile, type FlakeInput, type InputPath, readFlakeFile } from "./flake-file.ts";
import { type FlakeRef, flakeRefToUrl, sameRef } from "./flake-ref.ts";
import {
  EMPTY_LOCK,
  findInput,
  isNode,
  type Lock,
  type LockNode,
  lockText,
  parseLock,
} from "./lock-file.ts";
import { sourceTree } from "./source-tree.ts";

export interface LockedFlake {
  readonly ref: FlakeRef;
  readonly tree: SourceTree;
  /** Of the flake: where its tree is read and `dir`. */
  readonly directory: ByteString;
  readonly file: FlakeFile;
  readonly lock: Lock;
  /** What `flake.lock` says; null when there is none. */
  readonly old: Lock | null;
  /** Whether `flake.lock` says otherwise than `lock`, or is not there though there are inputs. */
  readonly lockChanged: boolean;
}

/** Which inputs are locked anew: all, or the paths of some joined by `/`. */
export type LockUpdates = "all" | ReadonlySet<ByteString>;

/**
 * Reads and locks the flake of a reference. Throws `NixError` and `Interruption`.
 *
 * @param live whether its tree is read where it is edited
 */
export function lockFlake(
  ev: Evaluator,
  ref: FlakeRef,
  updates: LockUpdates = new Set(),
  live = false,
): LockedFlake {
  const tree = sourceTree(ev, ref, live);
  const directory = inTree(tree, ref);
  const shown = flakeRefToUrl(ref);
  checkTracked(ev, tree, directory);
  const file = readFlakeFile(ev, `${directory}/flake.nix`, shown, []);
  const old = readLock(ev, directory);
  const lock = EMPTY_LOCK();
  const locker = new Locker(ev, lock, updates === "all" ? new Set() : updates);
  const known = updates === "all" ? null : old;
  try {
    locker.inputs(lock, file.inputs, known, [], directory);
    checkFollows(lock);
  } catch (error) {
    throw traced(error, 0, `while updating the lock file of flake '${flakeRefToUrl(tree.locked)}'`);
  }
  for (const name of locker.unusedUpdates)
    ev.files.warnOnce(`'${name}' does not match any input of this flake`);
  const lockChanged = lockText(lock) !== lockText(old ?? EMPTY_LOCK());
  return { ref, tree, directory, file, lock, old, lockChanged };
}

/** A flake.nix that git does not know is not seen, which surprises. */
function checkTracked(ev: Evaluator, tree: SourceTree, directory: ByteString): void {
  const file = `${directory}/flake.nix`;
  if (tree.directory === null || tree.ref.get("type") !== "git") return;
  if (ev.files.stat(file) !== null) return;
  const path = file.slice(tree.place.length + 1);
  const there = ev.files.unrestricted(() => ev.files.stat(`${tree.directory}/${path}`));
  if (there === null) return;
  throw new NixError(
    "io",
    `path '${path}' in the repository "${tree.directory}" is not tracked by Git.\n\nTo make it visible to Nix, run:\n\ngit -C "${tree.directory}" add "${path}"`,
  );
}

/** The flake's directory in its tree. */
export function inTree(tree: SourceTree, ref: FlakeRef): ByteString {
  const dir = ref.get("dir");
  return canonicalPath(dir === undefined ? tree.place : `${tree.place}/${dir}`);
}

function readLock(ev: Evaluator, directory: ByteString): Lock | null {
  const path = `${directory}/flake.lock`;
  if (ev.files.stat(ev.files.resolveLinks(path)) === null) return null;
  return parseLock(ev.files.readFile(ev.files.resolveLinks(path)), path);
}

interface Override {
  readonly input: FlakeInput;
  /** The input whose flake.nix says so: relative paths are relative to it. */
  readonly by: InputPath;
}

/** What a lock says is stated, but has no place in a `flake.nix`. */
const UNWRITTEN = { stated: true, position: 0 };

const keyOf = (path: InputPath) => path.join("/");

const isRelative = (ref: FlakeRef) =>
  ref.get("type") === "path" && !String(ref.get("path")).startsWith("/");

class Locker {
  readonly #ev: Evaluator;
  readonly #root: Lock;
  readonly #updates: ReadonlySet<ByteString>;
  /** Of `#updates`, those that are no input. */
  readonly unusedUpdates: Set<ByteString>;
  readonly #overrides = new Map<string, Override>();
  /** Flakes that are being locked anew, so that one that is its own input has an end. */
  readonly #entered: FlakeRef[] = [];

  /** @param updates paths of inputs that are locked anew, whatever was known of them */
  constructor(ev: Evaluator, root: Lock, updates: ReadonlySet<ByteString>) {
    this.#ev = ev;
    this.#root = root;
    this.#updates = updates;
    this.unusedUpdates = new Set(updates);
  }

  /**
   * Gives `node` its inputs. `old`: the node that says how they were locked; `at`: the path of `node`;
   * `directory`: of its flake, for relative inputs; null when it has not been needed. `kept`: whether
   * `inputs` are what `old` says, and no flake has been asked.
   */
  inputs(
    node: LockNode,
    inputs: ReadonlyMap<ByteString, FlakeInput>,
    old: LockNode | null,
    at: InputPath,
    directory: ByteString | null,
    kept = false,
  ): void {
    const names = [...inputs.keys()].sort();
    for (const name of names)
      this.#noteOverrides(inputs.get(name) as FlakeInput, [...at, name], at);
    this.#warnOfUnknown(inputs, at);
    for (const name of names) {
      const path = [...at, name];
      try {
        this.#input(node, name, inputs.get(name) as FlakeInput, old, path, directory, kept);
      } catch (error) {
        throw traced(error, 0, `while updating the flake input '${keyOf(path)}'`);
      }
    }
  }

  /** What is said first, nearer to the root, counts. */
  #noteOverrides(input: FlakeInput, path: InputPath, by: InputPath): void {
    for (const [name, override] of input.overrides) {
      const below = [...path, name];
      if ((override.stated || override.overrides.size === 0) && !this.#overrides.has(keyOf(below)))
        this.#overrides.set(keyOf(below), { input: override, by });
      this.#noteOverrides(override, below, by);
    }
  }

  /** What is said of an input that the flake at a path does not have, by a flake around it. */
  #warnOfUnknown(inputs: ReadonlyMap<ByteString, FlakeInput>, at: InputPath): void {
    const prefix = `${keyOf(at)}/`;
    const unknown = [...this.#overrides.keys()]
      .filter((key) => key.startsWith(prefix))
      .map((key) => key.slice(prefix.length))
      .filter((name) => !name.includes("/") && !inputs.has(name));
    for (const name of unknown.sort())
      this.#ev.files.warnOnce(
        `input '${keyOf(at)}' has an override for a non-existent input '${name}'`,
      );
  }

  #input(
    node: LockNode,
    name: ByteString,
    own: FlakeInput,
    old: LockNode | null,
    path: InputPath,
    directory: ByteString | null,
    kept: boolean,
  ): void {
    const override = this.#overrides.get(keyOf(path));
    const input = override?.input ?? own;
    if (input.follows !== null) {
      node.inputs.set(name, input.follows);
      return;
    }
    const ref = input.ref as FlakeRef;
    const by = override?.by ?? path.slice(0, -1);
    const parent = isRelative(ref) ? by : null;
    const known = old?.inputs.get(name);
    this.unusedUpdates.delete(keyOf(path));
    if (
      !this.#updates.has(keyOf(path)) &&
      known !== undefined &&
      isNode(known) &&
      known.original !== null &&
      sameRef(known.original, ref) &&
      keyOf(known.parent ?? []) === keyOf(parent ?? [])
    ) {
      this.#keep(node, name, known, own, path, directory, kept);
      return;
    }
    this.#lock(node, name, ref, input, parent, path, directory);
  }

  /** An input is locked as it was. */
  #keep(
    node: LockNode,
    name: ByteString,
    known: LockNode,
    input: FlakeInput,
    path: InputPath,
    directory: ByteString | null,
    trusted: boolean,
  ): void {
    const kept: LockNode = { ...known, inputs: new Map() };
    node.inputs.set(name, kept);
    // An override of an input that the lock does not know: only the flake itself says what it is.
    const unknown = [...input.overrides.keys()].some((each) => !known.inputs.has(each));
    const updated = [...this.#updates].some((each) => each.startsWith(`${keyOf(path)}/`));
    // One that follows another because a flake.nix said so, which may say it no longer.
    const unsaid =
      !trusted &&
      [...known.inputs].some(
        ([each, target]) => !isNode(target) && !this.#overrides.has(keyOf([...path, each])),
      );
    const { locked, parent } = known;
    if ((unknown || updated || unsaid) && known.isFlake && locked !== null) {
      if (parent === null) {
        this.#below(kept, sourceTree(this.#ev, locked), locked, known, path);
        return;
      }
      const from = this.#directoryOf(parent, path, directory);
      this.#flakeAt(kept, canonicalPath(`${from}/${locked.get("path")}`), locked, path, known);
      return;
    }
    const inputs = new Map<ByteString, FlakeInput>();
    for (const [each, target] of known.inputs) {
      inputs.set(
        each,
        isNode(target)
          ? {
              ref: target.original,
              follows: null,
              isFlake: target.isFlake,
              overrides: new Map(),
              ...UNWRITTEN,
            }
          : { ref: null, follows: target, isFlake: true, overrides: new Map(), ...UNWRITTEN },
      );
    }
    this.inputs(kept, inputs, known, path, null, true);
  }

  #lock(
    node: LockNode,
    name: ByteString,
    ref: FlakeRef,
    input: FlakeInput,
    parent: InputPath | null,
    path: InputPath,
    directory: ByteString | null,
  ): void {
    const locked: LockNode = {
      locked: ref,
      original: ref,
      isFlake: input.isFlake,
      parent,
      inputs: new Map(),
    };
    if (parent !== null) {
      const from = this.#directoryOf(parent, path, directory);
      const target = canonicalPath(`${from}/${ref.get("path")}`);
      const inTree = this.#ev.files.inStore(target)?.below.slice(1) ?? "";
      const relative = { ...locked, directory: inTree };
      node.inputs.set(name, relative);
      if (input.isFlake) this.#flakeAt(relative, target, ref, path);
      else if (this.#ev.files.stat(target) === null)
        throw new NixError("io", `path '${target}' does not exist`);
      return;
    }
    const tree = this.#treeToLock(ref, path, input.position);
    if (ref.get("type") === "git" && tree.rev === null) {
      throw new NixError(
        "eval",
        `the input '${keyOf(path)}' (${flakeRefToUrl(ref)}) cannot be locked: its work tree has changes that are not committed`,
      );
    }
    const count = tree.revCount?.() ?? null;
    const pinned = new Map(tree.locked);
    if (count !== null) pinned.set("revCount", count);
    const pinnedNode: LockNode = { ...locked, locked: pinned };
    node.inputs.set(name, pinnedNode);
    if (input.isFlake) this.#below(pinnedNode, tree, ref, null, path);
  }

  /** What is not here is missing only as long as the input is not locked: that is said. */
  #treeToLock(ref: FlakeRef, path: InputPath, position: number): SourceTree {
    try {
      return sourceTree(this.#ev, ref);
    } catch (error) {
      if (!(error instanceof NixError) || error.kind !== "not-fetched") throw error;
      const input = `the input '${keyOf(path)}' (${flakeRefToUrl(ref)})`;
      const unlocked = new NixError(
        "not-fetched",
        `flake.lock has no entry for ${input}, and ${error.message}`,
        position,
      );
      throw error.wanted === null ? unlocked : unlocked.needs(error.wanted);
    }
  }

  /** The directory of the flake that a relative input is written in. */
  #directoryOf(parent: InputPath, path: InputPath, directory: ByteString | null): ByteString {
    if (directory !== null && keyOf(parent) === keyOf(path.slice(0, -1))) return directory;
    const node = findInput(this.#root, parent);
    if (node?.locked == null || isRelative(node.locked)) {
      throw new NixError(
        "eval",
        `cannot lock the relative path of the input '${keyOf(path)}': lock it with 'snowglobe flake lock'`,
      );
    }
    return inTree(sourceTree(this.#ev, node.locked), node.locked);
  }

  #below(
    node: LockNode,
    tree: SourceTree,
    ref: FlakeRef,
    known: LockNode | null,
    path: InputPath,
  ): void {
    this.#flakeAt(node, inTree(tree, ref), ref, path, known);
  }

  /** Locks the inputs of the flake in a directory: by what was known of it, else by its own lock. */
  #flakeAt(
    node: LockNode,
    directory: ByteString,
    ref: FlakeRef,
    path: InputPath,
    known: LockNode | null = null,
  ): void {
    const file = readFlakeFile(this.#ev, `${directory}/flake.nix`, flakeRefToUrl(ref), path);
    if (known !== null) {
      this.inputs(node, file.inputs, known, path, directory);
      return;
    }
    // By what is written: Nix refuses a relative path in a flake that was itself reached by the same.
    if (this.#entered.some((one) => sameRef(one, ref))) {
      throw new NixError("eval", `found circular import of flake '${flakeRefToUrl(ref)}'`);
    }
    this.#entered.push(ref);
    const old = prefixed(readLock(this.#ev, directory), path);
    this.inputs(node, file.inputs, old, path, directory);
    this.#entered.pop();
  }
}

/** The lock of an input's own, in which follows start at that input. */
function prefixed(lock: Lock | null, path: InputPath): Lock | null {
  if (lock === null) return null;
  const made = new Map<LockNode, LockNode>();
  const copy = (node: LockNode): LockNode => {
    const known = made.get(node);
    if (known !== undefined) return known;
    const inputs = new Map<ByteString, LockNode | InputPath>();
    const parent = node.parent === null ? null : [...path, ...node.parent];
    const one = { ...node, parent, inputs };
    made.set(node, one);
    for (const [name, input] of node.inputs)
      inputs.set(name, isNode(input) ? copy(input) : [...path, ...input]);
    return one;
  };
  return copy(lock);
}

/** Throws when an input follows one that is not there. */
function checkFollows(lock: Lock): void {
  const visit = (node: LockNode, path: InputPath) => {
    for (const [name, input] of node.inputs) {
      const below = [...path, name];
      if (isNode(input)) visit(input, below);
      else if (findInput(lock, input) === null) {
        throw new NixError(
          "eval",
          `input '${keyOf(below)}' follows a non-existent input '${keyOf(input)}'`,
        );
      }
    }
  };
  visit(lock, []);
}
