import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { TreeHashes } from "./tree-hashes.ts";

let scratch = "";
let tree = "";
let hashed = 0;

const FILES = 2100;
const OLD = new Date(Date.now() - 60_000);

beforeEach(() => {
  scratch = fs.mkdtempSync(path.join(os.tmpdir(), "snowglobe-trees-"));
  tree = path.join(scratch, "tree");
  fs.mkdirSync(path.join(tree, "inner"), { recursive: true });
  for (let i = 0; i < FILES; i++) fs.writeFileSync(path.join(tree, `inner/f${i}`), "");
  hashed = 0;
});
afterEach(() => fs.rmSync(scratch, { recursive: true }));

/** As if nothing had happened in the tree for so many ms; what a file system says cannot be set back. */
function later<T>(milliseconds: number, run: () => T): T {
  const { now } = Date;
  Date.now = () => now() + milliseconds;
  try {
    return run();
  } finally {
    Date.now = now;
  }
}

const ask = (directory = tree) =>
  new TreeHashes(path.join(scratch, "cache")).of(Buffer.from(directory), () => {
    hashed += 1;
    return { sha256: String(hashed).repeat(64), lastModified: hashed };
  }).lastModified;

test("a large tree is hashed again only when something in it has changed", () => {
  expect(later(5000, ask)).toBe(1);
  expect(ask()).toBe(1);
  const file = path.join(tree, "inner/f7");
  // Neither the size nor the time that a program can set is another.
  const { atime, mtime } = fs.statSync(file);
  fs.writeFileSync(file, "x");
  fs.writeFileSync(file, "");
  fs.utimesSync(file, atime, mtime);
  expect(later(5000, ask)).toBe(2);
  expect(ask()).toBe(2);
  fs.symlinkSync("f1", path.join(tree, "link"));
  expect(later(5000, ask)).toBe(3);
  fs.rmSync(path.join(tree, "link"));
  fs.chmodSync(file, 0o755);
  expect(later(5000, ask)).toBe(4);
});

test("what has changed a moment ago is not remembered", () => {
  fs.writeFileSync(path.join(tree, "inner/f7"), "x");
  expect(ask()).toBe(1);
  expect(ask()).toBe(2);
});

test("a small tree is hashed, and so is one with a broken record", () => {
  const small = path.join(scratch, "small");
  fs.mkdirSync(small);
  fs.utimesSync(small, OLD, OLD);
  expect(later(5000, () => ask(small))).toBe(1);
  expect(later(5000, () => ask(small))).toBe(2);
  expect(later(5000, ask)).toBe(3);
  const cache = path.join(scratch, "cache/tree-hashes");
  for (const name of fs.readdirSync(cache)) fs.writeFileSync(path.join(cache, name), "{");
  expect(later(5000, ask)).toBe(4);
});
