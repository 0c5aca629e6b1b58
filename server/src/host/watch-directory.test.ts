import type * as NodeFs from "node:fs";
import { mkdirSync, mkdtempSync, rmSync, type watch, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { watchDirectory } from "./watch-directory.ts";

/** Called just before something begins to be watched. */
let beforeWatch = (): void => {};
vi.mock("node:fs", async (importOriginal) => {
  const fs = await importOriginal<typeof NodeFs>();
  const watchLater = (...args: Parameters<typeof watch>) => {
    beforeWatch();
    return fs.watch(...args);
  };
  return { ...fs, watch: watchLater };
});

let top = "";
beforeEach(() => {
  top = mkdtempSync(join(tmpdir(), "snowglobe-watch-"));
});
afterEach(() => {
  beforeWatch = () => {};
  rmSync(top, { recursive: true });
});

test("changes are told, also of what is not there yet", async () => {
  let told = 0;
  const directory = join(top, "a/b");
  const stop = watchDirectory(directory, () => {
    told++;
  });
  mkdirSync(directory, { recursive: true });
  await expect.poll(() => told).toBeGreaterThan(0);
  const before = told;
  writeFileSync(join(directory, "file"), "");
  await expect.poll(() => told).toBeGreaterThan(before);
  stop();
});

test("a directory that is made while its parent begins to be watched is watched", async () => {
  let told = 0;
  const directory = join(top, "a/b");
  beforeWatch = () => mkdirSync(directory, { recursive: true });
  const stop = watchDirectory(directory, () => {
    told++;
  });
  writeFileSync(join(directory, "file"), "");
  await expect.poll(() => told).toBeGreaterThan(0);
  stop();
});
