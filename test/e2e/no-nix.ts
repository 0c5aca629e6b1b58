/**
 * A machine without Nix, for an ordinary user: where the tests run as root, VS Code's server runs as
 * `nobody` in a mount namespace in which programs of Nix do not run and `/nix` is empty.
 */
import { spawnSync } from "node:child_process";
import { chmodSync, existsSync, readdirSync } from "node:fs";

const NOBODY = 65_534;

/** What stands before a command so that it runs there; null where that can't be made. */
export function withoutNix(
  /** Directories that the user needs, and others can't reach: real place and place there. */
  reachable: readonly (readonly [from: string, to: string])[],
): readonly string[] | null {
  if (process.getuid?.() !== 0 || !existsSync("/usr/bin/setpriv")) return null;
  if (spawnSync("/usr/bin/unshare", ["--mount", "true"]).status !== 0) return null;
  for (const [from] of reachable) chmodSync(from, 0o755);
  const programs = readdirSync("/usr/bin").filter((name) => /^nix(-|$)/.test(name));
  const script = [
    "set -e",
    "mount --make-rprivate /",
    ...(existsSync("/nix") ? ["mount -t tmpfs -o ro,size=4k none /nix"] : []),
    ...programs.map((name) => `mount --bind /dev/null /usr/bin/${name}`),
    ...reachable.map(([from, to]) => `mkdir -p '${to}'; mount --bind '${from}' '${to}'`),
    `exec setpriv --reuid=${NOBODY} --regid=${NOBODY} --clear-groups --inh-caps=-all "$@"`,
  ];
  return ["unshare", "--mount", "sh", "-c", script.join("\n"), "sh"];
}

/** Lets the user of `withoutNix` own a directory and all in it. */
export function giveAway(directory: string): void {
  spawnSync("chown", ["-R", `${NOBODY}:${NOBODY}`, directory]);
  chmodSync(directory, 0o755);
}
