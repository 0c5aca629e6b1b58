/** Makes what a builder left into a store object: only files, directories and links; no modes, no dates. */
import * as fs from "node:fs";
import type { ByteString } from "../base/bytes.ts";
import { StoreError } from "../store/error.ts";
import { namesIn } from "./disk-tree.ts";
import { nodePath } from "./node-path.ts";
import { STORE_TIME } from "./restore-nar.ts";

/**
 * @param tree where the output is
 * @param path what messages call it
 * @throws StoreError for what a store can't hold
 */
export function canonicalise(tree: ByteString, path: ByteString): void {
  const stat = fs.lstatSync(nodePath(tree));
  if (!stat.isSymbolicLink() && (stat.mode & 0o022) !== 0) {
    throw new StoreError(
      `suspicious ownership or permission on '${path}'; rejecting this build output`,
    );
  }
  seal(tree, path);
}

function seal(tree: ByteString, path: ByteString): void {
  const file = nodePath(tree);
  const stat = fs.lstatSync(file);
  if (stat.isSymbolicLink()) {
    fs.lutimesSync(file, STORE_TIME, STORE_TIME);
    return;
  }
  if (!stat.isFile() && !stat.isDirectory()) {
    throw new StoreError(`file '${path}' has an unsupported type`);
  }
  let mode = (stat.mode & 0o100) === 0 ? 0o444 : 0o555;
  if (stat.isDirectory()) {
    mode = 0o555;
    // The builder may have taken its own permission to list or change it.
    if ((stat.mode & 0o700) !== 0o700) fs.chmodSync(file, 0o700);
    for (const name of namesIn(tree)) seal(`${tree}/${name}`, `${path}/${name}`);
  }
  fs.chmodSync(file, mode);
  fs.utimesSync(file, STORE_TIME, STORE_TIME);
}
