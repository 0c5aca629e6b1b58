/**
 * Git repositories on this machine, read from their files. No program is run: a repository's own
 * settings can make git run anything.
 */
import * as crypto from "node:crypto";
import * as fs from "node:fs";
import * as path from "node:path";
import { type ByteString, bytesFromText } from "../base/bytes.ts";
import type { Answer, GitCommit, GitWorkTree, LocalGit } from "../eval/host.ts";
import { type GitIndexEntry, parseGitIndex } from "./git-index.ts";
import { GitError, GitObjects, textOf } from "./git-objects.ts";

const LINK = 0o120000;
const EXECUTABLE = 0o100755;
const SUBMODULE = 0o160000;
const DIRECTORY = 0o40000;
const MAX_SYMBOLIC_REFS = 5;
/** How long the files of a commit are kept that nobody asks for. In ms. */
const KEPT = 14 * 24 * 60 * 60 * 1000;

/** Attributes by which a file is not in the work tree as it is in the repository. */
const CONVERTING = /(?:^|\s)(?:text|crlf|eol|ident|filter|working-tree-encoding)(?:=|\s|$)/m;

interface Repository {
  /** The top of the work tree. */
  readonly top: string;
  /** Of this work tree: HEAD, index. */
  readonly directory: string;
  /** Of all work trees: objects, refs. */
  readonly common: string;
  readonly objects: GitObjects;
  readonly config: string;
}

export class NodeGit implements LocalGit {
  readonly #trees: string;

  /** @param cache directory in which the files of commits are kept */
  constructor(cache: string) {
    this.#trees = path.join(cache, "git-trees");
  }

  topOf(directory: ByteString): ByteString | null {
    for (let at = nativePath(directory); ; at = path.dirname(at)) {
      if (fs.existsSync(path.join(at, ".git"))) return bytesFromText(at);
      if (at === path.dirname(at)) return null;
    }
  }

  workTree(top: ByteString): Answer<GitWorkTree | null> {
    return this.#with(top, (repository) => (repository === null ? null : workTree(repository)));
  }

  commit(top: ByteString, point: ByteString | null): Answer<GitCommit> {
    return this.#with(top, (repository) => {
      if (repository === null) throw new GitError(`'${top}' is no git repository`);
      const id = point === null ? head(repository).id : resolve(repository, point);
      if (id === null) throw new GitError(`'${point ?? "HEAD"}' is not in the repository '${top}'`);
      const { id: rev, tree, time } = repository.objects.commit(id);
      return { rev, lastModified: time, directory: this.#checkOut(repository.objects, tree) };
    });
  }

  revCount(top: ByteString, rev: ByteString): Answer<number> {
    return this.#with(top, (repository) => {
      if (repository === null) throw new GitError(`'${top}' is no git repository`);
      const seen = new Set([rev]);
      for (const each of seen)
        for (const parent of repository.objects.commit(each).parents) seen.add(parent);
      return seen.size;
    });
  }

  #with<T>(top: ByteString, read: (repository: Repository | null) => T): Answer<T> {
    let repository: Repository | null = null;
    try {
      repository = open(nativePath(top));
      return { ok: true, value: read(repository) };
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      return { ok: false, error: { code: "other", message: bytesFromText(message) } };
    } finally {
      repository?.objects.close();
    }
  }

  /** The files of a tree, made once. */
  #checkOut(objects: GitObjects, tree: string): ByteString {
    const target = path.join(this.#trees, tree);
    if (!fs.existsSync(target)) {
      this.#removeUnused();
      const partial = `${target}.${process.pid}.${crypto.randomUUID()}`;
      fs.mkdirSync(this.#trees, { recursive: true });
      try {
        write(objects, tree, Buffer.from(partial));
        fs.renameSync(partial, target);
      } catch (error) {
        fs.rmSync(partial, { recursive: true, force: true });
        if (!fs.existsSync(target)) throw error;
      }
    }
    const now = new Date();
    fs.utimesSync(target, now, now);
    return bytesFromText(target);
  }

  /** Trees of commits that nothing has asked for in a long time; their time is that of the last use. */
  #removeUnused(): void {
    if (!fs.existsSync(this.#trees)) return;
    for (const name of fs.readdirSync(this.#trees)) {
      const tree = path.join(this.#trees, name);
      const used = fs.statSync(tree, { throwIfNoEntry: false })?.mtimeMs ?? Date.now();
      if (Date.now() - used > KEPT) fs.rmSync(tree, { recursive: true, force: true });
    }
  }
}

function nativePath(file: ByteString): string {
  return Buffer.from(file, "latin1").toString("utf8");
}

function write(objects: GitObjects, tree: string, directory: Buffer): void {
  fs.mkdirSync(directory);
  for (const { mode, name, id } of objects.tree(tree)) {
    if (name === "" || name === "." || name === ".." || /[/\0]/.test(name) || /^\.git$/i.test(name))
      throw new GitError(`a tree of the repository holds the file name '${name}'`);
    const file = Buffer.concat([directory, Buffer.from(`/${name}`, "latin1")]);
    if (mode === DIRECTORY) write(objects, id, file);
    else if (mode === SUBMODULE) fs.mkdirSync(file);
    else if (mode === LINK) fs.symlinkSync(objects.read(id).data, file);
    else
      fs.writeFileSync(file, objects.read(id).data, {
        flag: "wx",
        mode: mode === EXECUTABLE ? 0o755 : 0o644,
      });
  }
}

/** Null when the directory is not the top of a work tree or a repository without one. */
function open(top: string): Repository | null {
  const dot = path.join(top, ".git");
  const stat = fs.statSync(dot, { throwIfNoEntry: false });
  let directory = dot;
  if (stat?.isFile()) {
    const link = /^gitdir: (.*)\n?$/.exec(textOf(dot) ?? "")?.[1];
    if (link === undefined) throw new GitError(`'${dot}' does not say where the repository is`);
    directory = path.resolve(top, nativePath(link));
  } else if (stat === undefined) {
    if (!fs.existsSync(path.join(top, "HEAD")) || !fs.existsSync(path.join(top, "objects")))
      return null;
    directory = top;
  }
  const elsewhere = textOf(path.join(directory, "commondir"))?.trim();
  const common = elsewhere === undefined ? directory : path.resolve(directory, elsewhere);
  const config = textOf(path.join(common, "config")) ?? "";
  for (const [unknown, what] of [
    [/^\s*objectformat\s*=\s*(?!sha1\s*$)\S/im, "another hash function than SHA-1"],
    [/^\s*refstorage\s*=\s*(?!files\s*$)\S/im, "another storage of references than files"],
  ] as const) {
    if (unknown.test(config)) throw new GitError(`the git repository '${top}' uses ${what}`);
  }
  return { top, directory, common, config, objects: new GitObjects(path.join(common, "objects")) };
}

function head(repository: Repository): { ref: string | null; id: string | null } {
  const text = textOf(path.join(repository.directory, "HEAD"))?.trim() ?? "";
  const ref = /^ref: (.*)$/.exec(text)?.[1];
  return ref === undefined ? { ref: null, id: text } : { ref, id: readRef(repository, ref) };
}

/** The id that a full reference name stands for. */
function readRef(repository: Repository, name: string, depth = 0): string | null {
  if (depth > MAX_SYMBOLIC_REFS || name.split("/").includes("..")) return null;
  for (const directory of [repository.directory, repository.common]) {
    const text = textOf(path.join(directory, name))?.trim();
    if (text === undefined) continue;
    const symbolic = /^ref: (.*)$/.exec(text)?.[1];
    return symbolic === undefined ? text : readRef(repository, symbolic, depth + 1);
  }
  for (const line of (textOf(path.join(repository.common, "packed-refs")) ?? "").split("\n"))
    if (line.slice(41) === name && /^[0-9a-f]{40} /.test(line)) return line.slice(0, 40);
  return null;
}

/** The id of a commit, or what a branch or tag of this name points to. */
function resolve(repository: Repository, point: string): string | null {
  if (/^[0-9a-f]{40}$/.test(point)) return point;
  const names = [point, `refs/${point}`, `refs/tags/${point}`, `refs/heads/${point}`];
  for (const name of [...names, `refs/remotes/${point}`]) {
    if (name !== "HEAD" && !name.startsWith("refs/")) continue;
    const id = readRef(repository, name);
    if (id !== null) return id;
  }
  return null;
}

function workTree(repository: Repository): GitWorkTree {
  const { top, directory, objects, config } = repository;
  const { ref, id } = head(repository);
  const file = path.join(directory, "index");
  const index = fs.existsSync(file)
    ? parseGitIndex(fs.readFileSync(file))
    : { entries: [], tree: null };
  const written = fs.statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? 0;
  const commit = id === null ? null : objects.commit(id);
  const files: string[] = [];
  const submodules: string[] = [];
  let dirty = false;
  let converted =
    /^\s*(?:autocrlf\s*=\s*(?:true|input)|filemode\s*=\s*false|symlinks\s*=\s*false)/im.test(
      config,
    );
  for (const entry of index.entries) {
    if (entry.path === files.at(-1)) {
      // The sides of a merge conflict.
      dirty = true;
      continue;
    }
    if (entry.mode === SUBMODULE) {
      submodules.push(entry.path);
      continue;
    }
    if (entry.mode === DIRECTORY)
      throw new GitError(`the work tree '${top}' is sparse, which is not supported`);
    const at = Buffer.from(`${bytesFromText(top)}/${entry.path}`, "latin1");
    const stat = fs.lstatSync(at, { throwIfNoEntry: false });
    if (stat === undefined || (stat.isDirectory() && entry.mode !== SUBMODULE)) {
      dirty = true;
      continue;
    }
    files.push(entry.path);
    dirty ||= entry.intentToAdd || !unchanged(entry, at, stat, written);
    if (/(?:^|\/)\.gitattributes$/.test(entry.path))
      converted ||= CONVERTING.test(fs.readFileSync(at, "latin1"));
  }
  dirty ||= commit === null ? index.entries.length > 0 : !sameTree(objects, commit.tree, index);
  return {
    files,
    head: commit?.id ?? null,
    ref,
    lastModified: commit?.time ?? 0,
    dirty,
    converted,
    shallow: fs.existsSync(path.join(repository.common, "shallow")),
    submodules,
  };
}

/** Whether a file is as the index says: by its size and time if those are told, else by its contents. */
function unchanged(entry: GitIndexEntry, at: Buffer, stat: fs.Stats, written: number): boolean {
  const isLink = entry.mode === LINK;
  if (isLink !== stat.isSymbolicLink() || (!isLink && !stat.isFile())) return false;
  if (!isLink && (entry.mode === EXECUTABLE) !== ((stat.mode & 0o100) !== 0)) return false;
  if (stat.size >>> 0 !== entry.size && entry.size !== 0) return false;
  const exact = fs.lstatSync(at, { bigint: true }).mtimeNs;
  const noted = BigInt(entry.seconds) * 1_000_000_000n + BigInt(entry.nanoseconds);
  // A file changed at the moment when the index was written may have changed again since.
  const racy = Number(exact / 1_000_000n) >= Math.floor(written) - 1;
  if (exact === noted && !racy && stat.size === entry.size) return true;
  const contents = isLink ? fs.readlinkSync(at, "buffer") : fs.readFileSync(at);
  return blobId(contents) === entry.id;
}

function blobId(contents: Buffer): string {
  return crypto
    .createHash("sha1")
    .update(`blob ${contents.length}\0`)
    .update(contents)
    .digest("hex");
}

/** Whether the index holds exactly the files of a tree. */
function sameTree(
  objects: GitObjects,
  tree: string,
  index: ReturnType<typeof parseGitIndex>,
): boolean {
  if (index.tree === tree) return true;
  const found = new Map<string, string>();
  const walk = (id: string, prefix: string) => {
    for (const entry of objects.tree(id)) {
      if (entry.mode === DIRECTORY) walk(entry.id, `${prefix}${entry.name}/`);
      else found.set(prefix + entry.name, `${entry.mode} ${entry.id}`);
    }
  };
  walk(tree, "");
  return (
    found.size === index.entries.length &&
    index.entries.every(({ path: name, mode, id }) => found.get(name) === `${mode} ${id}`)
  );
}
