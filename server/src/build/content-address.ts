/** Paths that follow from what they hold, as a cache states it: nobody has to vouch for them. */
import type { ByteString } from "../base/bytes.ts";
import { type IngestionMethod, splitMethodPrefix } from "../store/content-address.ts";
import { StoreError } from "../store/error.ts";
import { type Hash, hashesEqual, parseHash, printHash } from "../store/hash.ts";
import { HashModulo } from "../store/hash-modulo.ts";
import { dumpNar } from "../store/nar.ts";
import type { PathInfo } from "../store/path-info.ts";
import {
  makeFixedOutputPath,
  type StoreContext,
  storePathHashPart,
  storePathName,
} from "../store/store-path.ts";
import { diskTree } from "./disk-tree.ts";

interface Stated {
  readonly method: IngestionMethod;
  readonly hash: Hash;
}

function stated({ contentAddress }: PathInfo): Stated | undefined {
  const [, kind, rest] = /^(text|fixed):(.*)$/.exec(contentAddress ?? "") ?? [];
  if (rest === undefined) return undefined;
  const { method, algo: hash } = splitMethodPrefix(rest);
  if (method === "git") return undefined;
  return { method: kind === "text" ? "text" : method, hash: parseHash(hash) };
}

/** Whether the path is the one that follows from what is stated of its contents, which are not looked at. */
export function followsFromContents(context: StoreContext, info: PathInfo): boolean {
  try {
    const address = stated(info);
    if (address === undefined) return false;
    const self = info.references.includes(info.path);
    const others = info.references.filter((reference) => reference !== info.path);
    const name = storePathName(context, info.path);
    const { method, hash } = address;
    return makeFixedOutputPath(context, name, method, hash, { others, self }) === info.path;
  } catch {
    return false;
  }
}

/** Throws `StoreError` when a tree, whose archive has the hash that is stated, is not what the path follows from. */
export function checkContents(context: StoreContext, info: PathInfo, tree: ByteString): void {
  const address = stated(info);
  if (address === undefined) return;
  const { hash } = address;
  const got = contentHash(context, info, address, tree);
  if (hashesEqual(got, hash)) return;
  const [specified, found] = [hash, got].map((each) => printHash(each, "nix32", true));
  throw new StoreError(
    `ca hash mismatch importing path '${info.path}';\n  specified: ${specified}\n  got:       ${found}`,
  );
}

function contentHash(
  context: StoreContext,
  info: PathInfo,
  { method, hash: { algo } }: Stated,
  tree: ByteString,
): Hash {
  if (method !== "nar") {
    if (diskTree.lstat(tree).type !== "regular")
      throw new StoreError(`'${info.path}' is no file, though its path is that of one`);
    return { algo, bytes: context.hasher(algo, diskTree.readFile(tree)) };
  }
  const isPlain = !info.references.includes(info.path);
  if (isPlain && algo === info.narHash.algo) return info.narHash;
  const state = isPlain
    ? context.hasher.create(algo)
    : new HashModulo(context.hasher, algo, storePathHashPart(context, info.path));
  dumpNar(diskTree, tree, (chunk) => {
    state.update(typeof chunk === "string" ? Buffer.from(chunk, "latin1") : chunk);
  });
  return { algo, bytes: state.digest() };
}
