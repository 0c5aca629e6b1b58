/**
 * What evaluations had downloaded, in the user's cache: by the hash of its contents, and for sources
 * without a known hash by where they came from. Nothing gets its place there before it is complete and
 * checked, so that a killed process leaves at most a part, which the next one goes on with.
 */
import * as crypto from "node:crypto";
import * as fs from "node:fs";
import * as path from "node:path";
import { bytesFromText, bytesToText } from "../base/bytes.ts";
import { DownloadError, type Fetcher } from "../build/download.ts";
import type { Answer, Fetched, FetchRequest } from "../eval/host.ts";
import { encodeBase16 } from "../store/base16.ts";
import { printHash } from "../store/hash.ts";
import { hashNar, type NarSource } from "../store/nar.ts";
import { downloadFile } from "./download-file.ts";
import { nodeHasher } from "./node-hash.ts";
import { withPidLock } from "./pid-lock.ts";
import { ArchiveError, unpackArchive } from "./unpack-archive.ts";

/** What could not be fetched, as it is told to the user. */
export class FetchError extends Error {}

/** The source's URL, bytes so far, and of how many if the server says so. */
export type FetchProgress = (url: string, received: number, total: number | null) => void;

export interface SourceCacheOptions {
  readonly fetcher?: Fetcher;
  readonly progress?: FetchProgress;
  readonly signal?: AbortSignal;
}

/** What is remembered of a URL. */
interface Entry {
  readonly sha256: string;
  readonly lastModified: number | null;
}

/** How long what a URL gave is taken for what it gives, in milliseconds: Nix's `tarball-ttl`. */
const FRESH = 3600_000;
const KEY = "fetch ";

export class SourceCache {
  readonly #directory: string;

  /** @param cache the user's cache of this program */
  constructor(cache: string) {
    this.#directory = path.join(cache, "sources");
  }

  /** What is here already; null when it has to be fetched. */
  find(request: FetchRequest): Fetched | null {
    if (request.expected !== null) {
      const sha256 = encodeBase16(request.expected);
      const file = this.#contents(request.kind, sha256);
      if (!fs.existsSync(file)) return null;
      return fetched(file, { sha256, lastModified: this.#entry(request)?.lastModified ?? null });
    }
    const entry = this.#entry(request);
    if (entry === null) return null;
    const file = this.#contents(request.kind, entry.sha256);
    return fs.existsSync(file) ? fetched(file, entry) : null;
  }

  /** As `EvalHost.fetch`, of what may be downloaded. */
  answer(request: FetchRequest): Answer<Fetched> {
    const value = this.find(request);
    return value === null ? { ok: "pending", key: keyOf(request) } : { ok: true, value };
  }

  /** Downloads what a pending answer waits for. Throws `FetchError`, or the signal's reason. */
  async fulfil(key: string, options: SourceCacheOptions = {}): Promise<void> {
    await this.fetch(requestOf(key), options);
  }

  /** Downloads it if it is not here. Throws `FetchError`, or the signal's reason. */
  async fetch(request: FetchRequest, options: SourceCacheOptions = {}): Promise<Fetched> {
    fs.mkdirSync(this.#directory, { recursive: true });
    const name = crypto.createHash("sha256").update(keyOf(request)).digest("hex");
    const part = path.join(this.#directory, `${name}.part`);
    try {
      return await withPidLock(`${part}.lock`, options.signal, async () => {
        // Another process may have been faster.
        const known = this.find(request);
        if (known !== null) return known;
        await downloadFile(bytesToText(request.url), part, options);
        await this.#accept(request, part, options.signal);
        const found = this.find(request);
        if (found === null)
          throw new FetchError(`'${bytesToText(request.url)}' is gone from the cache`);
        return found;
      });
    } catch (error) {
      options.signal?.throwIfAborted();
      if (error instanceof DownloadError) throw new FetchError(bytesToText(error.message));
      if (error instanceof ArchiveError) {
        fs.rmSync(part, { force: true });
        throw new FetchError(`cannot unpack '${bytesToText(request.url)}': ${error.message}`);
      }
      throw error;
    }
  }

  /** Puts what was downloaded into its place, if it is what was asked for. */
  async #accept(request: FetchRequest, part: string, signal?: AbortSignal): Promise<void> {
    if (request.kind === "file") {
      const hash = crypto.createHash("sha256");
      for await (const chunk of fs.createReadStream(part)) hash.update(chunk as Uint8Array);
      const sha256 = hash.digest();
      await this.#place(part, this.#contents("file", encodeBase16(sha256)));
      this.#check(request, sha256, part);
      this.#remember(request, { sha256: encodeBase16(sha256), lastModified: null });
      return;
    }
    const tree = `${part}.tree`;
    // Of a process that was killed; this one has the lock.
    fs.rmSync(tree, { recursive: true, force: true });
    try {
      const lastModified = await unpackArchive(part, tree, signal);
      const top = singleDirectory(tree);
      const source = diskSource();
      const { digest } = hashNar(nodeHasher, "sha256", source, bytesFromText(top));
      await this.#place(top, this.#contents("tarball", encodeBase16(digest)));
      this.#check(request, digest, part);
      this.#remember(request, { sha256: encodeBase16(digest), lastModified });
      fs.rmSync(part, { force: true });
    } finally {
      fs.rmSync(tree, { recursive: true, force: true });
    }
  }

  /**
   * Throws when it is not what was expected; then the next try starts from nothing. It is kept under its
   * own hash: somebody who mends theirs needs not wait for it again.
   */
  #check({ expected, url }: FetchRequest, sha256: Uint8Array, part: string): void {
    if (expected === null || Buffer.from(expected).equals(Buffer.from(sha256))) return;
    fs.rmSync(part, { force: true });
    const show = (bytes: Uint8Array) => printHash({ algo: "sha256", bytes }, "nix32", true);
    throw new FetchError(
      `hash mismatch in file downloaded from '${bytesToText(url)}':\n  specified: ${show(expected)}\n  got:       ${show(sha256)}`,
    );
  }

  async #place(from: string, to: string): Promise<void> {
    fs.mkdirSync(path.dirname(to), { recursive: true });
    if (fs.existsSync(to)) fs.rmSync(from, { recursive: true, force: true });
    else fs.renameSync(from, to);
  }

  #contents(kind: FetchRequest["kind"], sha256: string): string {
    return path.join(this.#directory, kind === "file" ? "files" : "trees", sha256);
  }

  #entryFile({ kind, url }: FetchRequest): string {
    const name = crypto.createHash("sha256").update(`${kind} ${url}`).digest("hex");
    return path.join(this.#directory, "urls", name);
  }

  /** What a URL gave not long ago; of a source whose hash is known, ever. */
  #entry(request: FetchRequest): Entry | null {
    const file = this.#entryFile(request);
    const stat = fs.statSync(file, { throwIfNoEntry: false });
    if (stat === undefined) return null;
    if (request.expected === null && Date.now() - stat.mtimeMs > FRESH) return null;
    try {
      const entry = JSON.parse(fs.readFileSync(file, "utf8")) as Entry;
      const same = request.expected === null || encodeBase16(request.expected) === entry.sha256;
      return same && /^[0-9a-f]{64}$/.test(entry.sha256) ? entry : null;
    } catch {
      // A file of somebody else; it is written again.
      return null;
    }
  }

  #remember(request: FetchRequest, entry: Entry): void {
    const file = this.#entryFile(request);
    fs.mkdirSync(path.dirname(file), { recursive: true });
    const partial = `${file}.${process.pid}`;
    fs.writeFileSync(partial, JSON.stringify(entry));
    fs.renameSync(partial, file);
  }
}

function fetched(file: string, { sha256, lastModified }: Entry): Fetched {
  return { path: bytesFromText(file), sha256: Buffer.from(sha256, "hex"), lastModified };
}

function keyOf({ kind, url, expected }: FetchRequest): string {
  const hash = expected === null ? null : encodeBase16(expected);
  return KEY + JSON.stringify([kind, url, hash]);
}

/** Whether a pending key is one of `SourceCache.answer`. */
export const isFetchKey = (key: string) => key.startsWith(KEY);

function requestOf(key: string): FetchRequest {
  const [kind, url, hash] = JSON.parse(key.slice(KEY.length)) as [
    FetchRequest["kind"],
    string,
    string | null,
  ];
  return { kind, url, expected: hash === null ? null : Buffer.from(hash, "hex") };
}

/** The URL of a pending key, to show. */
export const fetchKeyUrl = (key: string) => bytesToText(requestOf(key).url);

/** An archive of one directory means that directory. */
function singleDirectory(tree: string): string {
  const [only, ...more] = fs.readdirSync(tree);
  if (only === undefined || more.length > 0) return tree;
  const inside = path.join(tree, only);
  return fs.lstatSync(inside).isDirectory() ? inside : tree;
}

function diskSource(): NarSource {
  const native = (file: string) => Buffer.from(file, "latin1");
  return {
    lstat(file) {
      const stat = fs.lstatSync(native(file));
      if (stat.isFile()) return { type: "regular", executable: (stat.mode & 0o100) !== 0 };
      return {
        type: stat.isDirectory() ? "directory" : stat.isSymbolicLink() ? "symlink" : "unknown",
      };
    },
    readDir: (file) =>
      fs.readdirSync(native(file), "buffer").map((name) => name.toString("latin1")),
    readFile: (file) => fs.readFileSync(native(file)),
    readLink: (file) => fs.readlinkSync(native(file), "buffer").toString("latin1"),
  };
}
