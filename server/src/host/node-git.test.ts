import { execFileSync } from "node:child_process";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { afterAll, beforeEach, expect, test } from "vitest";
import { NodeGit } from "./node-git.ts";

const scratch = fs.mkdtempSync(path.join(os.tmpdir(), "snowglobe-git-"));
afterAll(() => fs.rmSync(scratch, { recursive: true }));

const git = new NodeGit(path.join(scratch, "cache"));
let top = "";

function run(...args: string[]): string {
  const who = ["-c", "user.name=me", "-c", "user.email=me@here", "-c", "commit.gpgsign=false"];
  const env = { ...process.env, GIT_CONFIG_GLOBAL: "/dev/null", GIT_CONFIG_SYSTEM: "/dev/null" };
  return execFileSync("git", ["-C", top, ...who, ...args], { env, encoding: "utf8" }).trim();
}

function write(name: string, text: string): void {
  fs.mkdirSync(path.dirname(path.join(top, name)), { recursive: true });
  fs.writeFileSync(path.join(top, name), text);
}

function tree() {
  const answer = git.workTree(top);
  if (answer.ok !== true || answer.value === null) throw new Error(JSON.stringify(answer));
  return answer.value;
}

function commit(point: string | null) {
  const answer = git.commit(top, point);
  if (answer.ok !== true) throw new Error(JSON.stringify(answer));
  return answer.value;
}

beforeEach(() => {
  top = fs.mkdtempSync(path.join(scratch, "tree-"));
  run("init", "-q", "-b", "main");
  write("a", "1\n");
  write("sub/b", "b\n");
  fs.symlinkSync("a", path.join(top, "link"));
});

test("a directory that is no repository", () => {
  expect(git.workTree(scratch)).toEqual({ ok: true, value: null });
});

test("only tracked files are seen, before the first commit too", () => {
  expect(tree()).toMatchObject({ files: [], head: null, dirty: false });
  run("add", "a");
  expect(tree()).toMatchObject({ files: ["a"], head: null, dirty: true });
});

test("a clean tree knows its commit; changes make it dirty", () => {
  run("add", ".");
  run("commit", "-qm", "first");
  const head = run("rev-parse", "HEAD");
  write("untracked", "");
  expect(tree()).toMatchObject({
    files: ["a", "link", "sub/b"],
    head,
    ref: "refs/heads/main",
    lastModified: Number(run("log", "-1", "--format=%ct")),
    dirty: false,
  });
  // Touched, but not changed.
  fs.utimesSync(path.join(top, "a"), 1, 1);
  expect(tree().dirty).toBe(false);
  write("a", "2\n");
  expect(tree().dirty).toBe(true);
  run("checkout", "-q", "a");
  fs.chmodSync(path.join(top, "a"), 0o755);
  expect(tree().dirty).toBe(true);
  fs.chmodSync(path.join(top, "a"), 0o644);
  fs.rmSync(path.join(top, "sub/b"));
  expect(tree()).toMatchObject({ files: ["a", "link"], dirty: true });
});

test("staged changes, and files to be added later", () => {
  run("add", ".");
  run("commit", "-qm", "first");
  write("a", "2\n");
  run("add", "a");
  expect(tree().dirty).toBe(true);
  run("commit", "-qm", "second");
  expect(tree().dirty).toBe(false);
  write("new", "n");
  run("add", "-N", "new");
  expect(tree()).toMatchObject({ files: ["a", "link", "new", "sub/b"], dirty: true });
});

test.each(["2", "3", "4"])("index of version %s", (version) => {
  for (const name of ["sub/bc", "sub/bcd", "z"]) write(name, name);
  run("add", ".");
  run("add", "-N", ".");
  run("update-index", "--index-version", version);
  expect(tree().files).toEqual(["a", "link", "sub/b", "sub/bc", "sub/bcd", "z"]);
});

test("commits, loose and packed, with deltas", () => {
  const lines = Array.from({ length: 500 }, (_, i) => `line ${i}`);
  for (let n = 0; n < 5; n++) {
    lines[n * 50] = `changed ${n}`;
    write("a", lines.join("\n"));
    run("add", ".");
    run("commit", "-qm", String(n));
  }
  run("tag", "-am", "tag", "v1");
  for (const packed of [false, true]) {
    if (packed) {
      run("gc", "-q", "--aggressive", "--prune=now");
      expect(fs.readdirSync(path.join(top, ".git/objects/pack")).length).toBeGreaterThan(0);
      fs.rmSync(path.join(scratch, "cache"), { recursive: true });
    }
    const old = commit(run("rev-parse", "HEAD~3"));
    expect(fs.readFileSync(path.join(old.directory, "a"), "latin1")).toBe(run("show", "HEAD~3:a"));
    expect(fs.readlinkSync(path.join(old.directory, "link"))).toBe("a");
    expect(commit("v1").rev).toBe(run("rev-parse", "HEAD"));
    expect(commit("main").rev).toBe(run("rev-parse", "HEAD"));
    expect(git.revCount(top, commit(null).rev)).toEqual({ ok: true, value: 5 });
  }
  expect(git.commit(top, "nope").ok).toBe(false);
});

test("a work tree beside the repository", () => {
  run("add", ".");
  run("commit", "-qm", "first");
  const main = top;
  top = `${main}-beside`;
  execFileSync("git", ["-C", main, "worktree", "add", "-q", "-b", "other", top]);
  expect(tree()).toMatchObject({ ref: "refs/heads/other", dirty: false });
});

test("line ends that are converted at checkout are noted", () => {
  write(".gitattributes", "* text=auto eol=crlf\n");
  run("add", ".");
  expect(tree().converted).toBe(true);
});

test("the files of commits that nobody has asked for in a long time are removed", () => {
  const cache = path.join(scratch, "old-cache");
  const own = new NodeGit(cache);
  const committed = (text: string) => {
    write("a", text);
    run("add", ".");
    run("commit", "-qm", text);
    const answer = own.commit(top, null);
    return answer.ok === true ? answer.value.directory : "";
  };
  const [first, second] = [committed("one"), committed("two")];
  const monthAgo = new Date(Date.now() - 30 * 24 * 60 * 60 * 1000);
  for (const each of [first, second]) fs.utimesSync(each, monthAgo, monthAgo);
  // To be asked for is to be used.
  expect(own.commit(top, null)).toMatchObject({ value: { directory: second } });
  const third = committed("three");
  expect([first, second, third].map((each) => fs.existsSync(each))).toEqual([false, true, true]);
});
