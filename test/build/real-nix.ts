/** Builds of a real Nix in a store of its own, to compare with. */
import { execFileSync, spawnSync } from "node:child_process";
import * as path from "node:path";

/** What two stores must agree on. */
export interface Known {
  readonly narHash: string;
  readonly narSize: number;
  readonly references: readonly string[];
}

export interface RealNix {
  /** Runs a program of Nix; gives what it prints. */
  run(program: string, ...args: string[]): string;
  /** Runs one; gives what it prints as its messages. */
  errors(program: string, ...args: string[]): string;
  /** Every valid path. */
  paths(): Map<string, Known>;
}

/** @param directory gets the store; no user and no daemon of Nix is needed */
export function realNix(directory: string): RealNix {
  const config = [
    `store = ${path.join(directory, "root")}`,
    "build-users-group =",
    "substitute = false",
    "sandbox = true",
    "sandbox-fallback = false",
    "experimental-features = nix-command",
    "require-sigs = false",
  ].join("\n");
  const env = {
    PATH: process.env["PATH"],
    HOME: directory,
    NIX_CONF_DIR: directory,
    NIX_CONFIG: config,
  };
  const run = (program: string, ...args: string[]) =>
    execFileSync(program, args, {
      cwd: directory,
      env,
      encoding: "utf8",
      maxBuffer: 1 << 28,
      stdio: ["ignore", "pipe", "pipe"],
    });
  const errors = (program: string, ...args: string[]) =>
    spawnSync(program, args, { cwd: directory, env, encoding: "utf8" }).stderr;
  return {
    run,
    errors,
    paths() {
      const list: (Known & { path: string })[] = JSON.parse(
        run("nix", "path-info", "--json", "--all"),
      );
      return new Map(list.map((info) => [info.path, known(info)]));
    },
  };
}

export function known({ narHash, narSize, references }: Known): Known {
  return { narHash, narSize, references: [...references].sort() };
}
