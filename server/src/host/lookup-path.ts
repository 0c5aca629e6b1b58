/** `<name>` in the editor: where the lookup path leads, for links and definitions. */
import type { FileView } from "../ide/file-view.ts";
import { canonicalPath } from "../ide/path-target.ts";

/**
 * @param entries `name=path` or `path`, absolute, as in NIX_PATH
 * @returns the first one that exists, or null
 */
export function lookup(
  entries: readonly string[],
  name: string,
  kind: FileView["kind"],
): string | null {
  for (const entry of entries) {
    const equals = entry.indexOf("=");
    const prefix = equals < 0 ? "" : entry.slice(0, equals);
    const path = entry.slice(equals + 1);
    // Channels and URLs are the evaluator's business.
    if (!path.startsWith("/")) continue;
    const rest = restBehind(prefix, name);
    if (rest === null) continue;
    const found = canonicalPath(`${path}/${rest}`);
    if (kind(found) !== null) return found;
  }
  return null;
}

/** What is left of a name behind a prefix, whole components only. */
function restBehind(prefix: string, name: string): string | null {
  if (prefix === "") return name;
  if (name === prefix) return "";
  return name.startsWith(`${prefix}/`) ? name.slice(prefix.length + 1) : null;
}

/** Entries with a relative path made absolute; URLs stay as they are. */
export function absoluteEntries(entries: readonly string[], folder: string | null): string[] {
  return entries.map((entry) => {
    const equals = entry.indexOf("=");
    const path = entry.slice(equals + 1);
    if (folder === null || path.startsWith("/") || /^[a-z0-9+.-]+:/i.test(path)) return entry;
    return entry.slice(0, equals + 1) + canonicalPath(`${folder}/${path}`);
  });
}
