/** The Nix that is installed on this machine, if one is. */
import { spawnSync } from "node:child_process";
import { type NixVersion, versionLike } from "../eval/versions.ts";
import { daemonRelease } from "./daemon-version.ts";

type Environment = Readonly<Record<string, string | undefined>>;

/** How long it may take to say its version, in milliseconds. */
const PATIENCE = 5000;

/**
 * The version to follow so that values are those of the Nix in the `PATH`, or without one those of the
 * machine's daemon; null when there is neither.
 */
export function installedNixVersion(env: Environment): NixVersion | null {
  const release = programRelease(env) ?? daemonRelease(env);
  return release === null ? null : versionLike(release);
}

function programRelease(env: Environment): string | null {
  const { stdout } = spawnSync("nix-instantiate", ["--version"], {
    env,
    timeout: PATIENCE,
    encoding: "utf8",
    stdio: ["ignore", "pipe", "ignore"],
  });
  // "nix-instantiate (Nix) 2.26.3"
  return / (\d+\.\d+\S*)\s*$/.exec(stdout ?? "")?.[1] ?? null;
}
