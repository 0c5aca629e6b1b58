/** Writes what an evaluation added to its store as files, with the bytes, modes and times that Nix gives. */
import * as fs from "node:fs";
import { type ByteString, bytesToText, bytesToUint8Array } from "../base/bytes.ts";
import { derivationReferences, unparseDerivation } from "../store/derivation.ts";
import { type Hash, type Hasher, printHash } from "../store/hash.ts";
import { dumpNar, type NarSource, narOfFile } from "../store/nar.ts";
import { createNarParser } from "../store/nar-parse.ts";
import type { SourceObject, Store, StoreObject } from "../store/store.ts";
import { moveTree, removeTree } from "./disk-tree.ts";
import { nodePath } from "./node-path.ts";
import { restoreNar } from "./restore-nar.ts";

/** Thrown when a source changed between its evaluation and its copy. */
export class StoreWriteError extends Error {}

/** What writing found out about an object. */
export interface WrittenObject {
  /** SHA-256 of its NAR. */
  readonly narHash: Hash;
  readonly narSize: number;
  readonly references: readonly ByteString[];
  /** As in `PathInfo`. */
  readonly contentAddress: string;
}

function asArray(data: ByteString | Uint8Array): Uint8Array {
  return typeof data === "string" ? bytesToUint8Array(data) : data;
}

/** The NAR of an object piece by piece; gives the hash of a source as its path says it. */
function archive(
  hasher: Hasher,
  object: StoreObject,
  files: NarSource,
  sink: (chunk: ByteString | Uint8Array) => void,
): Hash | undefined {
  if (object.kind === "text") sink(narOfFile(object.contents));
  else if (object.kind === "derivation") sink(narOfFile(unparseDerivation(object.drv)));
  else return archiveSource(hasher, object.source, files, sink);
  return undefined;
}

function archiveSource(
  hasher: Hasher,
  { origin, included, method, hash }: SourceObject,
  files: NarSource,
  sink: (chunk: ByteString | Uint8Array) => void,
): Hash {
  const state = hasher.create(hash.algo);
  if (method === "flat") {
    const contents = files.readFile(origin);
    state.update(contents);
    const text = typeof contents === "string" ? contents : Buffer.from(contents).toString("latin1");
    sink(narOfFile(text));
  } else {
    const keep =
      included === undefined
        ? undefined
        : (each: ByteString) => included.has(each.slice(origin.length + 1));
    const each = (chunk: ByteString | Uint8Array) => {
      state.update(chunk);
      sink(chunk);
    };
    dumpNar(files, origin, each, keep);
  }
  return { algo: hash.algo, bytes: state.digest() };
}

/**
 * Writes one object to a file that is not there yet.
 *
 * @param files reads the files that sources are made of
 * @throws StoreWriteError, or what the file system throws; then something may be left at `file`
 */
export function writeObject(
  hasher: Hasher,
  file: ByteString,
  storePath: ByteString,
  object: StoreObject,
  files: NarSource,
): WrittenObject {
  const state = hasher.create("sha256");
  const restoring = restoreNar(file);
  const parser = createNarParser(restoring);
  let narSize = 0;
  let found: Hash | undefined;
  try {
    found = archive(hasher, object, files, (chunk) => {
      narSize += chunk.length;
      state.update(chunk);
      parser.push(asArray(chunk));
    });
    parser.end();
  } finally {
    restoring.close();
  }
  const narHash: Hash = { algo: "sha256", bytes: state.digest() };
  if (object.kind !== "source") {
    const isText = object.kind === "text";
    const contents = isText ? object.contents : unparseDerivation(object.drv);
    const hash: Hash = { algo: "sha256", bytes: hasher("sha256", contents) };
    return {
      narHash,
      narSize,
      references: isText ? object.references : derivationReferences(object.drv),
      contentAddress: `text:${printHash(hash, "nix32", true)}`,
    };
  }
  const { source } = object;
  if (found === undefined || printHash(found, "sri") !== printHash(source.hash, "sri")) {
    throw new StoreWriteError(
      bytesToText(
        `'${source.origin}' changed while it was copied to '${storePath}': evaluate again`,
      ),
    );
  }
  const method = source.method === "nar" ? "r:" : "";
  return {
    narHash,
    narSize,
    references: source.references ?? [],
    contentAddress: `fixed:${method}${printHash(source.hash, "nix32", true)}`,
  };
}

/**
 * Writes every object of a store under ROOT/nix/store. An object is complete before it gets its name;
 * what is there already is kept. Throws as `writeObject`.
 */
export function writeStore(store: Store, root: ByteString, files: NarSource): void {
  const { storeDir, hasher } = store.context;
  const directory = root + storeDir;
  fs.mkdirSync(nodePath(directory), { recursive: true });
  for (const [storePath, object] of store.objects()) {
    const target = directory + storePath.slice(storeDir.length);
    if (fs.existsSync(nodePath(target))) continue;
    const partial = `${directory}/.writing-${process.pid}`;
    fs.mkdirSync(nodePath(partial));
    try {
      writeObject(hasher, `${partial}/object`, storePath, object, files);
      moveTree(`${partial}/object`, target);
    } finally {
      removeTree(partial);
    }
  }
}
