/** A binary cache over HTTP (or in a local folder): Nix's `nix-cache-info`, `.narinfo` and archive files. */
import * as fs from "node:fs";
import { fileURLToPath } from "node:url";
import { type ByteString, bytesFromText, bytesToText } from "../base/bytes.ts";
import { StoreError } from "../store/error.ts";
import { type Hash, hashesEqual, printHash } from "../store/hash.ts";
import { MAX_NAR_INFO, type NarInfo, parseNarInfo } from "../store/nar-info.ts";
import { type StoreContext, storePathHashPart } from "../store/store-path.ts";
import { followsFromContents } from "./content-address.ts";
import { decompress, isSupportedCompression } from "./decompress.ts";
import { DownloadError, type DownloadOptions, download, type Fetcher } from "./download.ts";
import { isSignedByTrusted, type TrustedKeys } from "./signature.ts";
import type { Substituter } from "./substituter.ts";

export interface BinaryCacheOptions {
  readonly context: StoreContext;
  readonly fetcher: Fetcher;
  readonly keys: TrustedKeys;
  /** What people should know: a cache that does not answer, a path that is not signed. */
  readonly warn: (message: ByteString) => void;
}

/** Nix's, when a cache does not say. */
const DEFAULT_PRIORITY = 50;
const MAX_CACHE_INFO = 1 << 16;

export class BinaryCache implements Substituter {
  readonly name: string;
  readonly #options: BinaryCacheOptions;
  readonly #base: ByteString;
  /** `?priority=N` of the address. */
  readonly #ownPriority: number | undefined;
  readonly #known = new Map<ByteString, Promise<NarInfo | undefined>>();
  #info: Promise<number> | undefined;
  /** It does not answer, or is none; nothing more is asked of it. */
  #broken = false;

  /** @param address `https://…`, `http://…` or `file://…`. Throws `StoreError` for another. */
  constructor(address: string, options: BinaryCacheOptions) {
    const [base = "", query = ""] = address.split("?");
    if (!/^(?:https?|file):\/\//.test(base)) {
      throw new StoreError(bytesFromText(`don't know how to open Nix store '${address}'`));
    }
    this.name = base.replace(/\/+$/, "");
    this.#base = bytesFromText(this.name);
    this.#options = options;
    const priority = new URLSearchParams(query).get("priority");
    this.#ownPriority = priority === null ? undefined : Number(priority);
  }

  /** Nothing can be said of what it has. */
  get isBroken(): boolean {
    return this.#broken;
  }

  async priority(): Promise<number> {
    return this.#ownPriority ?? (await this.#cacheInfo());
  }

  query(path: ByteString, signal?: AbortSignal): Promise<NarInfo | undefined> {
    let known = this.#known.get(path);
    if (known === undefined) {
      known = this.#query(path, signal);
      this.#known.set(path, known);
    }
    return known;
  }

  async #query(path: ByteString, signal: AbortSignal | undefined): Promise<NarInfo | undefined> {
    const { warn } = this.#options;
    await this.#cacheInfo(signal);
    if (this.#broken) return undefined;
    try {
      const info = await this.info(path, signal);
      if (info === undefined || this.isTrusted(info)) return info;
      warn(
        `ignoring substitute for '${path}' from '${this.#base}', as it's not signed by any of the keys in 'trusted-public-keys'`,
      );
      return undefined;
    } catch (error) {
      signal?.throwIfAborted();
      if (error instanceof StoreError) warn(`${error.message} (of '${path}' in '${this.#base}')`);
      else this.#breaks(error as Error);
      return undefined;
    }
  }

  /** What it says of a path, whoever vouches for that. Throws `StoreError`, and what downloading throws. */
  async info(path: ByteString, signal?: AbortSignal): Promise<NarInfo | undefined> {
    const { context } = this.#options;
    const file = `${storePathHashPart(context, path)}.narinfo`;
    let text: ByteString;
    try {
      text = await this.#text(file, MAX_NAR_INFO, signal);
    } catch (error) {
      if (isMissing(error)) return undefined;
      throw error;
    }
    const info = parseNarInfo(context, text);
    if (info.path !== path) return undefined;
    if (info.location === undefined) throw new StoreError("bad NAR info file: 'URL' is missing");
    if (!isSupportedCompression(info.location.compression)) {
      throw new StoreError(`compression '${info.location.compression}' is not supported`);
    }
    return info;
  }

  /** Whether a trusted key has signed it, or its contents, which are checked, decide. */
  isTrusted(info: NarInfo): boolean {
    const { context, keys } = this.#options;
    return isSignedByTrusted(info, keys) || followsFromContents(context, info);
  }

  async *archive(
    info: NarInfo,
    received: (bytes: number) => void,
    signal?: AbortSignal,
  ): AsyncGenerator<Uint8Array> {
    const { location } = info;
    if (location === undefined) throw new StoreError(`no archive of '${info.path}' is known`);
    const file = this.#bytes(location.url, { signal, received });
    const checked = this.#checkFile(info, file);
    try {
      yield* decompress(location.compression, checked);
    } catch (error) {
      signal?.throwIfAborted();
      // What decoders throw says nothing of what was decoded.
      if (error instanceof StoreError || error instanceof DownloadError) throw error;
      throw new StoreError(
        `cannot unpack '${this.#base}/${location.url}' (${location.compression}): ${bytesFromText((error as Error).message)}`,
      );
    }
  }

  /** Stops a file that is larger than stated, and refuses one with another hash. */
  async *#checkFile(
    { path, location }: NarInfo,
    bytes: AsyncIterable<Uint8Array>,
  ): AsyncGenerator<Uint8Array> {
    const { hasher } = this.#options.context;
    const state = hasher.create("sha256");
    let size = 0;
    for await (const chunk of bytes) {
      size += chunk.length;
      if (location?.fileSize !== undefined && size > location.fileSize) {
        throw new StoreError(
          `the file of '${path}' in '${this.#base}' is larger than ${location.fileSize} bytes`,
        );
      }
      state.update(chunk);
      yield chunk;
    }
    const got: Hash = { algo: "sha256", bytes: state.digest() };
    if (location?.fileHash !== undefined && !hashesEqual(got, location.fileHash)) {
      throw new StoreError(
        `the file of '${path}' in '${this.#base}' has the hash ${printHash(got, "nix32", true)} instead of ${printHash(location.fileHash, "nix32", true)}`,
      );
    }
  }

  /** The priority that the cache states. One that has another store directory, or is none, is not used. */
  #cacheInfo(signal?: AbortSignal): Promise<number> {
    this.#info ??= this.#readCacheInfo(signal);
    return this.#info;
  }

  async #readCacheInfo(signal: AbortSignal | undefined): Promise<number> {
    try {
      return await this.open(signal);
    } catch (error) {
      signal?.throwIfAborted();
      this.#breaks(error as Error);
      return DEFAULT_PRIORITY;
    }
  }

  /** Its priority. Throws `StoreError` for what is no cache, or not for our store, and what downloading throws. */
  async open(signal?: AbortSignal): Promise<number> {
    let text: ByteString;
    try {
      text = await this.#text("nix-cache-info", MAX_CACHE_INFO, signal);
    } catch (error) {
      if (!isMissing(error)) throw error;
      throw new StoreError(`'${this.#base}' does not appear to be a binary cache`);
    }
    const { storeDir } = this.#options.context;
    const stated = /^StoreDir: *(\S+)/m.exec(text)?.[1] ?? storeDir;
    if (stated !== storeDir) {
      throw new StoreError(
        `binary cache '${this.#base}' is for Nix stores with prefix '${stated}', not '${storeDir}'`,
      );
    }
    return Number(/^Priority: *([0-9]+)/m.exec(text)?.[1] ?? DEFAULT_PRIORITY);
  }

  #breaks(error: Error): void {
    if (this.#broken) return;
    this.#broken = true;
    const known = error instanceof StoreError || error instanceof DownloadError;
    const reason = known ? error.message : bytesFromText(error.message);
    this.#options.warn(`binary cache '${this.#base}' is not used: ${reason}`);
  }

  async #text(file: string, limit: number, signal: AbortSignal | undefined): Promise<ByteString> {
    const parts: Uint8Array[] = [];
    let size = 0;
    for await (const part of this.#bytes(file, { signal })) {
      size += part.length;
      if (size > limit) throw new StoreError(`'${file}' is larger than ${limit} bytes`);
      parts.push(part);
    }
    return Buffer.concat(parts).toString("latin1");
  }

  #bytes(file: ByteString, options: DownloadOptions): AsyncIterable<Uint8Array> {
    const url = `${this.#base}/${file}`;
    return url.startsWith("file://")
      ? fs.createReadStream(fileURLToPath(bytesToText(url)))
      : download(this.#options.fetcher, url, options);
  }
}

function isMissing(error: unknown): boolean {
  if ((error as NodeJS.ErrnoException).code === "ENOENT") return true;
  // Some caches answer so to hide what there is.
  return error instanceof DownloadError && (error.status === 404 || error.status === 403);
}
