/**
 * Writes what an evaluation added to its store under DIR/nix/store, with the bytes, modes and times that
 * Nix gives store objects. An object is complete before it gets its name; what is there already is kept.
 */
import * as fs from "node:fs";
import { type ByteString, bytesToText, bytesToUint8Array } from "../base/bytes.ts";
import { unparseDerivation } from "../store/derivation.ts";
import { printHash } from "../store/hash.ts";
import { dumpNar, type NarSource } from "../store/nar.ts";
import { createNarParser, type NarEvents } from "../store/nar-parse.ts";
import type { SourceObject, Store, StoreObject } from "../store/store.ts";
import { nodePath } from "./node-eval-host.ts";
import { nodeHasher } from "./node-hash.ts";

/** Store objects carry no dates: all of them were changed one second after the epoch. */
const STORE_TIME = 1;

/** Thrown when a source changed between its evaluation and its copy. */
export class StoreWriteError extends Error {}

function asArray(data: ByteString | Uint8Array): Uint8Array {
  return typeof data === "string" ? bytesToUint8Array(data) : data;
}

/** Sets the modes and times of an object, children first. */
function seal(file: ByteString): void {
  const stat = fs.lstatSync(nodePath(file));
  if (stat.isSymbolicLink()) {
    fs.lutimesSync(nodePath(file), STORE_TIME, STORE_TIME);
    return;
  }
  if (stat.isDirectory()) {
    for (const name of fs.readdirSync(nodePath(file), { encoding: "buffer" }))
      seal(`${file}/${name.toString("latin1")}`);
  }
  const runs = stat.isDirectory() || (stat.mode & 0o100) !== 0;
  fs.chmodSync(nodePath(file), runs ? 0o555 : 0o444);
  fs.utimesSync(nodePath(file), STORE_TIME, STORE_TIME);
}

/** Makes the files that an archive describes. */
function restoreTo(root: ByteString): NarEvents {
  let fd = -1;
  const at = (below: ByteString) => nodePath(below === "" ? root : `${root}/${below}`);
  return {
    directory: (below) => fs.mkdirSync(at(below)),
    endDirectory: () => {},
    file: (below, executable) => {
      fd = fs.openSync(at(below), "wx", executable ? 0o755 : 0o644);
    },
    contents: (chunk) => {
      for (let done = 0; done < chunk.length; ) done += fs.writeSync(fd, chunk, done);
    },
    endFile: () => fs.closeSync(fd),
    symlink: (below, target) => fs.symlinkSync(nodePath(target), at(below)),
  };
}

export class StoreWriter {
  readonly #store: Store;
  /** DIR/nix/store. */
  readonly #directory: ByteString;
  readonly #source: NarSource;

  /** @param source reads the files that sources are made of */
  constructor(store: Store, root: ByteString, source: NarSource) {
    this.#store = store;
    this.#directory = root + store.context.storeDir;
    this.#source = source;
  }

  /** Writes every object of the store. Throws `StoreWriteError` or what the file system throws. */
  writeAll(): void {
    fs.mkdirSync(nodePath(this.#directory), { recursive: true });
    for (const [storePath, object] of this.#store.objects()) this.#write(storePath, object);
  }

  #write(storePath: ByteString, object: StoreObject): void {
    const target = this.#directory + storePath.slice(this.#store.context.storeDir.length);
    if (fs.existsSync(nodePath(target))) return;
    const partial = `${this.#directory}/.writing-${process.pid}`;
    fs.mkdirSync(nodePath(partial));
    const file = `${partial}/object`;
    try {
      this.#contents(file, storePath, object);
      seal(file);
      fs.renameSync(nodePath(file), nodePath(target));
    } finally {
      fs.rmSync(nodePath(partial), { recursive: true, force: true });
    }
  }

  #contents(file: ByteString, storePath: ByteString, object: StoreObject): void {
    const write = (text: ByteString) => fs.writeFileSync(nodePath(file), bytesToUint8Array(text));
    if (object.kind === "text") write(object.contents);
    else if (object.kind === "derivation") write(unparseDerivation(object.drv));
    else this.#copy(file, storePath, object.source);
  }

  #copy(file: ByteString, storePath: ByteString, source: SourceObject): void {
    const { origin, included, method, hash } = source;
    const state = nodeHasher.create(hash.algo);
    if (method === "flat") {
      const contents = this.#source.readFile(origin);
      state.update(contents);
      fs.writeFileSync(nodePath(file), asArray(contents));
    } else {
      const parser = createNarParser(restoreTo(file));
      const keep =
        included === undefined
          ? undefined
          : (each: ByteString) => included.has(each.slice(origin.length + 1));
      dumpNar(
        this.#source,
        origin,
        (chunk) => {
          state.update(chunk);
          parser.push(asArray(chunk));
        },
        keep,
      );
      parser.end();
    }
    const found = printHash({ algo: hash.algo, bytes: state.digest() }, "sri");
    if (found !== printHash(hash, "sri")) {
      throw new StoreWriteError(
        bytesToText(`'${origin}' changed while it was copied to '${storePath}': evaluate again`),
      );
    }
  }
}
