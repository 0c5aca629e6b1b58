/** `snowglobe flake lock` and `snowglobe flake update`: what writes `flake.lock`. */
import { spawnSync } from "node:child_process";
import * as fs from "node:fs";
import * as path from "node:path";
import { bytesFromText, bytesToText } from "../base/bytes.ts";
import type { Evaluator } from "../eval/evaluator.ts";
import { flakeRefToUrl } from "../flake/flake-ref.ts";
import { lockChanges } from "../flake/lock-changes.ts";
import { lockText } from "../flake/lock-file.ts";
import type { LockedFlake, LockUpdates } from "../flake/lock-flake.ts";
import { CliError } from "./cli-error.ts";
import type { FlakeCommand } from "./flake-command.ts";
import type { NixOptions } from "./nix-options.ts";

export const LOCK_OPTIONS = { "--flake": 1, "--update-input": 1 } as const;

export const isLockCommand = (name: string) => name === "lock" || name === "update";

/** Which flake a command is about, and which of its inputs are locked anew. Throws `CliError`. */
export function lockRequest(
  name: string,
  { operands, own }: NixOptions,
): { operand: string; updates: LockUpdates } {
  const [flake] = own.get("--flake") ?? [];
  if (name === "update") {
    const names = operands.map(bytesFromText);
    return { operand: flake ?? ".", updates: names.length === 0 ? "all" : new Set(names) };
  }
  if (operands.length > 1) throw new CliError(`unexpected argument '${operands[1]}'`);
  const updates = (own.get("--update-input") ?? []).map(bytesFromText);
  return { operand: flake ?? operands[0] ?? ".", updates: new Set(updates) };
}

/** That evaluation goes by a lock that is written nowhere, so that it may be another tomorrow. */
export function warnOfLock(ev: Evaluator, { lockChanged, ref }: LockedFlake): void {
  if (!lockChanged) return;
  ev.files.warnOnce(
    `the inputs of '${flakeRefToUrl(ref)}' are not all locked: 'snowglobe flake lock' writes its flake.lock`,
  );
}

export const flakeLock: FlakeCommand = (_, flake, __, output) => {
  if (!flake.lockChanged) return 0;
  const { ref, tree, lock, old } = flake;
  if (tree.directory === null) {
    const shown = bytesToText(flakeRefToUrl(ref));
    throw new CliError(
      `cannot write the lock file of flake '${shown}': it is not a directory here`,
    );
  }
  const directory = path.join(
    bytesToText(tree.directory),
    bytesToText(String(ref.get("dir") ?? "")),
  );
  const file = path.join(directory, "flake.lock");
  replaceFile(file, Buffer.from(lockText(lock), "latin1"));
  const shown = bytesFromText(JSON.stringify(file));
  const changes = lockChanges(old, lock);
  const happened = old === null ? `creating lock file ${shown}: ` : `updating lock file ${shown}:`;
  output.stderr(`warning: ${happened}\n${changes}`);
  if (ref.get("type") === "git") track(file, output.stderr);
  return 0;
};

/** A reader sees the old file or the new one; where it is a link, what it leads to is replaced. */
function replaceFile(file: string, bytes: Uint8Array): void {
  const target = fs.existsSync(file) ? fs.realpathSync(file) : file;
  const partial = `${target}.${process.pid}`;
  try {
    fs.writeFileSync(partial, bytes);
    fs.renameSync(partial, target);
  } catch (error) {
    fs.rmSync(partial, { force: true });
    throw new CliError(`cannot write '${file}': ${(error as Error).message}`);
  }
}

/** A file that git does not know of belongs to no flake. */
function track(file: string, say: (text: string) => void): void {
  const args = ["-C", path.dirname(file), "add", "--force", "--intent-to-add", "--", file];
  const { status } = spawnSync("git", args, { stdio: "ignore" });
  if (status === 0) return;
  say(bytesFromText(`warning: git must know ${JSON.stringify(file)}: run 'git add flake.lock'\n`));
}
