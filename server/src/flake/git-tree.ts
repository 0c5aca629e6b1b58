/** The trees of git repositories on this machine: of a commit, or as they are. */
import type { ByteString } from "../base/bytes.ts";
import { Interruption, NixError } from "../eval/errors.ts";
import type { Evaluator } from "../eval/evaluator.ts";
import type { Answer, LocalGit } from "../eval/host.ts";
import { type Pins, type Placed, SHORT_REV, type SourceTree, Tree } from "./described-tree.ts";
import { type FlakeRef, flakeRefToUrl } from "./flake-ref.ts";
import { dated, placeTree } from "./placed-tree.ts";
import { parseUrl } from "./url.ts";

/** The directory of a `file:` URL; null for repositories elsewhere. */
export function localRepository(ref: FlakeRef): ByteString | null {
  const url = parseUrl(String(ref.get("url")));
  if (url === null || url.scheme !== "file") return null;
  return url.path === "/" ? "/" : url.path.replace(/\/+$/, "");
}

function answered<T>(answer: Answer<T>): T {
  if (answer.ok === true) return answer.value;
  if (answer.ok === "pending") throw new Interruption("pending", answer.key);
  throw new NixError(answer.error.code === "refused" ? "restricted" : "io", answer.error.message);
}

export function gitTree(
  ev: Evaluator,
  ref: FlakeRef,
  repository: ByteString,
  live: boolean,
): SourceTree {
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
