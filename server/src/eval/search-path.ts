/** `<name>` look-ups (nix-semantics 3.11). */
import type { ByteString } from "../base/bytes.ts";
import type { Hash } from "../store/hash.ts";
import { NixError } from "./errors.ts";
import type { Evaluator } from "./evaluator.ts";
import { fetched, resolveChannel } from "./fetched.ts";
import { canonicalPath } from "./lib/canonical-path.ts";

export interface SearchPathEntry {
  /** `nixpkgs` of `nixpkgs=/path`; "" for an entry that is only a path. */
  prefix: ByteString;
  /** A path, absolute or relative to the current directory, or a URL. */
  path: ByteString;
}

/** The virtual directory of the files that Nix carries inside. */
export const CORE_PACKAGES = "/__corepkgs__";

/** A path as it is printed: `<nix/fetchurl.nix>` is in no directory of the machine. */
export function shownPath(path: ByteString): ByteString {
  return path.startsWith(`${CORE_PACKAGES}/`) ? `<nix${path.slice(CORE_PACKAGES.length)}>` : path;
}

const URL = /^(?:[a-zA-Z][a-zA-Z0-9+.-]*:\/\/|channel:|flake:)/;

/** One element of NIX_PATH or a `-I` argument. */
export function parseSearchPathEntry(text: ByteString): SearchPathEntry {
  const equals = text.indexOf("=");
  return equals < 0
    ? { prefix: "", path: text }
    : { prefix: text.slice(0, equals), path: text.slice(equals + 1) };
}

/** NIX_PATH split at colons, except those of URLs. */
export function parseNixPath(text: ByteString): SearchPathEntry[] {
  const entries: SearchPathEntry[] = [];
  let rest = text;
  while (rest !== "") {
    const value = rest.slice(rest.indexOf("=") + 1);
    const start = rest.length - value.length;
    const head = rest.slice(0, rest.indexOf(":") < 0 ? rest.length : rest.indexOf(":"));
    const from = head.includes("=") ? start : 0;
    const url = URL.exec(rest.slice(from));
    const end = rest.indexOf(":", url === null ? 0 : from + url[0].length);
    const entry = end < 0 ? rest : rest.slice(0, end);
    rest = end < 0 ? "" : rest.slice(end + 1);
    if (entry !== "") entries.push(parseSearchPathEntry(entry));
  }
  return entries;
}

/** The part of `wanted` below `prefix`: "" when equal, "/rest", or null when it is not below. */
function suffixBelow(prefix: ByteString, wanted: ByteString): ByteString | null {
  if (prefix === "") return wanted === "" ? "" : `/${wanted}`;
  if (wanted === prefix) return "";
  return wanted.startsWith(`${prefix}/`) ? wanted.slice(prefix.length) : null;
}

/** The file that `<wanted>` means, without links on the way. Throws what `tryEval` catches when there is none. */
export function findFile(
  ev: Evaluator,
  entries: readonly SearchPathEntry[],
  wanted: ByteString,
): ByteString {
  const { files } = ev;
  const { directory, pureEval } = ev.settings;
  for (const entry of entries) {
    const suffix = suffixBelow(entry.prefix, wanted);
    if (suffix === null) continue;
    const base = URL.test(entry.path)
      ? fetchedTree(ev, wanted, entry.path)
      : canonicalPath(entry.path.startsWith("/") ? entry.path : `${directory}/${entry.path}`);
    if (files.stat(files.resolveLinks(base)) === null) {
      files.warnOnce(`Nix search path entry '${entry.path}' does not exist, ignoring`);
      continue;
    }
    const path = canonicalPath(base + suffix);
    if (files.exists(path)) return files.resolveLinks(path);
  }
  if (wanted.startsWith("nix/")) return `${CORE_PACKAGES}/${wanted.slice(4)}`;
  throw new NixError(
    "throw",
    pureEval
      ? `cannot look up '<${wanted}>' in pure evaluation mode (use '--impure' to override)`
      : `file '${wanted}' was not found in the Nix search path (add it using $NIX_PATH or -I)`,
  );
}

/** The tree that an archive holds, in the store. */
function fetchedTree(ev: Evaluator, wanted: ByteString, url: ByteString): ByteString {
  if (/^(?:flake|git|s3|ssh):/.test(url)) {
    throw new NixError(
      "io",
      `cannot look up '<${wanted}>': the search path entry '${url}' is none that can be downloaded yet`,
    );
  }
  const request = { kind: "tarball", url: resolveChannel(url), expected: null } as const;
  const { path: origin, sha256 } = fetched(ev, request);
  const hash: Hash = { algo: "sha256", bytes: sha256 };
  return ev.store.addSource("source", { method: "nar", hash, origin });
}
