/**
 * Trees that are edited while they are evaluated: the flake of an open file. Every edit gives such a tree
 * another hash, and with it another store path. Were its files read by that path, nothing that has been
 * evaluated of them would be found again, so they are read at a place of their own that stays. A program
 * never sees it: where a path becomes a string it is the store path (`real`), which is not computed before
 * somebody asks, and whoever asks is computed again when the tree has changed.
 */
import type { ByteString } from "../base/bytes.ts";
import { makeSourcePath, type StoreContext } from "../store/store-path.ts";
import { dependOn, Origin } from "./dependents.ts";

/** A tree as it is now. */
export interface TreeState {
  /** Which of its files belong to it (of git's); undefined: all. */
  readonly included: ReadonlySet<ByteString> | undefined;
  /** Its path in the store; computed when it is first asked for. Throws as reading files does. */
  readonly storePath: () => ByteString;
}

export class LiveTree {
  /** Where its files are. */
  readonly directory: ByteString;
  /** Where they are read: looks like a store path, and is none. */
  readonly place: ByteString;
  #state: TreeState;
  #storePath: ByteString | null = null;
  /** What depends on its hash. */
  #readers = new Origin();
  /** What depends on the contents of files in it that were read as data. */
  #dataReaders = new Origin();

  constructor(directory: ByteString, place: ByteString, state: TreeState) {
    this.directory = directory;
    this.place = place;
    this.#state = state;
  }

  get included(): ReadonlySet<ByteString> | undefined {
    return this.#state.included;
  }

  /** The store path as far as it has been asked for. */
  get knownStorePath(): ByteString | null {
    return this.#storePath;
  }

  /** Whether all that depends on its hash is known. */
  get isTracked(): boolean {
    return this.#readers.isTracked;
  }

  /** The tree has changed: what depends on its hash is forgotten. */
  set(state: TreeState): void {
    this.#state = state;
    this.#storePath = null;
    const readers = this.#readers;
    if (!readers.isTracked) this.#readers = new Origin();
    readers.forgetDependents();
  }

  /** What is being computed depends on what the files say. */
  noteReader(): void {
    dependOn(this.#readers.alone);
  }

  noteDataReader(): void {
    dependOn(this.#dataReaders.alone);
  }

  /** A file has changed that was read as data. @returns false when not all that has read it is known */
  forgetDataReaders(): boolean {
    const readers = this.#dataReaders;
    if (!readers.isTracked) this.#dataReaders = new Origin();
    readers.forgetDependents();
    return readers.isTracked;
  }

  get storePath(): ByteString {
    this.noteReader();
    this.#storePath ??= this.#state.storePath();
    return this.#storePath;
  }

  has(path: ByteString): boolean {
    return isWithin(this.place, path);
  }

  /** What a program sees of a path in the tree. */
  real(path: ByteString): ByteString {
    return this.storePath + path.slice(this.place.length);
  }
}

function isWithin(directory: ByteString, path: ByteString): boolean {
  return (
    path.startsWith(directory) &&
    (path.length === directory.length || path.charCodeAt(directory.length) === 0x2f)
  );
}

/** All of an evaluator. */
export class LiveTrees {
  readonly #trees: LiveTree[] = [];

  /** The tree that a path is in. */
  of(path: ByteString): LiveTree | null {
    for (const tree of this.#trees) if (tree.has(path)) return tree;
    return null;
  }

  ofDirectory(directory: ByteString): LiveTree | null {
    return this.#trees.find((tree) => tree.directory === directory) ?? null;
  }

  add(context: StoreContext, directory: ByteString, state: TreeState): LiveTree {
    const place = makeSourcePath(context, "source", context.hasher("sha256", `live\0${directory}`));
    const tree = new LiveTree(directory, place, state);
    this.#trees.push(tree);
    return tree;
  }

  /** The path where a file is read whose path in the store is given; itself when it is in no tree. */
  placeOf(path: ByteString): ByteString {
    for (const { knownStorePath, place } of this.#trees)
      if (knownStorePath !== null && isWithin(knownStorePath, path))
        return place + path.slice(knownStorePath.length);
    return path;
  }

  /** The paths where the file of a path on disk is read. */
  placesOnDisk(path: ByteString): ByteString[] {
    return this.#trees
      .filter(({ directory }) => isWithin(directory, path))
      .map(({ directory, place }) => place + path.slice(directory.length));
  }

  /** Where a file is on disk. */
  onDisk(path: ByteString): ByteString {
    const tree = this.of(path);
    return tree === null ? path : tree.directory + path.slice(tree.place.length);
  }

  /** A text as a user may see it: with real paths. */
  shown(text: ByteString): ByteString {
    let shown = text;
    for (const tree of this.#trees)
      if (shown.includes(tree.place)) shown = shown.replaceAll(tree.place, shownPath(tree));
    return shown;
  }
}

function shownPath(tree: LiveTree): ByteString {
  try {
    return tree.storePath;
  } catch {
    // It cannot be read as a whole, and has no path in the store.
    return tree.directory;
  }
}
