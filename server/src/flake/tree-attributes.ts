/** A tree as programs see it: `fetchTree`'s result, a flake's `sourceInfo`. */
import type { ByteString } from "../base/bytes.ts";
import { Attrs } from "../eval/attrs.ts";
import { Code } from "../eval/code.ts";
import { withContext } from "../eval/context.ts";
import { type Slot, Thunk, type Value } from "../eval/values.ts";
import { printHash } from "../store/hash.ts";
import { SHORT_REV, type SourceTree } from "./described-tree.ts";

export interface TreeAttributesOptions {
  /** As `fetchGit` does: no revision is one of zeros. */
  readonly emptyRev?: boolean;
  /** As if the tree had changes that are not committed. */
  readonly forceDirty?: boolean;
}

const lazy = (run: () => Value): Thunk => new Thunk(Code.of(run), []);

const ZERO_REV = "0".repeat(40);

export function treeAttributes(tree: SourceTree, options: TreeAttributesOptions = {}): Attrs {
  const { emptyRev = false, forceDirty = false } = options;
  const { ref, rev, revCount, dirtyRev } = tree;
  // What the files of a tree say that is edited is found out when something asks.
  const slot = (run: () => Value): Slot => (tree.isLive ? lazy(run) : run());
  const attrs: [ByteString, Slot][] = [
    ["outPath", slot(() => withContext(tree.storePath, new Set([tree.storePath])))],
    ["narHash", slot(() => printHash(tree.narHash, "sri"))],
  ];
  if (ref.get("type") === "git") attrs.push(["submodules", ref.get("submodules") === true]);
  if (!forceDirty) {
    const shown = rev ?? (emptyRev ? ZERO_REV : null);
    if (shown !== null) attrs.push(["rev", shown], ["shortRev", shown.slice(0, SHORT_REV)]);
    if (revCount !== null) attrs.push(["revCount", lazy(revCount)]);
    else if (emptyRev) attrs.push(["revCount", 0]);
  }
  if (dirtyRev !== null) {
    attrs.push(["dirtyRev", dirtyRev]);
    attrs.push(["dirtyShortRev", `${dirtyRev.slice(0, SHORT_REV)}-dirty`]);
  }
  const { lastModified } = tree;
  if (lastModified !== null) {
    attrs.push(["lastModified", slot(lastModified)]);
    attrs.push(["lastModifiedDate", slot(() => compactDate(lastModified()))]);
  }
  return Attrs.from(attrs);
}

/** `20260102030405`, in UTC. @param seconds since 1970 */
function compactDate(seconds: number): string {
  return new Date(seconds * 1000).toISOString().slice(0, 19).replace(/[-T:]/g, "");
}
