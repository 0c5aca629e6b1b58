/** A git repository in the folder of a test. */
import { execFileSync } from "node:child_process";

export function git(folder: string, ...args: string[]): void {
  execFileSync("git", ["-C", folder, "-c", "user.name=t", "-c", "user.email=t@t", ...args]);
}

/** Makes a repository of a folder, with all that is in it in its first commit. */
export function commitAll(folder: string): void {
  git(folder, "init", "-q");
  git(folder, "add", ".");
  git(folder, "commit", "-q", "-m", "first");
}
