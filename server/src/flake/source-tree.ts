/** The tree that a flake reference stands for: where its files are, its store path, what is known of it. */
import type { ByteString } from "../base/bytes.ts";
import { NixError } from "../eval/errors.ts";
import type { Evaluator } from "../eval/evaluator.ts";
import { fetched, isInStore } from "../eval/fetched.ts";
import { storeErrors } from "../eval/files.ts";
import { type Hash, parseHash, printHash } from "../store/hash.ts";
import { makeSourcePath } from "../store/store-path.ts";
import {
  constant,
  described,
  describedAt,
  numberOf,
  type SourceTree,
  withAttributes,
} from "./described-tree.ts";
import { type FlakeRef, flakeRefToUrl } from "./flake-ref.ts";
import { gitTree, localRepository } from "./git-tree.ts";
import { atNewestCommit } from "./newest-commit.ts";
import { dated, placeTree } from "./placed-tree.ts";
import { lookUpInRegistries } from "./registry.ts";

/** Trees known to an evaluator; those of changed files are forgotten. */
class Trees {
  readonly known = new Map<string, SourceTree>();

  constructor(ev: Evaluator) {
    ev.onForget.push((paths) => {
      for (const [key, { directory }] of this.known) {
        if (directory === null) continue;
        const changed = (path: ByteString) =>
          path === directory || path.startsWith(`${directory}/`);
        if (paths === null || paths.some(changed)) this.known.delete(key);
      }
    });
  }
}

const trees = new WeakMap<Evaluator, Trees>();

/**
 * The tree of a reference. Throws `NixError`, and `Interruption` while it is not there yet.
 *
 * @param live whether it is read where it is edited
 */
export function sourceTree(ev: Evaluator, ref: FlakeRef, live = false): SourceTree {
  let { known } = trees.get(ev) ?? { known: null };
  if (known === null) {
    const made = new Trees(ev);
    trees.set(ev, made);
    known = made.known;
  }
  const key = JSON.stringify([live, ...[...ref].sort(([a], [b]) => (a < b ? -1 : 1))]);
  let tree = known.get(key);
  if (tree === undefined) {
    tree = checked(ref, find(ev, ref, live));
    known.set(key, tree);
  }
  return tree;
}

/** The hash that the reference says it has. */
export function statedNarHash(ref: FlakeRef): Hash | null {
  const text = ref.get("narHash");
  if (typeof text !== "string") return null;
  return storeErrors(() => parseHash(text, text.includes("-") ? undefined : "sha256"));
}

function checked(ref: FlakeRef, tree: SourceTree): SourceTree {
  const stated = statedNarHash(ref);
  if (stated === null || printHash(stated, "sri") === printHash(tree.narHash, "sri")) return tree;
  throw new NixError(
    "eval",
    `NAR hash mismatch in input '${flakeRefToUrl(ref)}' (${tree.directory ?? tree.storePath}), expected '${printHash(stated, "sri")}' but got '${printHash(tree.narHash, "sri")}'`,
  );
}

function find(ev: Evaluator, ref: FlakeRef, live: boolean): SourceTree {
  const inStore = storedTree(ev, ref);
  if (inStore !== null) return inStore;
  const type = ref.get("type");
  if (type === "path") return pathTree(ev, ref, live);
  const repository = type === "git" ? localRepository(ref) : null;
  if (repository !== null) return gitTree(ev, ref, repository, live);
  if (type === "indirect") return sourceTree(ev, lookUpInRegistries(ev, ref));
  return downloadedTree(ev, atNewestCommit(ev, ref));
}

/** A tree that a server has as an archive, or one file of it. */
function downloadedTree(ev: Evaluator, ref: FlakeRef): SourceTree {
  const url = archiveUrl(ref);
  const stated = statedNarHash(ref);
  const isFile = ref.get("type") === "file";
  if (!isFile && /^file:(?!\/)/.test(url)) {
    throw new NixError(
      "eval",
      `tarball '${url}' must use an absolute path. The 'file' scheme does not support relative paths.`,
    ).frame(0, `while fetching the input '${flakeRefToUrl(ref)}'`);
  }
  const expected = isFile ? null : (stated?.bytes ?? null);
  const found = fetched(ev, { kind: isFile ? "file" : "tarball", url, expected });
  const narHash: Hash = isFile
    ? ev.files.unrestricted(() => ev.hashTree(found.path, undefined, ev.files.narSource(false)))
    : { algo: "sha256", bytes: found.sha256 };
  const origin = found.path;
  const storePath = ev.store.addSource("source", { method: "nar", hash: narHash, origin });
  const said = ref.get("lastModified");
  const lastModified = typeof said === "number" ? said : isFile ? null : found.lastModified;
  const known = withAttributes(ref, [["lastModified", lastModified]]);
  return described(known, { storePath, narHash, lastModified: constant(lastModified) });
}

/** Where a server has the archive of a reference. */
function archiveUrl(ref: FlakeRef): ByteString {
  const text = (name: string) => String(ref.get(name) ?? "");
  const type = text("type");
  if (type === "tarball" || type === "file") return text("url");
  const rev = ref.get("rev");
  const shown = flakeRefToUrl(ref);
  if (type === "git" || type === "hg") {
    throw new NixError(
      "eval",
      `cannot fetch input '${shown}': repositories on other machines are not supported yet`,
    );
  }
  const host = (usual: string) => text("host") || usual;
  const [owner, repo] = [text("owner"), text("repo")];
  switch (type) {
    case "github":
      return `https://${host("github.com")}/${owner}/${repo}/archive/${rev}.tar.gz`;
    case "gitlab":
      return `https://${host("gitlab.com")}/api/v4/projects/${owner}%2F${repo}/repository/archive.tar.gz?sha=${rev}`;
    default:
      return `https://${host("git.sr.ht")}/${owner}/${repo}/archive/${rev}.tar.gz`;
  }
}

/** A locked tree that is in the store already: its path follows from its hash. */
function storedTree(ev: Evaluator, ref: FlakeRef): SourceTree | null {
  const narHash = statedNarHash(ref);
  if (narHash === null) return null;
  const storePath = makeSourcePath(ev.store.context, "source", narHash.bytes);
  if (!isInStore(ev, storePath)) return null;
  return described(ref, {
    storePath,
    narHash,
    lastModified: constant(numberOf(ref, "lastModified")),
  });
}

function pathTree(ev: Evaluator, ref: FlakeRef, live: boolean): SourceTree {
  const path = String(ref.get("path"));
  if (!path.startsWith("/")) {
    throw new NixError(
      "eval",
      `cannot fetch input '${flakeRefToUrl(ref)}' because it uses a relative path`,
    );
  }
  const directory = ev.files.unrestricted(() => {
    const resolved = ev.files.resolveLinks(path);
    if (ev.files.stat(resolved) === null) throw new NixError("io", `path '${path}' does not exist`);
    return resolved;
  });
  const placed = placeTree(ev, directory, live);
  const lastModified = numberOf(ref, "lastModified");
  return describedAt(ref, lastModified === null ? placed : dated(placed, lastModified), directory);
}
