/** The Nix that is installed on this machine, if one is. */
import { spawnSync } from "node:child_process";
import { type NixVersion, versionLike } from "../eval/versions.ts";

/** How long it may take to say its version, in milliseconds. */
const PATIENCE = 5000;

/** The version to follow so that values are those of the Nix in the `PATH`; null when there is none. */
export function installedNixVersion(
  env: Readonly<Record<string, string | undefined>>,
): NixVersion | null {
  const { stdout } = spawnSync("nix-instantiate", ["--version"], {
    env,
    timeout: PATIENCE,
    encoding: "utf8",
    stdio: ["ignore", "pipe", "ignore"],
  });
  // "nix-instantiate (Nix) 2.26.3"
  const release = / (\d+\.\d+\S*)\s*$/.exec(stdout ?? "")?.[1];
  return release === undefined ? null : versionLike(release);
}
