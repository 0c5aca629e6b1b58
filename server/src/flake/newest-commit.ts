/** The commit that a branch on a forge is at: its server is asked. */
import { type ByteString, bytesFromText } from "../base/bytes.ts";
import { NixError } from "../eval/errors.ts";
import type { Evaluator } from "../eval/evaluator.ts";
import { fetched } from "../eval/fetched.ts";
import { type FlakeRef, flakeRefToUrl } from "./flake-ref.ts";

const COMMIT = /^[0-9a-f]{40}$/;

/**
 * A reference to a forge that names no commit, with the newest of its branch instead of the branch; any
 * other as it is. Throws `NixError`, and `Interruption` while the answer is downloaded.
 */
export function atNewestCommit(ev: Evaluator, ref: FlakeRef): FlakeRef {
  const ask = FORGES[String(ref.get("type"))];
  if (ask === undefined || ref.has("rev")) return ref;
  const read = (url: ByteString) => {
    const { path } = fetched(ev, { kind: "file", url, expected: null });
    return ev.files.unrestricted(() => ev.files.readFile(path));
  };
  const text = (name: string) => String(ref.get(name) ?? "");
  const repository = { host: text("host"), owner: text("owner"), repo: text("repo") };
  const branch = text("ref") || "HEAD";
  const commit = ask(repository, branch, read);
  if (commit === null || !COMMIT.test(commit)) {
    throw new NixError(
      "eval",
      `the server of '${flakeRefToUrl(ref)}' names no commit for '${branch}'`,
    );
  }
  const found = new Map(ref).set("rev", commit);
  found.delete("ref");
  return found;
}

interface Repository {
  /** "" for the usual one. */
  readonly host: ByteString;
  readonly owner: ByteString;
  readonly repo: ByteString;
}

type Ask = (
  repository: Repository,
  branch: ByteString,
  read: (url: ByteString) => ByteString,
) => ByteString | null;

const FORGES: Readonly<Record<string, Ask>> = {
  github({ host, owner, repo }, branch, read) {
    const api =
      host === "" || host === "github.com" ? "https://api.github.com" : `https://${host}/api/v3`;
    return idOf(json(read(`${api}/repos/${owner}/${repo}/commits/${branch}`)), "sha");
  },
  gitlab({ host, owner, repo }, branch, read) {
    const api = `https://${host || "gitlab.com"}/api/v4/projects/${owner}%2F${repo}`;
    const commits = json(read(`${api}/repository/commits?ref_name=${branch}&per_page=1`));
    return Array.isArray(commits) ? idOf(commits[0], "id") : null;
  },
  sourcehut({ host, owner, repo }, branch, read) {
    const base = `https://${host || "git.sr.ht"}/${owner}/${repo}`;
    const wanted =
      branch === "HEAD"
        ? [/^ref: (\S+)/.exec(read(`${base}/HEAD`))?.[1] ?? ""]
        : [`refs/heads/${branch}`, `refs/tags/${branch}`];
    for (const line of read(`${base}/info/refs`).split("\n")) {
      const [commit = "", name = ""] = line.split("\t");
      if (wanted.includes(name)) return commit;
    }
    return null;
  },
};

function json(text: ByteString): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

function idOf(commit: unknown, name: string): ByteString | null {
  const id = (commit as Record<string, unknown> | null | undefined)?.[name];
  return typeof id === "string" ? bytesFromText(id) : null;
}
