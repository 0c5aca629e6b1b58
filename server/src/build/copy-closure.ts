/** A path of a binary cache with all that it refers to: copied as it is, or rewritten. */
import type { ByteString } from "../base/bytes.ts";
import { StoreError } from "../store/error.ts";
import { printHash } from "../store/hash.ts";
import { HashModulo } from "../store/hash-modulo.ts";
import type { NarInfo } from "../store/nar-info.ts";
import { createNarParser } from "../store/nar-parse.ts";
import { invalidPath } from "../store/store.ts";
import { makeFixedOutputPath, storePathHashPart, storePathName } from "../store/store-path.ts";
import type { BinaryCache } from "./binary-cache.ts";
import type { BuildObserver } from "./build-events.ts";
import { removeTree } from "./disk-tree.ts";
import { fetchPath } from "./fetch-path.ts";
import type { PrivateStore } from "./private-store.ts";
import { restoreNar } from "./restore-nar.ts";

export interface CopyOptions {
  readonly store: PrivateStore;
  readonly signal: AbortSignal;
  readonly observer: BuildObserver;
}

/**
 * Fetches what of the closure is not there. Only from this cache, as Nix does. Throws `StoreError` where a
 * path is not there, is not signed or is not what the cache said, and what downloading throws.
 */
export async function copyClosure(
  from: BinaryCache,
  path: ByteString,
  { store, signal, observer }: CopyOptions,
): Promise<void> {
  await from.open(signal);
  for (const [i, info] of (await closureOf(from, path, signal)).entries()) {
    if (store.isValid(info.path)) continue;
    if (!from.isTrusted(info)) {
      throw new StoreError(
        `cannot add path '${info.path}' because it lacks a signature by a trusted key`,
      );
    }
    await fetchPath(info, from, { store, observer }, signal, i);
  }
}

/**
 * Adds the closure with other names, which follow from the contents; gives the new path. Nobody has to vouch
 * for it: who knows that path before knows what is in it. Throws as `copyClosure`.
 */
export async function rewriteClosure(
  from: BinaryCache,
  path: ByteString,
  options: CopyOptions,
): Promise<ByteString> {
  await from.open(options.signal);
  const renamed = new Map<ByteString, ByteString>();
  for (const info of await closureOf(from, path, options.signal))
    renamed.set(info.path, await rewritePath(from, info, renamed, options));
  return renamed.get(path) as ByteString;
}

/** What others refer to comes first. */
async function closureOf(
  from: BinaryCache,
  path: ByteString,
  signal: AbortSignal,
): Promise<NarInfo[]> {
  const infos = new Map<ByteString, NarInfo>();
  for (let next = new Set([path]); next.size > 0; ) {
    const found = await Promise.all(
      Array.from(next, async (each) => {
        const info = await from.info(each, signal);
        if (info === undefined) throw invalidPath(each);
        return info;
      }),
    );
    for (const info of found) infos.set(info.path, info);
    const references = found.flatMap((info) => info.references);
    next = new Set(references.filter((each) => !infos.has(each)));
  }
  const order = new Set<NarInfo>();
  const seen = new Set<ByteString>();
  const visit = (each: ByteString) => {
    if (seen.has(each)) return;
    seen.add(each);
    const info = infos.get(each) as NarInfo;
    for (const reference of info.references) visit(reference);
    order.add(info);
  };
  visit(path);
  return [...order];
}

async function rewritePath(
  from: BinaryCache,
  info: NarInfo,
  renamed: ReadonlyMap<ByteString, ByteString>,
  { store, signal, observer }: CopyOptions,
): Promise<ByteString> {
  const { context } = store;
  observer({ kind: "fetch-started", id: 0, path: info.path, from: from.name, size: undefined });
  const pieces: Uint8Array[] = [];
  for await (const piece of from.archive(info, () => {}, signal)) pieces.push(piece);
  observer({ kind: "fetch-ended", id: 0, ok: true });
  const archive = Buffer.concat(pieces);
  const others = new Set<ByteString>();
  for (const reference of info.references) {
    if (reference === info.path) continue;
    const other = renamed.get(reference) ?? reference;
    others.add(other);
    replace(archive, reference, other);
  }
  const oldPart = storePathHashPart(context, info.path);
  const modulo = new HashModulo(context.hasher, "sha256", oldPart);
  modulo.update(archive);
  const hash = { algo: "sha256", bytes: modulo.digest() } as const;
  const self = info.references.includes(info.path);
  const name = storePathName(context, info.path);
  const path = makeFixedOutputPath(context, name, "nar", hash, { others, self });
  replace(archive, oldPart, storePathHashPart(context, path));

  const lock = await store.lockPaths([path], signal);
  const directory = store.workDirectory();
  try {
    if (store.isValid(path)) return path;
    const tree = `${directory}/object`;
    const restoring = restoreNar(tree);
    try {
      const parser = createNarParser(restoring);
      parser.push(archive);
      parser.end();
    } finally {
      restoring.close();
    }
    store.install(path, tree);
    store.register({
      path,
      narHash: { algo: "sha256", bytes: context.hasher("sha256", archive) },
      narSize: archive.length,
      references: [...others, ...(self ? [path] : [])].sort(),
      deriver: undefined,
      signatures: [],
      contentAddress: `fixed:r:${printHash(hash, "nix32", true)}`,
    });
    return path;
  } finally {
    removeTree(directory);
    lock.release(true);
  }
}

/** Everywhere; both are of one length. */
function replace(bytes: Buffer, from: ByteString, to: ByteString): void {
  for (let at = bytes.indexOf(from, 0, "latin1"); at >= 0; ) {
    bytes.write(to, at, "latin1");
    at = bytes.indexOf(from, at + from.length, "latin1");
  }
}
