/** What is known of a tree of files, and the reference that pins it. */
import type { ByteString } from "../base/bytes.ts";
import { type Hash, printHash } from "../store/hash.ts";
import type { FlakeRef, InputAttribute } from "./flake-ref.ts";

/** What the files of a tree say. Of one that is edited it is computed when it is asked for. */
export interface Contents {
  readonly storePath: ByteString;
  readonly narHash: Hash;
  /** Gives seconds since 1970. */
  readonly lastModified: (() => number) | null;
}

export interface SourceTree extends Contents {
  /** The path under which its files are read: its store path, unless it is edited. */
  readonly place: ByteString;
  readonly isLive: boolean;
  readonly ref: FlakeRef;
  /** The reference with everything that pins it, but `revCount`. */
  readonly locked: FlakeRef;
  readonly rev: ByteString | null;
  /** Counting may take long, so it is done when asked for. */
  readonly revCount: (() => number) | null;
  /** The commit that a changed git work tree is based on. */
  readonly dirtyRev: ByteString | null;
  /** Where the files are, when they are read in place. */
  readonly directory: ByteString | null;
}

/** How long the abbreviation of a commit is. */
export const SHORT_REV = 7;

/** Where the files of a tree are read. */
export interface Placed {
  readonly contents: Contents;
  readonly place: ByteString;
  readonly isLive: boolean;
}

/** What the attributes of a reference say about its tree. */
export function described(ref: FlakeRef, contents: Contents): SourceTree {
  return describedAt(ref, { contents, place: contents.storePath, isLive: false }, null);
}

export function describedAt(
  ref: FlakeRef,
  placed: Placed,
  directory: ByteString | null,
): SourceTree {
  const text = (name: string) => {
    const value = ref.get(name);
    return typeof value === "string" ? value : null;
  };
  return new Tree(ref, placed, directory, [], {
    rev: text("rev"),
    revCount: constant(numberOf(ref, "revCount")),
    dirtyRev: text("dirtyRev"),
  });
}

export function constant(value: number | null): (() => number) | null {
  return value === null ? null : () => value;
}

export function numberOf(ref: FlakeRef, name: string): number | null {
  const value = ref.get(name);
  return typeof value === "number" ? value : null;
}

export type Pins = readonly (readonly [ByteString, InputAttribute | null])[];

export class Tree implements SourceTree {
  readonly ref: FlakeRef;
  readonly place: ByteString;
  readonly isLive: boolean;
  readonly lastModified: (() => number) | null;
  readonly directory: ByteString | null;
  readonly rev: ByteString | null;
  readonly revCount: (() => number) | null;
  readonly dirtyRev: ByteString | null;
  readonly #contents: Contents;
  readonly #pins: Pins;

  /** @param pins what pins the tree besides its contents */
  constructor(
    ref: FlakeRef,
    { contents, place, isLive }: Placed,
    directory: ByteString | null,
    pins: Pins,
    { rev, revCount, dirtyRev }: Pick<SourceTree, "rev" | "revCount" | "dirtyRev">,
  ) {
    this.ref = ref;
    this.#contents = contents;
    this.place = place;
    this.isLive = isLive;
    this.lastModified = contents.lastModified;
    this.directory = directory;
    this.#pins = pins;
    this.rev = rev;
    this.revCount = revCount;
    this.dirtyRev = dirtyRev;
  }

  get storePath(): ByteString {
    return this.#contents.storePath;
  }

  get narHash(): Hash {
    return this.#contents.narHash;
  }

  get locked(): FlakeRef {
    return withAttributes(this.ref, [
      ...this.#pins,
      ["lastModified", this.lastModified?.() ?? null],
      ["narHash", printHash(this.narHash, "sri")],
    ]);
  }
}

export function withAttributes(ref: FlakeRef, more: Pins): FlakeRef {
  const all = new Map(ref);
  for (const [name, value] of more) if (value !== null) all.set(name, value);
  return all;
}
