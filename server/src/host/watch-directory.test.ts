import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, expect, test } from "vitest";
import { watchDirectory } from "./watch-directory.ts";

const top = mkdtempSync(join(tmpdir(), "snowglobe-watch-"));
afterEach(() => rmSync(top, { recursive: true }));

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
