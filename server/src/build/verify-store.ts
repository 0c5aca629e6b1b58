/** Looks whether the store is what it says: contents against hashes, references against what is there. */
import * as fs from "node:fs";
import type { ByteString } from "../base/bytes.ts";
import { hashesEqual, printHash } from "../store/hash.ts";
import { hashNar } from "../store/nar.ts";
import { diskTree } from "./disk-tree.ts";
import { nodePath } from "./node-path.ts";
import type { PrivateStore } from "./private-store.ts";

export interface StoreProblem {
  readonly path: ByteString;
  /** In Nix's words where it has some. */
  readonly message: ByteString;
}

/** @param checkContents reads and hashes everything */
export function* verifyStore(
  store: PrivateStore,
  checkContents: boolean,
): Generator<StoreProblem, void> {
  for (const path of store.registeredPaths()) {
    const info = store.info(path);
    if (info === undefined) {
      yield { path, message: `what is known of '${path}' cannot be read` };
      continue;
    }
    const place = store.physicalPath(path);
    if (fs.lstatSync(nodePath(place), { throwIfNoEntry: false }) === undefined) {
      yield { path, message: `path '${path}' disappeared` };
      continue;
    }
    for (const reference of info.references)
      if (!store.isValid(reference))
        yield { path, message: `path '${path}' refers to '${reference}', which is not valid` };
    if (!checkContents) continue;
    const { digest, size } = hashNar(store.context.hasher, "sha256", diskTree, place);
    const got = { algo: "sha256", bytes: digest } as const;
    if (size !== info.narSize || !hashesEqual(got, info.narHash)) {
      const [expected, found] = [info.narHash, got].map((hash) => printHash(hash, "nix32", true));
      yield {
        path,
        message: `path '${path}' was modified! expected hash '${expected}', got '${found}'`,
      };
    }
  }
}
