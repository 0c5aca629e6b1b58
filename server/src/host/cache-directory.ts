/** The user's cache of what can be had again: downloads, files of commits, hashes of trees. */
import * as os from "node:os";
import * as path from "node:path";

/** XDG_CACHE_HOME/snowglobe, or ~/.cache/snowglobe. */
export function cacheDirectory(env: Readonly<Record<string, string | undefined>>): string {
  const home = env["XDG_CACHE_HOME"] || path.join(env["HOME"] || os.homedir(), ".cache");
  return path.join(home, "snowglobe");
}
