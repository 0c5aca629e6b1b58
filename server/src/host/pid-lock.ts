/** A lock between processes as a file that names who holds it: for work that may also be done twice. */
import * as fs from "node:fs";
import { setTimeout as wait } from "node:timers/promises";

const POLL = 100;

/** Waits for the lock, at most until the signal. A lock whose holder has died is taken over. */
export async function withPidLock<T>(
  file: string,
  signal: AbortSignal | undefined,
  run: () => Promise<T>,
): Promise<T> {
  while (!take(file)) await wait(POLL, undefined, signal === undefined ? {} : { signal });
  try {
    return await run();
  } finally {
    fs.rmSync(file, { force: true });
  }
}

function take(file: string): boolean {
  try {
    fs.writeFileSync(file, String(process.pid), { flag: "wx" });
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
  }
  const holder = Number(readIfThere(file));
  if (!Number.isSafeInteger(holder) || holder <= 0 || isAlive(holder)) return false;
  fs.rmSync(file, { force: true });
  return false;
}

function readIfThere(file: string): string {
  try {
    return fs.readFileSync(file, "utf8");
  } catch {
    return "";
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}
