/**
 * What gives builds and shells their namespaces: our launcher, or where a copy of Snowglobe has none
 * bubblewrap, with the same filter of system calls but a little less alike to Nix.
 */
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { findLauncher, launcherPath } from "./launcher.ts";

export type Isolation =
  | { readonly kind: "launcher"; readonly program: string }
  | { readonly kind: "bwrap"; readonly program: string; readonly knowsArgv0: boolean };

const BWRAPS = ["/usr/bin/bwrap", "/bin/bwrap", "/run/current-system/sw/bin/bwrap"];

/** What people should know of builds that do not run under the launcher. */
export const BWRAP_WARNING =
  "this copy of Snowglobe has no launcher of its own, so builds and shells run under bubblewrap: builders get no terminal";

let found: Isolation | undefined;

/** Throws `NoSandboxError` when there is nothing. */
export function isolation(): Isolation {
  found ??= find();
  return found;
}

function find(): Isolation {
  const launcher = findLauncher();
  if (launcher !== undefined) return { kind: "launcher", program: launcher };
  const bwrap = BWRAPS.find((file) => existsSync(file));
  if (bwrap === undefined) return { kind: "launcher", program: launcherPath() };
  const { stdout } = spawnSync(bwrap, ["--version"], { encoding: "utf8", env: {} });
  const [, major = 0, minor = 0] = (/(\d+)\.(\d+)/.exec(stdout) ?? []).map(Number);
  return { kind: "bwrap", program: bwrap, knowsArgv0: major > 0 || minor >= 9 };
}
