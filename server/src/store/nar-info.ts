/**
 * The text of a `.narinfo` file: what a binary cache, or our own store, knows of one path. Reading is
 * strict, because caches are not trusted: what is not exactly a narinfo is refused.
 */
import type { ByteString } from "../base/bytes.ts";
import { StoreError } from "./error.ts";
import { type Hash, parsePrefixedHash, printHash } from "./hash.ts";
import type { PathInfo } from "./path-info.ts";
import { parseCanonicalStorePath, type StoreContext } from "./store-path.ts";

/** Where a cache has the archive of a path. */
export interface NarLocation {
  /** Relative to the cache's address. */
  readonly url: ByteString;
  /** `none`, `xz`, `zstd`, `gzip`, `br`, …: whatever the cache says. */
  readonly compression: ByteString;
  /** Of the file as it is downloaded. */
  readonly fileHash: Hash | undefined;
  readonly fileSize: number | undefined;
}

export interface NarInfo extends PathInfo {
  /** Absent in the store's own files. */
  readonly location: NarLocation | undefined;
}

/** The largest file that is worth reading. */
export const MAX_NAR_INFO = 1 << 20;

const KNOWN = new Set([
  "StorePath",
  "URL",
  "Compression",
  "FileHash",
  "FileSize",
  "NarHash",
  "NarSize",
  "References",
  "Deriver",
  "System",
  "Sig",
  "CA",
]);

const bad = (message: string) => new StoreError(`bad NAR info file: ${message}`);

/** Field to value; signatures apart, as only they may come again. Unknown fields are left out. */
function readFields(text: ByteString) {
  if (text.length > MAX_NAR_INFO) throw bad("too large");
  const fields = new Map<string, ByteString>();
  const signatures: string[] = [];
  for (const line of text.split("\n")) {
    if (line === "") continue;
    const colon = line.indexOf(": ");
    // An empty value may have lost the space after the colon.
    const name = colon < 0 && line.endsWith(":") ? line.slice(0, -1) : line.slice(0, colon);
    if (!/^[A-Za-z0-9]+$/.test(name)) throw bad("a line is not 'Name: value'");
    const value = colon < 0 ? "" : line.slice(colon + 2);
    // biome-ignore lint/suspicious/noControlCharactersInRegex: that is what is refused
    if (/[\x00-\x1f]/.test(value)) throw bad(`control character in '${name}'`);
    if (name === "Sig") signatures.push(value);
    else if (!KNOWN.has(name)) continue;
    else if (fields.has(name)) throw bad(`'${name}' comes twice`);
    else fields.set(name, value);
  }
  return { fields, signatures };
}

function readSize(name: string, text: ByteString): number {
  if (!/^[0-9]{1,15}$/.test(text)) throw bad(`'${name}' is not a size`);
  return Number(text);
}

function readHash(name: string, text: ByteString): Hash {
  const hash = parsePrefixedHash(text);
  if (hash.algo !== "sha256") throw bad(`'${name}' is not a SHA-256`);
  return hash;
}

/** A relative address inside the cache. */
function checkUrl(url: ByteString): ByteString {
  const inside =
    /^[0-9A-Za-z+\-._?=&%~@,/]{1,1024}$/.test(url) &&
    !url.startsWith("/") &&
    !url.split("/").includes("..");
  if (!inside) throw bad("'URL' does not stay in the cache");
  return url;
}

function readLocation(fields: ReadonlyMap<string, ByteString>): NarLocation | undefined {
  const url = fields.get("URL");
  if (url === undefined) return undefined;
  const hash = fields.get("FileHash");
  const size = fields.get("FileSize");
  return {
    url: checkUrl(url),
    // As in Nix: caches older than the field compress with bzip2.
    compression: fields.get("Compression") || "bzip2",
    fileHash: hash === undefined ? undefined : readHash("FileHash", hash),
    fileSize: size === undefined ? undefined : readSize("FileSize", size),
  };
}

/** Throws `StoreError`: `bad NAR info file: …`. */
export function parseNarInfo(context: StoreContext, text: ByteString): NarInfo {
  const { fields, signatures } = readFields(text);
  const required = (name: string): ByteString => {
    const value = fields.get(name);
    if (value === undefined) throw bad(`'${name}' is missing`);
    return value;
  };
  const inStore = (base: ByteString) =>
    parseCanonicalStorePath(context, `${context.storeDir}/${base}`);
  const path = parseCanonicalStorePath(context, required("StorePath"));
  const narSize = readSize("NarSize", required("NarSize"));
  if (narSize === 0) throw bad("'NarSize' is 0");
  const deriver = fields.get("Deriver");
  return {
    path,
    narHash: readHash("NarHash", required("NarHash")),
    narSize,
    references: required("References").split(" ").filter(Boolean).map(inStore).sort(),
    deriver: deriver && deriver !== "unknown-deriver" ? inStore(deriver) : undefined,
    signatures,
    contentAddress: fields.get("CA") || undefined,
    location: readLocation(fields),
  };
}

export function printNarInfo(
  context: StoreContext,
  info: PathInfo & Partial<Pick<NarInfo, "location">>,
): ByteString {
  const base = (path: ByteString) => path.slice(context.storeDir.length + 1);
  const lines = [`StorePath: ${info.path}`];
  const { location } = info;
  if (location !== undefined) {
    lines.push(`URL: ${location.url}`, `Compression: ${location.compression}`);
    if (location.fileHash) lines.push(`FileHash: ${printHash(location.fileHash, "nix32", true)}`);
    if (location.fileSize !== undefined) lines.push(`FileSize: ${location.fileSize}`);
  }
  lines.push(
    `NarHash: ${printHash(info.narHash, "nix32", true)}`,
    `NarSize: ${info.narSize}`,
    `References: ${info.references.map(base).join(" ")}`,
  );
  if (info.deriver !== undefined) lines.push(`Deriver: ${base(info.deriver)}`);
  for (const signature of info.signatures) lines.push(`Sig: ${signature}`);
  if (info.contentAddress !== undefined) lines.push(`CA: ${info.contentAddress}`);
  return `${lines.join("\n")}\n`;
}
