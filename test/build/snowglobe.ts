/** The command line, as a user runs it, on a store of the test's own. */
import { spawnSync } from "node:child_process";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import type { User } from "./users.ts";

const program = path.join(import.meta.dirname, "../../bin/snowglobe.js");

/** Nothing of the machine's own configuration. */
export function environment(home: string): Record<string, string> {
  return {
    PATH: process.env["PATH"] ?? "",
    HOME: home,
    NIX_CONF_DIR: home,
    // As Debian's Nix, no shell in builds.
    NIX_CONFIG: "substituters =\nsandbox-paths =",
  };
}

/** A new directory that its user may write to. */
export function scratch(user: User): string {
  const directory = fs.mkdtempSync(path.join(os.tmpdir(), "snowglobe-build-"));
  fs.chmodSync(directory, 0o755);
  if (process.getuid?.() === 0) fs.chownSync(directory, user.uid, user.uid);
  return directory;
}

export function command(user: User, ...args: string[]): [string, string[]] {
  const [file = "", ...rest] = [...user.prefix, process.execPath, program, ...args];
  return [file, rest];
}

/** Runs it to its end in a directory, which is HOME as well. */
export function snowglobe(user: User, cwd: string, ...args: string[]) {
  const [file, rest] = command(user, ...args);
  return spawnSync(file, rest, { cwd, encoding: "utf8", env: environment(cwd) });
}

/** Removes trees that hold directories without write permission. */
export function remove(directory: string): void {
  spawnSync("chmod", ["-R", "u+w", directory]);
  fs.rmSync(directory, { recursive: true, force: true });
}
