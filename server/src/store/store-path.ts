/**
 * Store paths: `<storeDir>/<32 digits of nix32>-<name>`, and the ways to compute one.
 *
 * The digits are the first of the many hashes of a text that says what the object is; the formulas are
 * those of the Nix manual's "store path specification".
 */
import type { ByteString } from "../base/bytes.ts";
import { base16Digit } from "./base16.ts";
import { decodeNix32, encodeNix32, nix32Digit } from "./base32.ts";
import { type IngestionMethod, methodPrefix } from "./content-address.ts";
import { StoreError } from "./error.ts";
import { type Hash, type Hasher, printHash } from "./hash.ts";

/** What every computation of a path needs. */
export interface StoreContext {
  /** Without a slash at the end; part of what is hashed. */
  readonly storeDir: ByteString;
  readonly hasher: Hasher;
}

export const DEFAULT_STORE_DIR = "/nix/store";

/** The length of the hash part. */
export const HASH_PART_LENGTH = 32;

/** The longest name, so that the path with its store directory and a suffix stays below 255 bytes. */
export const MAX_NAME_LENGTH = 211;

export const DRV_SUFFIX = ".drv";

const GOOD_NAME = /^[0-9A-Za-z+\-_?=][0-9A-Za-z+\-._?=]*$/;
const GOOD_CHARACTER = /[0-9A-Za-z+\-._?=]/;

/** Why a name can't be that of a store object, in Nix's words; `undefined` when it can. */
export function storeNameProblem(name: ByteString): string | undefined {
  if (name.length <= MAX_NAME_LENGTH && GOOD_NAME.test(name)) return undefined;
  if (name === "") return "name must not be empty";
  if (name.length > MAX_NAME_LENGTH) {
    return `name '${name}' must be no longer than ${MAX_NAME_LENGTH} characters`;
  }
  if (name === "." || name === "..") return `name '${name}' is not valid`;
  const first = name.startsWith(".-") ? "." : name.startsWith("..-") ? ".." : undefined;
  if (first !== undefined) {
    return `name '${name}' is not valid: first dash-separated component must not be '${first}'`;
  }
  for (const char of name) {
    if (!GOOD_CHARACTER.test(char)) return `name '${name}' contains illegal character '${char}'`;
  }
  return undefined;
}

/** Throws `StoreError` when the name can't be that of a store object. */
export function checkStoreName(name: ByteString): void {
  const problem = storeNameProblem(name);
  if (problem !== undefined) throw new StoreError(problem);
}

/** Why a base name (`<hash>-<name>`) is not that of a store path; `undefined` when it is. */
function baseNameProblem(base: ByteString): string | undefined {
  if (base.length < HASH_PART_LENGTH + 1) {
    return `'${base}' is too short to be a valid store path`;
  }
  if (base[HASH_PART_LENGTH] !== "-") {
    return `'${base}' can't name a store path because the hash part is not followed by a '-'`;
  }
  for (let i = 0; i < HASH_PART_LENGTH; i++) {
    if (nix32Digit(base.charCodeAt(i)) < 0) {
      return `store path '${base}' contains illegal base-32 character '${base[i]}'`;
    }
  }
  const problem = storeNameProblem(base.slice(HASH_PART_LENGTH + 1));
  return problem && `path '${base}' is not a valid store path: ${problem}`;
}

/** An absolute path without `.`, `..`, doubled and final slashes, without looking at any file. */
function canonicalPath(path: ByteString): ByteString {
  const parts: ByteString[] = [];
  for (const part of path.split("/")) {
    if (part === "" || part === ".") continue;
    if (part === "..") parts.pop();
    else parts.push(part);
  }
  return `/${parts.join("/")}`;
}

/** The base name of a path that may be a store path, or what is wrong with it. */
function splitStorePath(
  context: StoreContext,
  path: ByteString,
): { base: ByteString } | { problem: string } {
  if (path === "") return { problem: "empty path is not a valid store path" };
  if (!path.startsWith("/")) return { problem: `not an absolute path: "${path}"` };
  const canonical = canonicalPath(path);
  const slash = canonical.lastIndexOf("/");
  if (canonical.slice(0, slash) !== context.storeDir) {
    return { problem: `path "${canonical}" is not in the Nix store` };
  }
  const base = canonical.slice(slash + 1);
  const problem = baseNameProblem(base);
  return problem === undefined ? { base } : { problem };
}

/** True for the path of a store object itself, not of something inside it. */
export function isStorePath(context: StoreContext, path: ByteString): boolean {
  return "base" in splitStorePath(context, path);
}

/** The canonical path of a store object; throws `StoreError` in Nix's words when it is none. */
export function parseStorePath(context: StoreContext, path: ByteString): ByteString {
  const split = splitStorePath(context, path);
  if ("problem" in split) throw new StoreError(split.problem);
  return `${context.storeDir}/${split.base}`;
}

/** As `parseStorePath` for text that must be canonical already, as in a derivation. */
export function parseCanonicalStorePath(context: StoreContext, path: ByteString): ByteString {
  const { storeDir } = context;
  if (!path.startsWith(storeDir) || path[storeDir.length] !== "/") {
    throw new StoreError(`path '${path}' is not in the Nix store`);
  }
  const problem = baseNameProblem(path.slice(storeDir.length + 1));
  if (problem !== undefined) throw new StoreError(problem);
  return path;
}

/** True when a canonical absolute path is the store directory's child or deeper. */
export function isInStore(context: StoreContext, path: ByteString): boolean {
  return path.startsWith(`${context.storeDir}/`) && path.length > context.storeDir.length + 1;
}

/**
 * Splits a canonical path in the store into the store object's path and the rest (`""` or `/…`).
 * Throws when it is not in the store or the object's name is none.
 */
export function splitInStore(
  context: StoreContext,
  path: ByteString,
): { readonly storePath: ByteString; readonly rest: ByteString } {
  const found = storePathOf(context, path);
  if (found === null) throw new StoreError(`path '${path}' is not in the Nix store`);
  return { storePath: parseStorePath(context, found.storePath), rest: found.below };
}

/** The store path that a canonical path is in, whatever its name, and the rest (`""` or `/…`). Null outside of the store. */
export function storePathOf(
  context: StoreContext,
  path: ByteString,
): { storePath: ByteString; below: ByteString } | null {
  if (!isInStore(context, path)) return null;
  const slash = path.indexOf("/", context.storeDir.length + 1);
  return slash < 0
    ? { storePath: path, below: "" }
    : { storePath: path.slice(0, slash), below: path.slice(slash) };
}

/** The 32 digits of a store path. */
export function storePathHashPart(context: StoreContext, path: ByteString): ByteString {
  const start = context.storeDir.length + 1;
  return path.slice(start, start + HASH_PART_LENGTH);
}

/** The name of a store path, after the hash and the dash. */
export function storePathName(context: StoreContext, path: ByteString): ByteString {
  return path.slice(context.storeDir.length + HASH_PART_LENGTH + 2);
}

/** Folds a digest to `size` bytes: byte i of the digest is XORed into byte i mod size. */
export function compressHash(digest: Uint8Array, size: number): Uint8Array {
  const out = new Uint8Array(size);
  for (let i = 0; i < digest.length; i++) {
    out[i % size] = (out[i % size] as number) ^ (digest[i] as number);
  }
  return out;
}

/** The SHA-256 of a text folded to 20 bytes, in nix32: the hash part of a store path. */
function foldedHash(context: StoreContext, text: ByteString): string {
  const hex = context.hasher.hex("sha256", text);
  const folded = new Uint8Array(20);
  for (let i = 0; i < 32; i++) {
    const byte = (base16Digit(hex.charCodeAt(2 * i)) << 4) | base16Digit(hex.charCodeAt(2 * i + 1));
    const at = i < 20 ? i : i - 20;
    folded[at] = (folded[at] as number) ^ byte;
  }
  return encodeNix32(folded);
}

/**
 * The path for a type (`text:…`, `source:…`, `output:…`), a hash with its algorithm in base 16
 * (`sha256:…`) and a name. Throws `StoreError` when the name can't be used.
 */
export function makeStorePath(
  context: StoreContext,
  type: ByteString,
  hashText: string,
  name: ByteString,
): ByteString {
  const { storeDir } = context;
  const base = `${foldedHash(context, `${type}:${hashText}:${storeDir}:${name}`)}-${name}`;
  const problem = storeNameProblem(name);
  if (problem !== undefined) {
    throw new StoreError(`path '${base}' is not a valid store path: ${problem}`);
  }
  return `${storeDir}/${base}`;
}

/** The type with the set of its references, sorted by bytes. */
function typeWithReferences(type: string, references: Iterable<ByteString>, self: boolean) {
  const paths = [...new Set(references)].sort();
  if (self) paths.push("self");
  return paths.length === 0 ? type : `${type}:${paths.join(":")}`;
}

/** The path of a text (`builtins.toFile`, a derivation) and the store paths it refers to. */
export function makeTextPath(
  context: StoreContext,
  name: ByteString,
  contents: ByteString,
  references: Iterable<ByteString>,
): ByteString {
  const type = typeWithReferences("text", references, false);
  return makeStorePath(context, type, `sha256:${context.hasher.hex("sha256", contents)}`, name);
}

/** What a fixed-output path may refer to: only for a NAR hashed with SHA-256, or a text. */
export interface References {
  readonly others: Iterable<ByteString>;
  readonly self: boolean;
}

/**
 * The path of an object known by the hash of its contents.
 *
 * `flat`: hash of the file; `nar`: hash of the NAR; `git`: hash of the git tree or blob; `text`: a flat
 * SHA-256 with references. Throws `StoreError` for combinations that Nix refuses.
 */
export function makeFixedOutputPath(
  context: StoreContext,
  name: ByteString,
  method: IngestionMethod,
  hash: Hash,
  references: References = { others: [], self: false },
): ByteString {
  const { algo } = hash;
  const hashText = printHash(hash, "base16", true);
  if (method === "git" && algo !== "sha1" && algo !== "sha256") {
    throw new StoreError(
      `Git file ingestion must use SHA-1 or SHA-256 hash, but instead using: ${algo}`,
    );
  }
  if (method === "text") {
    if (algo !== "sha256") {
      throw new StoreError(`text-hashed derivation '${name}' must use SHA-256, not ${algo}`);
    }
    const type = typeWithReferences("text", references.others, references.self);
    return makeStorePath(context, type, hashText, name);
  }
  if (method === "nar" && algo === "sha256") {
    const type = typeWithReferences("source", references.others, references.self);
    return makeStorePath(context, type, hashText, name);
  }
  if (references.self || !isEmpty(references.others)) {
    throw new StoreError(
      `fixed output derivation '${name}' is not allowed to refer to other store paths.\nYou may need to use the 'unsafeDiscardReferences' derivation attribute, see the manual for more details.`,
    );
  }
  const digest = context.hasher.hex("sha256", `fixed:out:${methodPrefix(method)}${hashText}:`);
  return makeStorePath(context, "output:out", `sha256:${digest}`, name);
}

function isEmpty(items: Iterable<unknown>): boolean {
  for (const _ of items) return false;
  return true;
}

/** The path of a source tree by the SHA-256 of its NAR. */
export function makeSourcePath(
  context: StoreContext,
  name: ByteString,
  narSha256: Uint8Array,
): ByteString {
  return makeFixedOutputPath(context, name, "nar", { algo: "sha256", bytes: narSha256 });
}

/** The name of an output's path: the derivation's name, then `-output` unless it is `out`. */
export function outputPathName(drvName: ByteString, output: ByteString): ByteString {
  return output === "out" ? drvName : `${drvName}-${output}`;
}

/** The path of an output of an input-addressed derivation. `modulo` is base 16. */
export function makeOutputPath(
  context: StoreContext,
  output: ByteString,
  modulo: string,
  drvName: ByteString,
): ByteString {
  return makeStorePath(
    context,
    `output:${output}`,
    `sha256:${modulo}`,
    outputPathName(drvName, output),
  );
}

/** What stands for an output's own path in a derivation: `builtins.placeholder`. */
export function placeholder(context: StoreContext, output: ByteString): string {
  return `/${encodeNix32(context.hasher("sha256", `nix-output:${output}`))}`;
}

/** What stands for the path of another derivation's output that is known only once it is built. */
export function downstreamPlaceholder(
  context: StoreContext,
  drvPath: ByteString,
  output: ByteString,
): string {
  const name = storePathName(context, drvPath);
  const drvName = name.endsWith(DRV_SUFFIX) ? name.slice(0, -DRV_SUFFIX.length) : name;
  const text = `nix-upstream-output:${storePathHashPart(context, drvPath)}:${outputPathName(drvName, output)}`;
  return `/${encodeNix32(context.hasher("sha256", text))}`;
}

/**
 * What stands for an output of a derivation that is itself an output, and so not known yet.
 *
 * @param of what stands for the derivation
 */
export function computedPlaceholder(context: StoreContext, of: string, output: ByteString): string {
  const short = encodeNix32(compressHash(decodeNix32(of.slice(1)), 20));
  return `/${encodeNix32(context.hasher("sha256", `nix-computed-output:${short}:${output}`))}`;
}
