/** Every `.nix` file of a tree through the exact parser, and whether a real Nix agrees about accepting it. */
import { execFileSync, spawnSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parseNix } from "../../server/src/syntax/parser.ts";

export function nixFiles(directory: string): string[] {
  return readdirSync(directory, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith(".nix"))
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
}

const WARM_PASSES = 5;

export interface ParseReport {
  files: number;
  bytes: number;
  refused: string[];
  /** Of the best of some passes when the code is warm: the others had neighbours. */
  megabytesPerSecond: number;
}

export function parseTree(directory: string): ParseReport {
  const texts = nixFiles(directory).map((file) => [file, readFileSync(file, "latin1")] as const);
  const refused = texts.filter(([, text]) => parseNix(text).expr === null).map(([file]) => file);
  const bytes = texts.reduce((sum, [, text]) => sum + text.length, 0);
  const passes = Array.from({ length: WARM_PASSES }, () => {
    const start = performance.now();
    for (const [, text] of texts) parseNix(text);
    return performance.now() - start;
  });
  const megabytesPerSecond = bytes / 1000 / Math.min(...passes);
  return { files: texts.length, bytes, refused, megabytesPerSecond };
}

/** Of files that our parser refuses, those that a real Nix accepts. */
export function acceptedByNix(nix: readonly string[], files: readonly string[]): string[] {
  const [command = "", ...prefix] = [...nix, "nix-instantiate"];
  return files.filter((file) => {
    const { status } = spawnSync(command, [...prefix, "--parse", file], { stdio: "ignore" });
    return status === 0;
  });
}

/** Whether the command can be run at all. */
export function available(nix: readonly string[]): boolean {
  const [command = "", ...prefix] = [...nix, "nix-instantiate"];
  try {
    execFileSync(command, [...prefix, "--version"], { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
}
