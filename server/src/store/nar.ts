/**
 * Writing NAR archives: one file tree as one run of bytes, with no dates, owners or modes but the
 * executable bit. The SHA-256 of it is what the path of a source follows from.
 *
 * Every string is its length as 64 bits little-endian, its bytes, and zeros up to a multiple of 8.
 */
import type { ByteString } from "../base/bytes.ts";
import { StoreError } from "./error.ts";
import type { HashAlgorithm, Hasher } from "./hash.ts";

export const NAR_MAGIC = "nix-archive-1";

/** What a file is. `executable`: the owner may execute it. `unknown`: sockets, devices and the like. */
export type NarStat =
  | { readonly type: "regular"; readonly executable: boolean }
  | { readonly type: "directory" | "symlink" | "unknown" };

/** The file tree to archive. Paths are those that `dumpNar` was given and their children. */
export interface NarSource {
  lstat(path: ByteString): NarStat;
  /** Names, in any order. */
  readDir(path: ByteString): readonly ByteString[];
  readFile(path: ByteString): ByteString | Uint8Array;
  readLink(path: ByteString): ByteString;
  /** A file that is too large to be held at once; `undefined`: read it with `readFile`. */
  readLarge?(path: ByteString): LargeFile | undefined;
}

/** Its pieces, which are `size` bytes together, are used one by one. */
export interface LargeFile {
  readonly size: number;
  readonly pieces: Iterable<Uint8Array>;
}

/** Whether to take a file in; never asked for the root. */
export type NarFilter = (path: ByteString, stat: NarStat) => boolean;

/** Takes the archive piece by piece. */
export type NarSink = (chunk: ByteString | Uint8Array) => void;

/** A 64-bit little-endian number. */
function u64(value: number): ByteString {
  let out = "";
  for (let rest = value, i = 0; i < 8; i++) {
    out += String.fromCharCode(rest % 256);
    rest = Math.floor(rest / 256);
  }
  return out;
}

function padding(length: number): ByteString {
  return "\0".repeat((8 - (length % 8)) % 8);
}

function narString(text: ByteString): ByteString {
  return u64(text.length) + text + padding(text.length);
}

const tokens = (...texts: ByteString[]) => texts.map(narString).join("");

const REGULAR = tokens("(", "type", "regular");
const EXECUTABLE = tokens("executable", "");
const CONTENTS = tokens("contents");
const DIRECTORY = tokens("(", "type", "directory");
const SYMLINK = tokens("(", "type", "symlink", "target");
const ENTRY = tokens("entry", "(", "name");
const NODE = tokens("node");
const CLOSE = tokens(")");

/** Files up to this size go to the sink together with what surrounds them. */
const SMALL = 16_384;

/**
 * Writes the archive of the tree at `root` to the sink. Throws `StoreError` for a file of a type that
 * an archive can't hold, and whatever the source throws.
 */
export function dumpNar(
  source: NarSource,
  root: ByteString,
  sink: NarSink,
  filter?: NarFilter,
): void {
  let held = narString(NAR_MAGIC);
  const flush = () => {
    sink(held);
    held = "";
  };
  const dump = (path: ByteString, stat: NarStat) => {
    switch (stat.type) {
      case "regular": {
        const start = REGULAR + (stat.executable ? EXECUTABLE : "") + CONTENTS;
        const large = source.readLarge?.(path);
        if (large !== undefined) {
          held += start + u64(large.size);
          flush();
          for (const piece of large.pieces) sink(piece);
          held += padding(large.size) + CLOSE;
          break;
        }
        const contents = source.readFile(path);
        held += start + u64(contents.length);
        if (typeof contents === "string" && contents.length <= SMALL) held += contents;
        else {
          flush();
          sink(contents);
        }
        held += padding(contents.length) + CLOSE;
        break;
      }
      case "directory": {
        held += DIRECTORY;
        const prefix = path.endsWith("/") ? path : `${path}/`;
        for (const name of [...source.readDir(path)].sort()) {
          const child = prefix + name;
          const childStat = source.lstat(child);
          if (filter !== undefined && !filter(child, childStat)) continue;
          held += ENTRY + narString(name) + NODE;
          dump(child, childStat);
          held += CLOSE;
        }
        held += CLOSE;
        break;
      }
      case "symlink":
        held += SYMLINK + narString(source.readLink(path)) + CLOSE;
        break;
      case "unknown":
        throw new StoreError(`file '${path}' has an unsupported type`);
    }
    if (held.length > SMALL) flush();
  };
  dump(root, source.lstat(root));
  flush();
}

/** The archive of a single file. */
export function narOfFile(contents: ByteString, executable = false): ByteString {
  const mark = executable ? EXECUTABLE : "";
  return `${narString(NAR_MAGIC)}${REGULAR}${mark}${CONTENTS}${narString(contents)}${CLOSE}`;
}

/** The digest of the archive of a tree, and its size in bytes. */
export function hashNar(
  hasher: Hasher,
  algo: HashAlgorithm,
  source: NarSource,
  root: ByteString,
  filter?: NarFilter,
): { readonly digest: Uint8Array; readonly size: number } {
  const state = hasher.create(algo);
  let size = 0;
  dumpNar(
    source,
    root,
    (chunk) => {
      size += chunk.length;
      state.update(chunk);
    },
    filter,
  );
  return { digest: state.digest(), size };
}
