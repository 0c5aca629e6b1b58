/**
 * What somebody may have meant by a name that a set does not have, beyond Nix's own suggestions
 * (`lib/suggestions.ts`): other spellings, variants (`-bin`), parts of the name, and attributes of
 * that name in the sets that packages of one language or desktop are kept in.
 */
import type { ByteString } from "../base/bytes.ts";
import { Attrs } from "./attrs.ts";
import { bestMatches, editDistance } from "./lib/suggestions.ts";
import { attempt, force } from "./runtime.ts";
import type { Slot } from "./values.ts";

const MOST = 4;
/** A shorter part of a name means nothing. */
const SHORTEST_PART = 4;

/** Sets inside a package set that hold packages, by how they are called there. */
const PACKAGE_SET =
  /\wPackages(_[0-9_]+)?$|^(xorg|gnome[0-9]*|gst_all_1|kde\w*|libsForQt5|qt[56]|lib)$/;

/**
 * Names, relative to the set: `torch-bin`, `python3Packages.numpy`. Best first.
 *
 * @param sets innermost first
 * @param evaluate runs what evaluates something, and may stop it halfway
 */
export function alternativeNames(
  name: ByteString,
  sets: readonly Attrs[],
  evaluate: (run: () => void) => void,
): ByteString[] {
  const found = new Set<ByteString>();
  for (const set of sets) {
    const names = set.sortedNames();
    for (const other of [...respelt(name, names), ...misspelt(name, names)]) found.add(other);
    const inner = new Map<string, ByteString>();
    evaluate(() => findInPackageSets(name, set, names, inner));
    for (const other of inner.values()) found.add(other);
    for (const other of sharingParts(name, names)) found.add(other);
  }
  for (const set of found.size > 0 ? [] : sets)
    evaluate(() => findAlikeInPackageSets(name, set, found));
  found.delete(name);
  return [...found].slice(0, MOST);
}

/** `nodeJS`, `node-js`, `node_js` for `nodejs`. */
function respelt(name: ByteString, names: readonly ByteString[]): ByteString[] {
  const wanted = plain(name);
  return names.filter((other) => other.length < name.length + 4 && plain(other) === wanted);
}

/** `helo` for `hello`: by Nix's rule for attributes, more strictly for short names. */
function misspelt(name: ByteString, names: readonly ByteString[]): ByteString[] {
  const matches = bestMatches(names, name);
  if (matches.every((other) => PACKAGE_SET.test(other))) return matches.sort(byVersion);
  if (name.length >= SHORTEST_PART) return matches;
  return matches.filter((other) => editDistance(other, name, 1) <= 1);
}

function plain(name: ByteString): ByteString {
  return name.toLowerCase().replaceAll(/[-_.']/g, "");
}

/** `torch` and `torch-bin` for `pytorch-bin`, `hello-unwrapped` for `hello`: the most alike first. */
function sharingParts(name: ByteString, names: readonly ByteString[]): ByteString[] {
  if (name.length < SHORTEST_PART) return [];
  const wanted = plain(name);
  return names
    .filter((other) => {
      if (other.length < SHORTEST_PART) return false;
      const each = plain(other);
      const [short, long] = each.length < wanted.length ? [each, wanted] : [wanted, each];
      return short.length * 2 > long.length && (long.startsWith(short) || long.endsWith(short));
    })
    .sort((a, b) => Math.abs(a.length - name.length) - Math.abs(b.length - name.length))
    .slice(0, MOST);
}

/** `python3Packages.numpy` for `numpy`. Of a family (`python2Packages`, `python3Packages`) one. */
function findInPackageSets(
  name: ByteString,
  set: Attrs,
  names: readonly ByteString[],
  found: Map<string, ByteString>,
): void {
  const candidates = names.filter((each) => PACKAGE_SET.test(each)).sort(byVersion);
  for (const each of candidates) {
    const family = each.replaceAll(/[0-9_]+/g, "");
    if (found.has(family)) continue;
    const inner = attempt(() => force(set.get(each) as Slot));
    if (inner instanceof Attrs && inner.get(name) !== undefined)
      found.set(family, `${each}.${name}`);
    if (found.size >= MOST) break;
  }
}

/** `python3Packages.torch-bin` for `pytorch-bin`. */
function findAlikeInPackageSets(name: ByteString, set: Attrs, found: Set<ByteString>): void {
  const families = new Set<string>();
  const candidates = set.sortedNames().filter((each) => PACKAGE_SET.test(each));
  for (const each of candidates.sort(byVersion)) {
    const family = each.replaceAll(/[0-9_]+/g, "");
    if (families.has(family)) continue;
    const inner = attempt(() => force(set.get(each) as Slot));
    if (!(inner instanceof Attrs)) continue;
    families.add(family);
    const names = inner.sortedNames();
    const [best] = [
      ...respelt(name, names),
      ...misspelt(name, names),
      ...sharingParts(name, names),
    ];
    if (best !== undefined) found.add(`${each}.${best}`);
    if (found.size >= MOST) return;
  }
}

/** What most people look for something in. */
const POPULAR = /^(python|perl|node|ruby|xorg|gnome|kde)/;

/** Popular ones first, and of them the newest major version of a family first: `python3Packages` before `python2Packages` and `python311Packages`. */
function byVersion(a: ByteString, b: ByteString): number {
  const digits = (name: ByteString) => name.replaceAll(/[^0-9]/g, "");
  const [x, y] = [digits(a), digits(b)];
  const popular = Number(POPULAR.test(b)) - Number(POPULAR.test(a));
  if (popular !== 0) return popular;
  // Without a version it is the default, which for Python was version 2 for long.
  if ((x === "") !== (y === "")) return x === "" ? 1 : -1;
  return x.length - y.length || (x > y ? -1 : x < y ? 1 : 0);
}
