/**
 * Flake references: where a flake or another tree comes from. Inside they are attributes
 * (`{ type = "github"; owner = …; }`), outside mostly URLs (`github:owner/repo`).
 */
import type { ByteString } from "../base/bytes.ts";
import { canonicalPath } from "../eval/lib/canonical-path.ts";
import { StoreError } from "../store/error.ts";
import { parseHash } from "../store/hash.ts";
import { type FlakeUrl, parseUrl, printUrl } from "./url.ts";

export type InputAttribute = ByteString | number | boolean;

/** `type`, what that type of input takes, and `dir`: the directory of the flake in the tree. */
export type FlakeRef = ReadonlyMap<ByteString, InputAttribute>;

/** A reference that means nothing, in Nix's words. */
export class FlakeRefError extends Error {}

/** A URL that is none of its scheme: the text may still be a path. */
class BadUrl extends Error {}

interface Scheme {
  /** Attributes it takes besides `type` and `dir`. */
  readonly attributes: readonly string[];
  readonly required: readonly string[];
  /** Undefined when the URL is of another scheme. */
  fromUrl(url: FlakeUrl, text: ByteString): Map<ByteString, InputAttribute> | undefined;
  toUrl(ref: FlakeRef): FlakeUrl;
}

const ID = "[a-zA-Z][a-zA-Z0-9_-]*";
const REF = "[a-zA-Z0-9@][a-zA-Z0-9_.\\/@+-]*";
const REV = /^[0-9a-fA-F]{40}$/;
const WHOLE_REF = new RegExp(`^${REF}$`);
const FLAKE_ID = new RegExp(`^(${ID}(?:/${REF}(?:/[0-9a-fA-F]{40})?)?)(?:#(.*))?$`, "s");
const ARCHIVE = /\.(?:zip|tar|tgz|tar\.gz|tar\.xz|tar\.bz2|tar\.zst)$/;
const INTEGERS = new Set(["lastModified", "revCount"]);
const GIT_FLAGS = ["shallow", "submodules", "lfs", "exportIgnore", "allRefs", "verifyCommit"];

const bare = (scheme: string, path: ByteString, query: [ByteString, ByteString][]): FlakeUrl => ({
  scheme,
  authority: null,
  path,
  query: new Map(query),
  fragment: "",
});

function present(ref: FlakeRef, names: readonly string[]): [ByteString, ByteString][] {
  return names.flatMap((name): [ByteString, ByteString][] => {
    const value = ref.get(name);
    return value === undefined ? [] : [[name, String(value)]];
  });
}

function integer(name: ByteString, text: ByteString): number {
  const value = Number(text);
  if (!/^\d+$/.test(text) || !Number.isSafeInteger(value))
    throw new BadUrl(`'${name}' is no number`);
  return value;
}

const path: Scheme = {
  attributes: ["path", "rev", "revCount", "lastModified", "narHash"],
  required: ["path"],
  fromUrl(url, text) {
    if (url.scheme !== "path") return undefined;
    if (url.authority !== null && url.authority !== "")
      throw new FlakeRefError(
        `path URL '${text}' should not have an authority ('${url.authority}')`,
      );
    const ref = new Map<ByteString, InputAttribute>([
      ["type", "path"],
      ["path", url.path],
    ]);
    for (const [name, value] of url.query) {
      if (name === "rev" || name === "narHash") ref.set(name, value);
      else if (INTEGERS.has(name)) ref.set(name, integer(name, value));
      else throw new FlakeRefError(`path URL '${text}' has unsupported parameter '${name}'`);
    }
    return ref;
  },
  toUrl: (ref) =>
    bare(
      "path",
      String(ref.get("path")),
      present(ref, ["lastModified", "narHash", "rev", "revCount"]),
    ),
};

const git: Scheme = {
  attributes: [
    ...["url", "ref", "rev", "revCount", "lastModified", "narHash", "name", "dirtyRev"],
    ...["dirtyShortRev", "publicKey", "publicKeys", "keytype", ...GIT_FLAGS],
  ],
  required: ["url"],
  fromUrl(url) {
    if (!/^git(?:\+(?:http|https|ssh|file))?$/.test(url.scheme)) return undefined;
    const ref = new Map<ByteString, InputAttribute>([["type", "git"]]);
    const rest = new Map<ByteString, ByteString>();
    for (const [name, value] of url.query) {
      if (["rev", "ref", "keytype", "publicKey", "publicKeys"].includes(name)) ref.set(name, value);
      else if (GIT_FLAGS.includes(name)) ref.set(name, value === "1");
      else rest.set(name, value);
    }
    const scheme = url.scheme.replace(/^git\+/, "");
    return ref.set("url", printUrl({ ...url, scheme, query: rest, fragment: "" }));
  },
  toUrl(ref) {
    const url = parseUrl(String(ref.get("url")));
    if (url === null) throw new FlakeRefError(`'${ref.get("url")}' is not a valid URL`);
    if (url.scheme !== "git") url.scheme = `git+${url.scheme}`;
    for (const [name, value] of present(ref, ["rev", "ref"])) url.query.set(name, value);
    for (const name of ["shallow", "submodules", "lfs", "exportIgnore", "verifyCommit"])
      if (ref.get(name) === true) url.query.set(name, "1");
    return url;
  },
};

/** Archives of a forge: `github:owner/repo/ref-or-rev`. */
function forge(type: string): Scheme {
  return {
    attributes: ["owner", "repo", "ref", "rev", "narHash", "lastModified", "host", "treeHash"],
    required: ["owner", "repo"],
    fromUrl(url, text) {
      if (url.scheme !== type) return undefined;
      const [owner, repo, ...rest] = url.path.split("/");
      if (owner === undefined || repo === undefined) throw new BadUrl(text);
      const ref = new Map<ByteString, InputAttribute>([
        ["type", type],
        ["owner", owner],
        ["repo", repo],
      ]);
      const set = (name: string, value: ByteString) => {
        if (ref.has("ref") || ref.has("rev"))
          throw new BadUrl(`URL '${text}' contains multiple branch/tag names or commit hashes`);
        if (name === "ref" && !WHOLE_REF.test(value)) throw new BadUrl(text);
        ref.set(name, value);
      };
      const point = rest.join("/");
      if (rest.length > 0) set(rest.length === 1 && REV.test(point) ? "rev" : "ref", point);
      for (const [name, value] of url.query) {
        if (name === "rev" || name === "ref") set(name, value);
        else if (name === "host" || name === "narHash") ref.set(name, value);
      }
      return ref;
    },
    toUrl(ref) {
      const parts = present(ref, ["owner", "repo", "ref", "rev"]).map(([, value]) => value);
      return bare(type, parts.join("/"), present(ref, ["narHash"]));
    },
  };
}

/** A URL that is downloaded: an archive that is unpacked (`tarball`), or one file. */
function download(type: "tarball" | "file"): Scheme {
  return {
    attributes: ["url", "narHash", "name", "unpack", "rev", "revCount", "lastModified"],
    required: ["url"],
    fromUrl(url) {
      const [, application, transport] =
        /^(?:(tarball|file)\+)?(https?|file)$/.exec(url.scheme) ?? [];
      if (transport === undefined) return undefined;
      const wanted =
        application ?? (transport !== "file" || ARCHIVE.test(url.path) ? "tarball" : "file");
      if (wanted !== type) return undefined;
      const ref = new Map<ByteString, InputAttribute>([["type", type]]);
      const query = new Map(url.query);
      for (const [name, value] of url.query) {
        if (name === "narHash" || name === "rev") ref.set(name, value);
        else if (INTEGERS.has(name)) ref.set(name, integer(name, value));
        else continue;
        query.delete(name);
      }
      return ref.set("url", printUrl({ ...url, scheme: transport, query, fragment: "" }));
    },
    toUrl(ref) {
      const url = parseUrl(String(ref.get("url")));
      if (url === null) throw new FlakeRefError(`'${ref.get("url")}' is not a valid URL`);
      for (const [name, value] of present(ref, ["narHash"])) url.query.set(name, value);
      const plain = (ARCHIVE.test(url.path) || url.scheme !== "file") === (type === "tarball");
      if (!plain && url.scheme === "file") url.scheme = `${type}+file`;
      return url;
    },
  };
}

const indirect: Scheme = {
  attributes: ["id", "ref", "rev", "narHash"],
  required: ["id"],
  fromUrl(url, text) {
    if (url.scheme !== "flake") return undefined;
    const [id = "", second, third, ...more] = url.path.split("/");
    if (more.length > 0 || !new RegExp(`^${ID}$`).test(id)) throw new BadUrl(text);
    const ref = new Map<ByteString, InputAttribute>([
      ["type", "indirect"],
      ["id", id],
    ]);
    if (third !== undefined) {
      if (second === undefined || !WHOLE_REF.test(second) || !REV.test(third))
        throw new BadUrl(text);
      ref.set("ref", second).set("rev", third);
    } else if (second !== undefined) {
      if (!WHOLE_REF.test(second)) throw new BadUrl(text);
      ref.set(REV.test(second) ? "rev" : "ref", second);
    }
    return ref;
  },
  toUrl: (ref) => {
    const parts = present(ref, ["id", "ref", "rev"]).map(([, value]) => value);
    return bare("flake", parts.join("/"), []);
  },
};

const hg: Scheme = {
  attributes: ["url", "ref", "rev", "revCount", "narHash", "name"],
  required: ["url"],
  fromUrl(url) {
    if (!/^hg\+(?:http|https|ssh|file)$/.test(url.scheme)) return undefined;
    const ref = new Map<ByteString, InputAttribute>([["type", "hg"]]);
    return ref.set(
      "url",
      printUrl({ ...url, scheme: url.scheme.slice(3), query: new Map(), fragment: "" }),
    );
  },
  toUrl: (ref) => ({
    ...(parseUrl(String(ref.get("url"))) ?? bare("file", "", [])),
    scheme: `hg+${parseUrl(String(ref.get("url")))?.scheme ?? "file"}`,
  }),
};

const SCHEMES: ReadonlyMap<string, Scheme> = new Map([
  ["path", path],
  ["git", git],
  ["github", forge("github")],
  ["gitlab", forge("gitlab")],
  ["sourcehut", forge("sourcehut")],
  ["tarball", download("tarball")],
  ["file", download("file")],
  ["indirect", indirect],
  ["hg", hg],
]);

/** A URL, or an identifier of a registry, without a fragment. Paths are `parsePathRef`'s. */
export function parseFlakeRef(text: ByteString, baseDirectory: ByteString | null = null): FlakeRef {
  const { ref, fragment } = parseFlakeRefWithFragment(text, baseDirectory);
  if (fragment !== "")
    throw new FlakeRefError(`unexpected fragment '${fragment}' in flake reference '${text}'`);
  return ref;
}

/** `ref#fragment`; null when the text is neither a URL nor an identifier, but a path. */
export function parseUrlRef(text: ByteString): { ref: FlakeRef; fragment: ByteString } | null {
  const id = FLAKE_ID.exec(text);
  const url = parseUrl(id === null ? text : `flake:${id[1]}`);
  if (url === null) return null;
  const fragment = id === null ? url.fragment : (id[2] ?? "");
  const dir = url.query.get("dir");
  url.query.delete("dir");
  try {
    for (const scheme of SCHEMES.values()) {
      const ref = scheme.fromUrl(url, text);
      if (ref === undefined) continue;
      if (dir !== undefined && dir !== "") ref.set("dir", dir);
      checkRef(ref);
      return { ref, fragment };
    }
  } catch (error) {
    if (error instanceof BadUrl) return null;
    throw error;
  }
  throw new FlakeRefError(`input '${text}' is unsupported`);
}

/** As `parseUrlRef`, but paths are absolute, or below `baseDirectory`. */
export function parseFlakeRefWithFragment(
  text: ByteString,
  baseDirectory: ByteString | null = null,
): { ref: FlakeRef; fragment: ByteString } {
  const parsed = parseUrlRef(text);
  if (parsed !== null) return parsed;
  const [, file = "", query = "", fragment = ""] =
    /^([^?#]*)(?:\?([^#]*))?(?:#(.*))?$/s.exec(text) ?? [];
  if (!file.startsWith("/") && baseDirectory === null)
    throw new FlakeRefError(`flake reference '${text}' is not an absolute path`);
  const absolute = canonicalPath(file.startsWith("/") ? file : `${baseDirectory}/${file}`);
  const ref = new Map<ByteString, InputAttribute>([
    ["type", "path"],
    ["path", absolute],
  ]);
  const dir = /(?:^|&)dir=([^&]*)/.exec(query)?.[1];
  if (dir) ref.set("dir", dir);
  return { ref, fragment };
}

/** Checks attributes that somebody wrote. Throws `FlakeRefError`. */
export function checkRef(ref: FlakeRef): void {
  const type = ref.get("type");
  if (type === undefined)
    throw new FlakeRefError(
      "'type' attribute to specify input scheme is required but not provided",
    );
  const scheme = SCHEMES.get(String(type));
  if (scheme === undefined)
    throw new FlakeRefError(`input '${showAttributes(ref)}' is unsupported`);
  for (const name of [...ref.keys()].sort()) {
    // `__final` marks what Nix itself has fetched.
    if (name === "type" || name === "dir" || name === "__final" || scheme.attributes.includes(name))
      continue;
    throw new FlakeRefError(`input attribute '${name}' not supported by scheme '${type}'`);
  }
  for (const name of scheme.required) {
    const value = ref.get(name);
    if (value === undefined) throw new FlakeRefError(`input attribute '${name}' is missing`);
    if (typeof value !== "string")
      throw new FlakeRefError(
        `input attribute '${name}' is not a string but an integer or Boolean`,
      );
  }
  const rev = ref.get("rev");
  if (typeof rev === "string" && !REV.test(rev) && !/^[0-9a-f]{64}$/.test(rev)) {
    try {
      parseHash(rev, "sha1");
    } catch (error) {
      if (error instanceof StoreError) throw new FlakeRefError(error.message);
      throw error;
    }
  }
}

/** The URL of a reference that `checkRef` has accepted. */
export function flakeRefToUrl(ref: FlakeRef): ByteString {
  const scheme = SCHEMES.get(String(ref.get("type")));
  if (scheme === undefined)
    throw new FlakeRefError(`cannot show unsupported input '${showAttributes(ref)}'`);
  if (
    ref.has("ref") &&
    ref.has("rev") &&
    ref.get("type") !== "git" &&
    ref.get("type") !== "indirect"
  )
    throw new FlakeRefError(`input '${showAttributes(ref)}' has both a 'ref' and a 'rev'`);
  const url = scheme.toUrl(ref);
  const dir = ref.get("dir");
  if (typeof dir === "string" && dir !== "") url.query.set("dir", dir);
  return printUrl(url);
}

function showAttributes(ref: FlakeRef): string {
  return JSON.stringify(Object.fromEntries([...ref].sort(([a], [b]) => (a < b ? -1 : 1))));
}

/** Whether two references say the same. */
export function sameRef(a: FlakeRef, b: FlakeRef): boolean {
  return showAttributes(a) === showAttributes(b);
}
