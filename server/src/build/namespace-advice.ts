/** Where a machine lets nobody but root make user namespaces: what turns them on. */
import * as fs from "node:fs";

/** Kernel settings, the value that forbids, and what to set instead. */
const SETTINGS = [
  ["kernel.apparmor_restrict_unprivileged_userns", "1", "0"],
  ["kernel.unprivileged_userns_clone", "0", "1"],
  ["user.max_user_namespaces", "0", "15000"],
] as const;

/** A sentence, or nothing. @param read gives the text of a file, undefined when it is not there */
export function namespaceAdvice(read: (file: string) => string | undefined = readFile): string {
  const wrong = SETTINGS.filter(
    ([name, forbids]) => read(`/proc/sys/${name.replaceAll(".", "/")}`)?.trim() === forbids,
  );
  if (wrong.length > 0) {
    const words = wrong.map(([name, , instead]) => `${name}=${instead}`).join(" ");
    return ` (to allow them: sudo sysctl -w ${words})`;
  }
  const container = ["/.dockerenv", "/run/.containerenv"].some((file) => read(file) !== undefined);
  if (!container) return "";
  return " (this is a container: start it with '--security-opt seccomp=unconfined', or build outside of it)";
}

function readFile(file: string): string | undefined {
  try {
    return fs.readFileSync(file, "utf8");
  } catch {
    return undefined;
  }
}
