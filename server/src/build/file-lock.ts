/**
 * Locks on files between processes, as flock(2) has them: the system gives them back when a process
 * dies. The launcher takes them on descriptors that it shares with this process.
 */
import { spawn } from "node:child_process";
import * as fs from "node:fs";
import { isolation } from "./isolation.ts";

export interface FileLock {
  /** Gives the locks back. With `remove` the files go first, while nobody else can hold them. */
  release(remove?: boolean): void;
}

export interface LockOptions {
  readonly shared?: boolean;
  /** Waiting ends with an `AbortError`. */
  readonly signal?: AbortSignal | undefined;
}

/** Waits until it has all of the files, which are made when missing. Name them in one order everywhere. */
export async function lockFiles(
  files: readonly string[],
  options: LockOptions = {},
): Promise<FileLock> {
  for (;;) {
    const fds = files.map((file) => fs.openSync(file, "a", 0o600));
    const close = () => {
      for (const fd of fds) fs.closeSync(fd);
    };
    try {
      await flock(fds, options.shared ? ["-s"] : [], options.signal);
    } catch (error) {
      close();
      throw error;
    }
    // Whoever held it before may have removed the file.
    if (fds.every((fd, i) => isStill(fd, files[i] as string))) {
      return {
        release(remove = false) {
          if (remove) for (const file of files) fs.rmSync(file, { force: true });
          close();
        },
      };
    }
    close();
  }
}

/** The lock, or `undefined` when another process has it. A held one may be made shared later. */
export async function tryLockFile(file: string): Promise<FileLock | undefined> {
  const fd = fs.openSync(file, "a", 0o600);
  if ((await flock([fd], ["-n"], undefined)) && isStill(fd, file)) {
    return { release: () => fs.closeSync(fd) };
  }
  fs.closeSync(fd);
  return undefined;
}

function isStill(fd: number, file: string): boolean {
  const now = fs.statSync(file, { throwIfNoEntry: false });
  return now !== undefined && now.ino === fs.fstatSync(fd).ino;
}

/** The launcher's `lock`, by the program of util-linux. */
const LOCK =
  'PATH=/usr/bin:/bin; flags=$1; shift; for fd; do flock -E 1 $flags "$fd" || exit; done';

/** False when `-n` was given and the lock is taken. */
function flock(
  fds: readonly number[],
  flags: readonly string[],
  signal: AbortSignal | undefined,
): Promise<boolean> {
  const names = fds.map((_, i) => String(3 + i));
  const { kind, program } = isolation();
  const [file, args]: [string, string[]] =
    kind === "launcher"
      ? [program, ["lock", ...flags, ...names]]
      : ["/bin/sh", ["-c", LOCK, "sh", flags.join(" "), ...names]];
  const child = spawn(file, args, {
    stdio: ["ignore", "ignore", "pipe", ...fds],
    env: {},
    ...(signal === undefined ? {} : { signal, killSignal: "SIGKILL" }),
  });
  let message = "";
  child.stderr?.on("data", (data) => {
    message += data;
  });
  return new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (code) => {
      if (code === 0 || code === 1) resolve(code === 0);
      else reject(new Error(message.trim() || "the program that takes locks was ended"));
    });
  });
}
