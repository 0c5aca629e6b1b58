/** Directories whose files are a tree: hashed, and added to a store without being copied. */
import type { ByteString } from "../base/bytes.ts";
import { NixError } from "../eval/errors.ts";
import type { Evaluator } from "../eval/evaluator.ts";
import type { TreeHash } from "../eval/host.ts";
import type { LiveTree } from "../eval/live-trees.ts";
import { decodeBase16, encodeBase16 } from "../store/base16.ts";
import type { Hash } from "../store/hash.ts";
import type { NarSource } from "../store/nar.ts";
import type { Contents, Placed } from "./described-tree.ts";

/**
 * Adds a directory to the store without copying it.
 *
 * @param live whether only when its path is asked for
 * @param included the files that belong to it; undefined: all
 */
export function placeTree(
  ev: Evaluator,
  directory: ByteString,
  live: boolean,
  included?: ReadonlySet<ByteString>,
): Placed {
  if (live) return liveTree(ev, directory, included);
  const contents = ev.files.unrestricted(() => addTree(ev, directory, included));
  return { contents, place: contents.storePath, isLive: false };
}

function liveTree(
  ev: Evaluator,
  directory: ByteString,
  included?: ReadonlySet<ByteString>,
): Placed {
  let added: Contents | null = null;
  const add = () => {
    added ??= ev.files.unrestricted(() => addTree(ev, directory, included));
    return added;
  };
  const place = ev.setLiveTree(directory, { included, storePath: () => add().storePath });
  const tree = ev.liveTrees.of(place) as LiveTree;
  const contents = {
    get storePath() {
      return tree.storePath;
    },
    get narHash() {
      tree.noteReader();
      return add().narHash;
    },
    lastModified: () => {
      tree.noteReader();
      return add().lastModified?.() ?? 0;
    },
  };
  return { contents, place, isLive: true };
}

function addTree(
  ev: Evaluator,
  directory: ByteString,
  included?: ReadonlySet<ByteString>,
): Contents {
  // Of a part of a tree nothing is remembered: git knows what has changed.
  const { sha256, lastModified } =
    included === undefined
      ? ev.host.treeHash(directory, () => hashOf(ev, directory))
      : hashOf(ev, directory, included);
  const narHash: Hash = { algo: "sha256", bytes: decodeBase16(sha256) };
  const storePath = ev.store.addSource("source", {
    method: "nar",
    hash: narHash,
    origin: directory,
    ...(included === undefined ? {} : { included }),
  });
  return { storePath, narHash, lastModified: () => lastModified };
}

function hashOf(
  ev: Evaluator,
  directory: ByteString,
  included?: ReadonlySet<ByteString>,
): TreeHash {
  let lastModified = 0;
  const source: NarSource = {
    ...ev.files.narSource(false),
    lstat: (path) => {
      const stat = ev.files.stat(path);
      if (stat === null) throw new NixError("io", `path '${path}' does not exist`);
      lastModified = Math.max(lastModified, stat.modified ?? 0);
      return stat.type === "regular"
        ? { type: "regular", executable: stat.executable }
        : { type: stat.type };
    },
  };
  const isIncluded = (path: ByteString) => included?.has(path.slice(directory.length + 1)) ?? true;
  const { bytes } = ev.hashTree(directory, isIncluded, source);
  return { sha256: encodeBase16(bytes), lastModified };
}

/** The tree with a time that is not that of its newest file. */
export function dated({ contents, place, isLive }: Placed, lastModified: number): Placed {
  const said = {
    get storePath() {
      return contents.storePath;
    },
    get narHash() {
      return contents.narHash;
    },
    lastModified: () => lastModified,
  };
  return { contents: said, place, isLive };
}
