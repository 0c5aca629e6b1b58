/**
 * The tree of packages that a file is in, and the attributes of it that may be made of the file:
 * `pkgs/by-name/he/hello/package.nix` is `hello`; what a list of packages calls with the file is the
 * attribute that it is called for.
 */
import type { ByteString } from "../base/bytes.ts";
import type { Evaluator } from "./evaluator.ts";
import { canonicalPath, parentPath, pathBaseName } from "./lib/canonical-path.ts";

/** Directories with files that list packages, relative to the top of the tree. */
const LISTS = ["", "pkgs/", "pkgs/top-level/"];
/** Of other files in them it is known by their name what they list. */
const LIST_NAMES = ["default.nix", "top-level.nix", "aliases.nix"];
const PATH = /\.{1,2}\/[^\s;(){}[\]"]+/g;
/** `hello = `; so many bytes before the path it is looked for. */
const NAMED = /(?<![\w'.-])([a-zA-Z_][\w'-]*)[ \t]*=[^=]/g;
const FAR = 2000;
const LIST = /^(\w+)-packages\.nix$/;
/** Files whose name says nothing: their directory's does. */
const NAMELESS = new Set<ByteString>(["default.nix", "package.nix"]);
const BY_NAME = /\/by-name\/[^/]+\/([^/]+)\//;
const MAX_CANDIDATES = 6;

/** The nearest directory above a file with a `default.nix` and packages in `pkgs`; null when there is none. */
export function packageTree(ev: Evaluator, path: ByteString): ByteString | null {
  for (let at = parentPath(path); at !== "/"; at = parentPath(at)) {
    const isTop = ev.files.exists(`${at}/default.nix`) && ev.files.stat(`${at}/pkgs`) !== null;
    if (isTop && `${at}/default.nix` !== path) return at;
  }
  return null;
}

/** Attribute paths in the set of packages, the likeliest first. */
export function attributesOfFile(ev: Evaluator, tree: ByteString, path: ByteString): ByteString[] {
  const name = BY_NAME.exec(path.slice(tree.length))?.[1];
  const names = name === undefined ? [] : [name];
  for (const { list, sets } of packageLists(ev, tree)) {
    const own = listed(ev, list, path);
    names.push(...sets.flatMap((set) => own.map((each) => `${set}${each}`)));
  }
  const base = pathBaseName(path);
  const directory = pathBaseName(parentPath(path));
  names.push(...(NAMELESS.has(base) ? [] : [base.replace(/\.nix$/, "")]), directory);
  // A part of the machinery is needed for the standard environment.
  return [...new Set([...names.slice(0, MAX_CANDIDATES), "stdenv"])];
}

/** The lists, and in front of what they list the set that it is in: `python-packages.nix` is `pythonPackages`. */
function packageLists(
  ev: Evaluator,
  tree: ByteString,
): { readonly list: ByteString; readonly sets: readonly ByteString[] }[] {
  return LISTS.flatMap((directory) => {
    const place = `${tree}/${directory}`;
    if (ev.files.stat(canonicalPath(place))?.type !== "directory") return [];
    return [...ev.files.readDirectory(canonicalPath(place)).keys()].sort().flatMap((name) => {
      const kind = LIST.exec(name)?.[1];
      if (kind === undefined && !LIST_NAMES.includes(name)) return [];
      const isTop = kind === undefined || kind === "all";
      const sets = isTop ? [""] : [`${kind}3Packages.`, `${kind}Packages.`];
      return [{ list: `${place}${name}`, sets }];
    });
  });
}

/** Attributes of a list of packages in whose definition the path of a file stands, as it is usually written. */
function listed(ev: Evaluator, list: ByteString, path: ByteString): ByteString[] {
  if (list === path || ev.files.stat(list)?.type !== "regular") return [];
  const wanted = pathBaseName(path) === "default.nix" ? parentPath(path) : path;
  const word = pathBaseName(wanted);
  const text = ev.files.readFile(list);
  return [...text.matchAll(PATH)].flatMap(({ 0: literal, index }) => {
    if (!literal.includes(word)) return [];
    const leads = canonicalPath(`${parentPath(list)}/${literal}`);
    if (leads !== path && leads !== wanted) return [];
    const before = text.slice(Math.max(0, index - FAR), index);
    const name = [...before.matchAll(NAMED)].at(-1)?.[1];
    return name === undefined ? [] : [name];
  });
}
