/** The tree that a flake reference stands for: where its files are, its store path, what is known of it. */
import type { ByteString } from "../base/bytes.ts";
import { Interruption, NixError } from "../eval/errors.ts";
import type { Evaluator } from "../eval/evaluator.ts";
import { fetched, isInStore } from "../eval/fetched.ts";
import { storeErrors } from "../eval/files.ts";
import type { Answer, LocalGit, TreeHash } from "../eval/host.ts";
import type { LiveTree } from "../eval/live-trees.ts";
import { decodeBase16, encodeBase16 } from "../store/base16.ts";
import { type Hash, parseHash, printHash } from "../store/hash.ts";
import type { NarSource } from "../store/nar.ts";
import { makeSourcePath } from "../store/store-path.ts";
import { type FlakeRef, flakeRefToUrl, type InputAttribute } from "./flake-ref.ts";
import { atNewestCommit } from "./newest-commit.ts";
import { lookUpInRegistries } from "./registry.ts";
import { parseUrl } from "./url.ts";

/** What the files of a tree say. Of one that is edited it is computed when it is asked for. */
interface Contents {
  readonly storePath: ByteString;
  readonly narHash: Hash;
  /** Gives seconds since 1970. */
  readonly lastModified: (() => number) | null;
}

export interface SourceTree extends Contents {
  /** The path under which its files are read: its store path, unless it is edited. */
  readonly place: ByteString;
  readonly isLive: boolean;
  readonly ref: FlakeRef;
  /** The reference with everything that pins it, but `revCount`. */
  readonly locked: FlakeRef;
  readonly rev: ByteString | null;
  /** Counting may take long, so it is done when asked for. */
  readonly revCount: (() => number) | null;
  /** The commit that a changed git work tree is based on. */
  readonly dirtyRev: ByteString | null;
  /** Where the files are, when they are read in place. */
  readonly directory: ByteString | null;
}

/** How long the abbreviation of a commit is. */
export const SHORT_REV = 7;

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

/** What the attributes of a reference say about its tree. */
function described(ref: FlakeRef, contents: Contents): SourceTree {
  return describedAt(ref, { contents, place: contents.storePath, isLive: false }, null);
}

function describedAt(ref: FlakeRef, placed: Placed, directory: ByteString | null): SourceTree {
  const text = (name: string) => {
    const value = ref.get(name);
    return typeof value === "string" ? value : null;
  };
  return new Tree(ref, placed, directory, [], {
    rev: text("rev"),
    revCount: constant(numberOf(ref, "revCount")),
    dirtyRev: text("dirtyRev"),
  });
}

function constant(value: number | null): (() => number) | null {
  return value === null ? null : () => value;
}

function numberOf(ref: FlakeRef, name: string): number | null {
  const value = ref.get(name);
  return typeof value === "number" ? value : null;
}

type Pins = readonly (readonly [ByteString, InputAttribute | null])[];

class Tree implements SourceTree {
  readonly ref: FlakeRef;
  readonly place: ByteString;
  readonly isLive: boolean;
  readonly lastModified: (() => number) | null;
  readonly directory: ByteString | null;
  readonly rev: ByteString | null;
  readonly revCount: (() => number) | null;
  readonly dirtyRev: ByteString | null;
  readonly #contents: Contents;
  readonly #pins: Pins;

  /** @param pins what pins the tree besides its contents */
  constructor(
    ref: FlakeRef,
    { contents, place, isLive }: Placed,
    directory: ByteString | null,
    pins: Pins,
    { rev, revCount, dirtyRev }: Pick<SourceTree, "rev" | "revCount" | "dirtyRev">,
  ) {
    this.ref = ref;
    this.#contents = contents;
    this.place = place;
    this.isLive = isLive;
    this.lastModified = contents.lastModified;
    this.directory = directory;
    this.#pins = pins;
    this.rev = rev;
    this.revCount = revCount;
    this.dirtyRev = dirtyRev;
  }

  get storePath(): ByteString {
    return this.#contents.storePath;
  }

  get narHash(): Hash {
    return this.#contents.narHash;
  }

  get locked(): FlakeRef {
    return withAttributes(this.ref, [
      ...this.#pins,
      ["lastModified", this.lastModified?.() ?? null],
      ["narHash", printHash(this.narHash, "sri")],
    ]);
  }
}

function withAttributes(ref: FlakeRef, more: Pins): FlakeRef {
  const all = new Map(ref);
  for (const [name, value] of more) if (value !== null) all.set(name, value);
  return all;
}

/** Where the files of a tree are read. */
interface Placed {
  readonly contents: Contents;
  readonly place: ByteString;
  readonly isLive: boolean;
}

/**
 * Adds a directory to the store without copying it.
 *
 * @param live whether only when its path is asked for
 * @param included the files that belong to it; undefined: all
 */
function placeTree(
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

/** The tree with a time that is not that of its newest file. */
function dated({ contents, place, isLive }: Placed, lastModified: number): Placed {
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

/** The directory of a `file:` URL; null for repositories elsewhere. */
function localRepository(ref: FlakeRef): ByteString | null {
  const url = parseUrl(String(ref.get("url")));
  if (url === null || url.scheme !== "file") return null;
  return url.path === "/" ? "/" : url.path.replace(/\/+$/, "");
}

function answered<T>(answer: Answer<T>): T {
  if (answer.ok === true) return answer.value;
  if (answer.ok === "pending") throw new Interruption("pending", answer.key);
  throw new NixError(answer.error.code === "refused" ? "restricted" : "io", answer.error.message);
}

function gitTree(ev: Evaluator, ref: FlakeRef, repository: ByteString, live: boolean): SourceTree {
  const git = ev.host.git;
  const shown = flakeRefToUrl(ref);
  if (git === null) throw new NixError("eval", `cannot read the git repository of '${shown}' here`);
  if (ref.get("submodules") === true)
    throw new NixError("eval", `cannot fetch input '${shown}': submodules are not supported yet`);
  if (ref.get("lfs") === true)
    throw new NixError("eval", `cannot fetch input '${shown}': git LFS is not supported yet`);
  if (ref.get("verifyCommit") === true)
    throw new NixError(
      "eval",
      `cannot fetch input '${shown}': signatures of commits are not checked yet`,
    );
  if (ref.get("exportIgnore") === true) refuseExportIgnore(ev, shown, repository, git);
  const rev = ref.get("rev");
  const point = rev ?? ref.get("ref");
  const tree = point === undefined ? answered(git.workTree(repository)) : null;
  if (point === undefined && tree === null)
    throw new NixError("io", `'${repository}' is not a git repository`);
  if (tree?.shallow === true && ref.get("shallow") !== true) {
    throw new NixError(
      "eval",
      `'${repository}' is a shallow Git repository, but shallow repositories are only allowed when \`shallow = true;\` is specified`,
    );
  }
  if (tree?.dirty === true) return dirtyTree(ev, ref, repository, live, tree);
  if (tree !== null && (tree.head === null || !(tree.converted || tree.submodules.length > 0))) {
    const placed = placeTree(ev, repository, live, withDirectories(tree.files));
    return committed(ref, git, repository, {
      placed: dated(placed, tree.lastModified),
      rev: tree.head,
      branch: tree.ref,
      directory: repository,
    });
  }
  const commit = answered(git.commit(repository, point === undefined ? null : String(point)));
  return committed(ref, git, repository, {
    placed: dated(placeTree(ev, commit.directory, false), commit.lastModified),
    rev: commit.rev,
    branch: tree?.ref ?? null,
    // No edit reaches what a commit is.
    directory: rev === undefined ? repository : commit.directory,
  });
}

/** Files that `export-ignore` names would have to be left out. */
function refuseExportIgnore(
  ev: Evaluator,
  shown: ByteString,
  repository: ByteString,
  git: LocalGit,
): void {
  const files = answered(git.workTree(repository))?.files ?? [];
  for (const file of files) {
    if (!/(?:^|\/)\.gitattributes$/.test(file)) continue;
    const text = ev.files.unrestricted(() => ev.files.readFile(`${repository}/${file}`));
    if (/\sexport-(?:ignore|subst)\b/.test(text)) {
      throw new NixError(
        "eval",
        `cannot fetch input '${shown}': the attribute 'export-ignore' in '${file}' is not supported yet`,
      );
    }
  }
}

interface Commit {
  readonly placed: Placed;
  /** Null before the first commit. */
  readonly rev: ByteString | null;
  readonly branch: ByteString | null;
  readonly directory: ByteString;
}

function committed(
  ref: FlakeRef,
  git: LocalGit,
  repository: ByteString,
  { placed, rev, branch, directory }: Commit,
): SourceTree {
  const shallow = ref.get("shallow") === true;
  const pins: Pins = [
    ["ref", ref.has("ref") || ref.has("rev") || rev === null ? null : branch],
    ["rev", rev],
  ];
  return new Tree(ref, placed, directory, pins, {
    rev,
    revCount: shallow || rev === null ? null : () => answered(git.revCount(repository, rev)),
    dirtyRev: null,
  });
}

function dirtyTree(
  ev: Evaluator,
  ref: FlakeRef,
  repository: ByteString,
  live: boolean,
  tree: {
    readonly files: readonly ByteString[];
    readonly head: ByteString | null;
    readonly lastModified: number;
    readonly submodules: readonly ByteString[];
  },
): SourceTree {
  if (tree.submodules.length > 0) {
    throw new NixError(
      "eval",
      `the git work tree '${repository}' has submodules ('${tree.submodules[0]}') and changes that are not committed: such a tree is not supported yet`,
    );
  }
  const placed = placeTree(ev, repository, live, withDirectories(tree.files));
  const dirtyRev = tree.head === null ? null : `${tree.head}-dirty`;
  const pins: Pins = [
    ["dirtyRev", dirtyRev],
    ["dirtyShortRev", dirtyRev === null ? null : `${dirtyRev.slice(0, SHORT_REV)}-dirty`],
  ];
  return new Tree(ref, dated(placed, tree.lastModified), repository, pins, {
    rev: null,
    revCount: null,
    dirtyRev,
  });
}

/** The files and the directories that they are in. */
function withDirectories(files: readonly ByteString[]): Set<ByteString> {
  const all = new Set(files);
  for (const file of files) {
    for (let at = file.lastIndexOf("/"); at > 0; at = file.lastIndexOf("/", at - 1)) {
      const directory = file.slice(0, at);
      if (all.has(directory)) break;
      all.add(directory);
    }
  }
  return all;
}
