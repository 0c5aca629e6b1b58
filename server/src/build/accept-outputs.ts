/** From what a builder left to valid store paths: cleaned, hashed, checked, registered. */
import * as fs from "node:fs";
import type { ByteString } from "../base/bytes.ts";
import { methodPrefix } from "../store/content-address.ts";
import type { Derivation, DerivationOutput } from "../store/derivation.ts";
import { hashesEqual, printHash } from "../store/hash.ts";
import { dumpNar } from "../store/nar.ts";
import type { PathInfo } from "../store/path-info.ts";
import { storePathHashPart } from "../store/store-path.ts";
import { BuildError } from "./build-error.ts";
import { canonicalise } from "./canonicalise.ts";
import { outputProblem } from "./check-output.ts";
import type { DerivationOptions } from "./derivation-options.ts";
import { diskTree } from "./disk-tree.ts";
import { nodePath } from "./node-path.ts";
import type { PrivateStore } from "./private-store.ts";
import { ReferenceScanner } from "./reference-scanner.ts";

export interface Built {
  readonly drvPath: ByteString;
  readonly drv: Derivation;
  readonly options: DerivationOptions;
  /** Output name to path. */
  readonly outputs: ReadonlyMap<ByteString, ByteString>;
  /** Every path that the builder could read. */
  readonly inputs: Iterable<ByteString>;
  /** Where the builder left the output that is to become a path. */
  readonly leftAt: (path: ByteString) => ByteString;
}

/** The caller holds the outputs' locks. Throws `BuildError` or `StoreError`; then nothing was registered. */
export function acceptOutputs(store: PrivateStore, built: Built): void {
  const { drvPath, outputs } = built;
  checkProduced(built);
  const byHash = hashParts(store, built);

  const infos = new Map<ByteString, PathInfo>();
  for (const [name, path] of outputs) {
    // An output that was there before stays as it is.
    const info = store.info(path) ?? examine(store, built, name, path, byHash);
    infos.set(path, info);
  }
  const infoOf = (path: ByteString) => infos.get(path) ?? store.info(path);
  for (const [name, path] of outputs) {
    const checks = built.options.checks(name);
    const problem = outputProblem(infos.get(path) as PathInfo, checks, outputs, infoOf);
    if (problem !== undefined) throw new BuildError(drvPath, problem);
  }
  const order = inOrder(drvPath, infos);
  for (const { path } of order) if (!store.isValid(path)) store.install(path, built.leftAt(path));
  for (const info of order) if (!store.isValid(info.path)) store.register(info);
}

/** Throws `BuildError` when what the builder left is not what the store has. */
export function compareOutputs(store: PrivateStore, built: Built): void {
  checkProduced(built);
  const byHash = hashParts(store, built);
  for (const [name, path] of built.outputs) {
    const known = store.info(path);
    const info = examine(store, built, name, path, byHash);
    if (known !== undefined && !hashesEqual(known.narHash, info.narHash)) {
      throw new BuildError(
        built.drvPath,
        `derivation '${built.drvPath}' may not be deterministic: output '${path}' differs`,
      );
    }
  }
}

function checkProduced({ drvPath, outputs, leftAt }: Built): void {
  for (const [name, path] of outputs) {
    if (fs.lstatSync(nodePath(leftAt(path)), { throwIfNoEntry: false }) === undefined) {
      throw new BuildError(
        drvPath,
        `builder for '${drvPath}' failed to produce output path for output '${name}' at '${path}'`,
      );
    }
  }
}

/** Paths that an output may refer to, by what they are recognised by. */
function hashParts(store: PrivateStore, { inputs, outputs }: Built): Map<string, ByteString> {
  const byHash = new Map<string, ByteString>();
  for (const path of [...inputs, ...outputs.values()])
    byHash.set(storePathHashPart(store.context, path), path);
  return byHash;
}

/** Cleans and hashes one output, finds what it refers to, and checks a hash that was stated. */
function examine(
  store: PrivateStore,
  built: Built,
  name: ByteString,
  path: ByteString,
  byHash: ReadonlyMap<string, ByteString>,
): PathInfo {
  const { hasher } = store.context;
  const tree = built.leftAt(path);
  const output = built.drv.outputs.get(name) as DerivationOutput;
  canonicalise(tree, path);
  const contentAddress =
    output.kind === "fixed" ? checkFixed(store, built.drvPath, output, tree, path) : undefined;
  const scanner = new ReferenceScanner(byHash.keys());
  const state = hasher.create("sha256");
  let narSize = 0;
  const scans = !built.options.discardsReferences(name);
  dumpNar(diskTree, tree, (chunk) => {
    narSize += chunk.length;
    state.update(chunk);
    if (scans) scanner.push(chunk);
  });
  const references = Array.from(scanner.found, (hash) => byHash.get(hash) as ByteString).sort();
  if (output.kind === "fixed" && references.length > 0) {
    throw new BuildError(
      built.drvPath,
      `illegal path references in fixed-output derivation '${built.drvPath}'\n${references.join("\n")}`,
    );
  }
  return {
    path,
    narHash: { algo: "sha256", bytes: state.digest() },
    narSize,
    references,
    deriver: built.drvPath,
    signatures: [],
    contentAddress,
  };
}

/** The content address of a fixed output whose hash is as stated. */
function checkFixed(
  store: PrivateStore,
  drvPath: ByteString,
  output: DerivationOutput & { readonly kind: "fixed" },
  tree: ByteString,
  path: ByteString,
): string {
  const { hash, method } = output;
  const { hasher } = store.context;
  const state = hasher.create(hash.algo);
  if (method === "nar") dumpNar(diskTree, tree, (chunk) => state.update(chunk));
  else if (method === "flat") {
    const stat = diskTree.lstat(tree);
    if (stat.type !== "regular" || stat.executable) {
      throw new BuildError(
        drvPath,
        `output path '${path}' should be a non-executable regular file since recursive hashing is not enabled (one of outputHashMode={flat,text} is true)`,
      );
    }
    const large = diskTree.readLarge?.(tree);
    if (large === undefined) state.update(diskTree.readFile(tree));
    else for (const piece of large.pieces) state.update(piece);
  } else {
    throw new BuildError(drvPath, `outputs hashed as '${method}' cannot be built yet`);
  }
  const got = { algo: hash.algo, bytes: state.digest() };
  if (!hashesEqual(got, hash)) {
    const [specified, found] = [printHash(hash, "sri"), printHash(got, "sri")];
    throw new BuildError(
      drvPath,
      `hash mismatch in fixed-output derivation '${drvPath}':\n         specified: ${specified}\n            got:    ${found}`,
    );
  }
  return `fixed:${methodPrefix(method)}${printHash(hash, "nix32", true)}`;
}

/** What others of the same build refer to comes first. */
function inOrder(drvPath: ByteString, infos: ReadonlyMap<ByteString, PathInfo>): PathInfo[] {
  const order = new Set<PathInfo>();
  const visit = (info: PathInfo, above: readonly PathInfo[]) => {
    if (above.includes(info)) {
      throw new BuildError(
        drvPath,
        `cycle detected in build of '${drvPath}' in the references of output '${info.path}'`,
      );
    }
    for (const reference of info.references) {
      const next = infos.get(reference);
      if (next !== undefined && next !== info) visit(next, [...above, info]);
    }
    order.add(info);
  };
  for (const info of infos.values()) visit(info, []);
  return [...order];
}
