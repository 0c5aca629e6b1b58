import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { nodeFiles } from "./node-files.ts";

const folder = mkdtempSync(join(tmpdir(), "snowglobe-files-"));
afterAll(() => rmSync(folder, { recursive: true }));

test("kinds", () => {
  const file = join(folder, "a.nix");
  writeFileSync(file, "1");
  expect(nodeFiles.kind(file)).toBe("file");
  expect(nodeFiles.kind(folder)).toBe("directory");
  expect(nodeFiles.kind(join(folder, "none"))).toBeNull();
  // Below a file, and a name that no file can have.
  expect(nodeFiles.kind(join(file, "x"))).toBeNull();
  expect(nodeFiles.kind("/a\0b")).toBeNull();
});

test("contents are bytes", () => {
  const file = join(folder, "b.nix");
  writeFileSync(file, Uint8Array.from([0xff, 0x41]));
  expect(nodeFiles.read(file, 10)).toBe("\xffA");
  expect(nodeFiles.read(file, 1)).toBeNull();
  expect(nodeFiles.read(folder, 10)).toBeNull();
  expect(nodeFiles.read(join(folder, "none"), 10)).toBeNull();
});
