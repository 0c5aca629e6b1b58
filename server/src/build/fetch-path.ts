/** Fetches one path from a cache; what it refers to is valid already. */
import type { ByteString } from "../base/bytes.ts";
import { StoreError } from "../store/error.ts";
import { hashesEqual, printHash } from "../store/hash.ts";
import type { NarInfo } from "../store/nar-info.ts";
import { createNarParser } from "../store/nar-parse.ts";
import { checkContents } from "./content-address.ts";
import { removeTree } from "./disk-tree.ts";
import type { RealiseOptions } from "./realise-plan.ts";
import { restoreNar } from "./restore-nar.ts";
import type { Substituter } from "./substituter.ts";

/** Throws `StoreError` when the archive is not what the cache said, and what downloading throws. */
export async function fetchPath(
  info: NarInfo,
  from: Substituter,
  { store, observer }: Pick<RealiseOptions, "store" | "observer">,
  signal: AbortSignal,
  id: number,
): Promise<void> {
  const { path } = info;
  const lock = await store.lockPaths([path], signal);
  try {
    if (store.isValid(path)) return;
    const size = info.location?.fileSize;
    observer?.({ kind: "fetch-started", id, path, from: from.name, size });
    const directory = store.workDirectory();
    let ok = false;
    try {
      const tree = `${directory}/object`;
      const received = (bytes: number) =>
        observer?.({ kind: "fetch-progress", id, received: bytes });
      await unpack(store.context.hasher, info, from.archive(info, received, signal), tree);
      signal.throwIfAborted();
      checkContents(store.context, info, tree);
      store.install(path, tree);
      const { location: _, ...registered } = info;
      store.register(registered);
      ok = true;
    } finally {
      removeTree(directory);
      observer?.({ kind: "fetch-ended", id, ok });
    }
  } finally {
    lock.release(true);
  }
}

/** Unpacks while it hashes; stops as soon as there is more than was stated. */
async function unpack(
  hasher: RealiseOptions["store"]["context"]["hasher"],
  info: NarInfo,
  archive: AsyncIterable<Uint8Array>,
  tree: ByteString,
): Promise<void> {
  const state = hasher.create("sha256");
  const restoring = restoreNar(tree);
  const parser = createNarParser(restoring);
  let size = 0;
  try {
    for await (const chunk of archive) {
      size += chunk.length;
      if (size > info.narSize) {
        throw new StoreError(`archive of '${info.path}' is larger than ${info.narSize} bytes`);
      }
      state.update(chunk);
      parser.push(chunk);
    }
    parser.end();
  } finally {
    restoring.close();
  }
  const got = { algo: "sha256", bytes: state.digest() } as const;
  if (size !== info.narSize || !hashesEqual(got, info.narHash)) {
    const [specified, found] = [info.narHash, got].map((hash) => printHash(hash, "nix32", true));
    throw new StoreError(
      `hash mismatch importing path '${info.path}';\n         specified: ${specified}\n         got:       ${found}`,
    );
  }
}
