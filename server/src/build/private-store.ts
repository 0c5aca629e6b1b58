/**
 * The store of a user, in a directory of theirs, with no database: a path is valid when its text file in
 * `info/` is there. That file comes last, so whatever is in the store without one is a leftover.
 *
 *   ROOT/nix/store/HASH-NAME    the objects
 *   ROOT/info/HASH.narinfo      what is known of each valid one
 *   ROOT/log/XX/…               logs of builders, by derivation
 *   ROOT/roots/…                links to what is to be kept
 *   ROOT/last-builds/…          what was built of each Nix file last
 *   ROOT/shells/…               links to the environments that were last entered
 *   ROOT/partial/…                 builds and downloads on their way
 *   ROOT/locks/…, ROOT/mount    locks; where `enter` makes its root
 */
import * as fs from "node:fs";
import {
  type ByteString,
  bytesFromText,
  bytesFromUint8Array,
  bytesToUint8Array,
} from "../base/bytes.ts";
import { type Derivation, parseDerivation } from "../store/derivation.ts";
import { StoreError } from "../store/error.ts";
import { parseNarInfo, printNarInfo } from "../store/nar-info.ts";
import type { PathInfo } from "../store/path-info.ts";
import { invalidPath } from "../store/store.ts";
import { HASH_PART_LENGTH, type StoreContext, storePathHashPart } from "../store/store-path.ts";
import { moveTree, namesIn, removeTree } from "./disk-tree.ts";
import { type FileLock, lockFiles, tryLockFile } from "./file-lock.ts";
import { nodePath } from "./node-path.ts";

const INFO_SUFFIX = ".narinfo";

export class PrivateStore {
  readonly context: StoreContext;
  /** Absolute, as Node takes it. */
  readonly root: string;
  /** Where the store directory is on disk. */
  readonly physicalStoreDir: ByteString;
  readonly #infos = new Map<ByteString, PathInfo>();
  #use: FileLock | undefined;

  /** For reading; nothing is made. */
  constructor(context: StoreContext, root: string) {
    this.context = context;
    this.root = root;
    this.physicalStoreDir = bytesFromText(root) + context.storeDir;
  }

  /**
   * Makes what is missing and takes the store in use, for writing. When nobody else has it in use, what
   * was left by a process that died is removed first.
   */
  async open(): Promise<void> {
    if (this.#use !== undefined) return;
    for (const name of ["info", "log", "roots", "partial", "locks", "mount"])
      fs.mkdirSync(`${this.root}/${name}`, { recursive: true });
    fs.mkdirSync(nodePath(this.physicalStoreDir), { recursive: true });
    const inUse = `${this.root}/in-use`;
    const alone = await tryLockFile(inUse);
    if (alone !== undefined) {
      this.#removeLeftovers();
      alone.release();
    }
    this.#use = await lockFiles([inUse], { shared: true });
  }

  close(): void {
    this.#use?.release();
    this.#use = undefined;
  }

  /** What builds and downloads left that were cut off. */
  #removeLeftovers(): void {
    const directory = bytesFromText(this.root);
    for (const place of ["partial", "locks"])
      for (const name of namesIn(`${directory}/${place}`))
        removeTree(`${directory}/${place}/${name}`);
    for (const name of namesIn(`${directory}/info`))
      if (!name.endsWith(INFO_SUFFIX)) removeTree(`${directory}/info/${name}`);
    for (const name of namesIn(this.physicalStoreDir))
      if (!this.isValid(`${this.context.storeDir}/${name}`))
        removeTree(`${this.physicalStoreDir}/${name}`);
  }

  /** Where a file in the store is on disk. */
  physicalPath(path: ByteString): ByteString {
    return this.physicalStoreDir + path.slice(this.context.storeDir.length);
  }

  isValid(path: ByteString): boolean {
    return this.info(path) !== undefined;
  }

  info(path: ByteString): PathInfo | undefined {
    const file = this.#infoFile(path);
    const known = this.#infos.get(path);
    if (known !== undefined && fs.existsSync(file)) return known;
    let text: ByteString;
    try {
      text = bytesFromUint8Array(fs.readFileSync(file));
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
      throw error;
    }
    let info: PathInfo;
    try {
      info = parseNarInfo(this.context, text);
    } catch (error) {
      // After a power failure a file may be there without its contents: as if it were not.
      if (error instanceof StoreError) return undefined;
      throw error;
    }
    if (info.path !== path) return undefined;
    this.#infos.set(path, info);
    return info;
  }

  /** Every path that has a file of what is known of it, sorted: also those that are not there any more. */
  registeredPaths(): ByteString[] {
    if (!fs.existsSync(`${this.root}/info`)) return [];
    return fs
      .readdirSync(`${this.root}/info`)
      .filter((name) => name.endsWith(INFO_SUFFIX))
      .flatMap((name) => {
        const text = fs.readFileSync(`${this.root}/info/${name}`, "latin1");
        return /^StorePath: (\S+)$/m.exec(text)?.[1] ?? [];
      })
      .sort();
  }

  /** Every valid path, sorted. */
  validPaths(): ByteString[] {
    if (!fs.existsSync(nodePath(this.physicalStoreDir))) return [];
    return namesIn(this.physicalStoreDir)
      .map((name) => `${this.context.storeDir}/${name}`)
      .filter((path) => path.length > this.context.storeDir.length + 1 + HASH_PART_LENGTH)
      .filter((path) => this.isValid(path))
      .sort();
  }

  /** Throws `StoreError` when a path is not valid. */
  closure(paths: Iterable<ByteString>): ByteString[] {
    const found = new Set(paths);
    for (const path of found) {
      const info = this.info(path);
      if (info === undefined) throw invalidPath(path);
      for (const reference of info.references) found.add(reference);
    }
    return [...found].sort();
  }

  /** A valid derivation. Throws `StoreError` for a path that is not valid or no derivation. */
  derivation(drvPath: ByteString): Derivation {
    if (!this.isValid(drvPath)) throw invalidPath(drvPath);
    const file = nodePath(this.physicalPath(drvPath));
    return parseDerivation(this.context, drvPath, fs.readFileSync(file, "latin1"));
  }

  /** Makes a path valid: what it is must be in its place, and all it refers to valid. */
  register(info: PathInfo): void {
    for (const reference of info.references)
      if (reference !== info.path && !this.isValid(reference)) throw invalidPath(reference);
    const file = this.#infoFile(info.path);
    const partial = `${file}.${process.pid}`;
    const fd = fs.openSync(partial, "w", 0o644);
    try {
      fs.writeSync(fd, bytesToUint8Array(printNarInfo(this.context, info)));
      fs.fsyncSync(fd);
    } finally {
      fs.closeSync(fd);
    }
    fs.renameSync(partial, file);
    const directory = fs.openSync(`${this.root}/info`, "r");
    try {
      fs.fsyncSync(directory);
    } finally {
      fs.closeSync(directory);
    }
    this.#infos.set(info.path, info);
  }

  /** Makes a path invalid that nothing valid refers to; the object is for the caller to remove. */
  forget(path: ByteString): void {
    fs.rmSync(this.#infoFile(path), { force: true });
    this.#infos.delete(path);
  }

  /** Puts a finished tree from `ROOT/partial` in the place of a path, instead of any leftover there. */
  install(path: ByteString, tree: ByteString): void {
    const place = this.physicalPath(path);
    removeTree(place);
    moveTree(tree, place);
  }

  /** Holds paths against other processes, which may be making the same ones. */
  lockPaths(paths: Iterable<ByteString>, signal?: AbortSignal): Promise<FileLock> {
    const names = [...new Set(paths)].map((path) => storePathHashPart(this.context, path));
    return lockFiles(
      names.sort().map((name) => `${this.root}/locks/${name}`),
      { signal },
    );
  }

  /** A new empty directory in the store's file system, for something on its way. */
  workDirectory(): ByteString {
    return bytesFromText(fs.mkdtempSync(`${this.root}/partial/`));
  }

  #infoFile(path: ByteString): string {
    return `${this.root}/info/${storePathHashPart(this.context, path)}${INFO_SUFFIX}`;
  }
}
