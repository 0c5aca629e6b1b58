import { homedir } from "node:os";
import { isAbsolute, join } from "node:path";

/** The directory of the private store: `SNOWGLOBE_STORE`, else in the user's data directory. */
export function privateStorePlace(env: Readonly<Record<string, string | undefined>>): string {
  const given = env["SNOWGLOBE_STORE"];
  if (given) return given;
  const data = env["XDG_DATA_HOME"];
  const home = env["HOME"] || homedir();
  return join(data && isAbsolute(data) ? data : join(home, ".local/share"), "snowglobe");
}
