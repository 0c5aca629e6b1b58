/**
 * What a revision of a git repository says about the files that differ from it in the working tree,
 * read through the `git` of this machine. Only for trusted workspaces: git runs what a repository
 * configures.
 */
import { spawnSync } from "node:child_process";
import { dirname } from "node:path";
import { type ByteString, bytesFromText, bytesToText } from "../base/bytes.ts";

export interface GitRevision {
  /** Of the working tree, absolute. */
  readonly top: string;
  readonly commit: string;
  /**
   * The files that differ from it: absolute path to contents, null where it has no such file.
   *
   * @param others files to look at as well: documents that are not saved
   */
  differing(others: readonly string[]): Map<ByteString, ByteString | null> | null;
}

/** Files that differ; with more of them nothing is compared. */
const MOST = 500;
const LARGEST_OUTPUT = 256 * 1024 * 1024;

/** Null when the file is in no repository, the revision does not exist, or there is no git. */
export function gitRevision(file: string, revision: string): GitRevision | null {
  // Not to be read as an option.
  if (revision.startsWith("-")) return null;
  const directory = dirname(file);
  const top = git(directory, ["rev-parse", "--show-toplevel"]);
  const commit = git(directory, ["rev-parse", "--verify", "--quiet", `${revision}^{commit}`]);
  if (!top || !commit) return null;
  return new Revision(line(top), line(commit));
}

function line(output: Buffer): string {
  return output.toString("utf8").replace(/\n$/, "");
}

class Revision implements GitRevision {
  readonly top: string;
  readonly commit: string;

  constructor(top: string, commit: string) {
    this.top = top;
    this.commit = commit;
  }

  differing(others: readonly string[]): Map<ByteString, ByteString | null> | null {
    const { top, commit } = this;
    const changed = git(top, [
      "diff",
      "--name-only",
      "-z",
      "--no-renames",
      "--no-ext-diff",
      "--no-textconv",
      commit,
    ]);
    const untracked = git(top, ["ls-files", "--others", "--exclude-standard", "-z"]);
    if (!changed || !untracked) return null;
    const below = others.flatMap((path) =>
      path.startsWith(`${top}/`) ? [bytesFromText(path.slice(top.length + 1))] : [],
    );
    const names = new Set([...split(changed), ...split(untracked), ...below]);
    if (names.size > MOST) return null;
    const contents = [...names].map((name): [ByteString, ByteString | null] => {
      // Arguments are text: a name that is no UTF-8 is not found, and counts as added.
      const blob = git(top, ["cat-file", "blob", `${commit}:${bytesToText(name)}`]);
      return [`${bytesFromText(top)}/${name}`, blob?.toString("latin1") ?? null];
    });
    return new Map(contents);
  }
}

/** Names that end with a zero byte each, as byte strings. */
function split(output: Buffer): ByteString[] {
  return output
    .toString("latin1")
    .split("\0")
    .filter((name) => name !== "");
}

/** The output of git, null when it fails. */
function git(directory: string, args: readonly string[]): Buffer | null {
  const result = spawnSync("git", ["-C", directory, "-c", "core.fsmonitor=false", ...args], {
    maxBuffer: LARGEST_OUTPUT,
    stdio: ["ignore", "pipe", "ignore"],
    // Nothing of the user's repository is written, not even a refreshed index.
    env: { ...process.env, GIT_OPTIONAL_LOCKS: "0", LC_ALL: "C" },
  });
  return result.status === 0 ? result.stdout : null;
}
