/** Hashes: algorithms, the injected hash function, and every text form that Nix reads or writes. */
import type { ByteString } from "../base/bytes.ts";
import { decodeBase16, encodeBase16 } from "./base16.ts";
import { decodeNix32, encodeNix32, nix32Length } from "./base32.ts";
import { base64Length, decodeBase64, encodeBase64 } from "./base64.ts";
import { ExperimentalFeatureError, StoreError } from "./error.ts";

export type HashAlgorithm = "md5" | "sha1" | "sha256" | "sha512";

export type HashFormat = "base16" | "nix32" | "base64" | "sri";

export interface Hash {
  readonly algo: HashAlgorithm;
  readonly bytes: Uint8Array;
}

/** A hash that is fed in pieces. Not to be used again after `digest`. */
export interface IncrementalHash {
  update(chunk: ByteString | Uint8Array): void;
  digest(): Uint8Array;
}

/**
 * The hash functions, given by the host: synchronous, over the bytes of a byte string or an array.
 * `hex` is the digest as lower-case base 16, which hosts can often give faster.
 */
export interface Hasher {
  (algo: HashAlgorithm, bytes: ByteString | Uint8Array): Uint8Array;
  hex(algo: HashAlgorithm, bytes: ByteString | Uint8Array): string;
  create(algo: HashAlgorithm): IncrementalHash;
}

const SIZES: Readonly<Record<HashAlgorithm, number>> = {
  md5: 16,
  sha1: 20,
  sha256: 32,
  sha512: 64,
};

/** The size of a digest in bytes. */
export function hashSize(algo: HashAlgorithm): number {
  return SIZES[algo];
}

/** `undefined` when there is no such algorithm; throws for `blake3`, which is experimental. */
export function hashAlgorithmOf(name: string): HashAlgorithm | undefined {
  if (name === "blake3") throw new ExperimentalFeatureError("blake3-hashes");
  return Object.hasOwn(SIZES, name) ? (name as HashAlgorithm) : undefined;
}

/** Throws when there is no such algorithm. */
export function parseHashAlgorithm(name: string): HashAlgorithm {
  const algo = hashAlgorithmOf(name);
  if (algo === undefined) {
    throw new StoreError(
      `unknown hash algorithm '${name}', expect 'blake3', 'md5', 'sha1', 'sha256', or 'sha512'`,
    );
  }
  return algo;
}

/** `base32` is the deprecated name of `nix32`: `warn` gets Nix's text. */
export function parseHashFormat(name: string, warn?: (message: string) => void): HashFormat {
  switch (name) {
    case "base16":
    case "nix32":
    case "base64":
    case "sri":
      return name;
    case "base32":
      warn?.('"base32" is a deprecated alias for hash format "nix32".');
      return "nix32";
    default:
      throw new StoreError(
        `unknown hash format '${name}', expect 'base16', 'base32', 'base64', or 'sri'`,
      );
  }
}

/** The digest in a format; `sri` has its `algo-` prefix always, the others `algo:` on request. */
export function printHash(hash: Hash, format: HashFormat, withAlgorithm = false): string {
  const prefix = withAlgorithm ? `${hash.algo}:` : "";
  switch (format) {
    case "base16":
      return prefix + encodeBase16(hash.bytes);
    case "nix32":
      return prefix + encodeNix32(hash.bytes);
    case "base64":
      return prefix + encodeBase64(hash.bytes);
    case "sri":
      return `${hash.algo}-${encodeBase64(hash.bytes)}`;
  }
}

export function hashesEqual(a: Hash, b: Hash): boolean {
  return (
    a.algo === b.algo &&
    a.bytes.length === b.bytes.length &&
    a.bytes.every((x, i) => x === b.bytes[i])
  );
}

interface Decoder {
  readonly name: string;
  readonly decode: (text: string) => Uint8Array;
}

const BASE16: Decoder = { name: "base16", decode: decodeBase16 };
const NIX32: Decoder = { name: "nix32", decode: decodeNix32 };
const BASE64: Decoder = { name: "Base64", decode: decodeBase64 };
const SRI: Decoder = { name: "SRI", decode: decodeBase64 };

/** Which encoding a bare hash has is told by its length. */
function decoderBySize(text: string, algo: HashAlgorithm): Decoder {
  const size = SIZES[algo];
  if (text.length === size * 2) return BASE16;
  if (text.length === nix32Length(size)) return NIX32;
  if (text.length === base64Length(size)) return BASE64;
  throw new StoreError(`hash '${text}' has wrong length for hash algorithm '${algo}'`);
}

function decodeWith(decoder: Decoder, text: string, algo: HashAlgorithm): Hash {
  const bytes = decoder.decode(text);
  if (bytes.length !== SIZES[algo]) {
    throw new StoreError(
      `invalid ${decoder.name} hash '${text}', length ${bytes.length} != expected length ${SIZES[algo]}`,
    );
  }
  return { algo, bytes };
}

/**
 * Any text form: `algo:digest` (base 16, nix32 or base 64), SRI (`algo-base64`), or a bare digest when
 * the algorithm is known. Throws `StoreError` in Nix's words.
 */
export function parseHash(text: ByteString, known?: HashAlgorithm): Hash {
  const colon = text.indexOf(":");
  const separator = colon < 0 ? text.indexOf("-") : colon;
  const isSri = colon < 0 && separator >= 0;
  const stated = separator < 0 ? undefined : parseHashAlgorithm(text.slice(0, separator));
  const algo = stated ?? known;
  if (algo === undefined) {
    throw new StoreError(
      `hash '${text}' does not include a type, nor is the type otherwise known from context`,
    );
  }
  if (known !== undefined && known !== algo) {
    throw new StoreError(`hash '${text}' should have type '${known}'`);
  }
  const digest = text.slice(separator + 1);
  return decodeWith(isSri ? SRI : decoderBySize(digest, algo), digest, algo);
}

/** As `parseHash`, but the algorithm must be in the text. */
export function parsePrefixedHash(text: ByteString): Hash {
  if (!text.includes(":") && !text.includes("-")) {
    throw new StoreError(`hash '${text}' does not include a type`);
  }
  return parseHash(text);
}

/** SRI only: `algo-base64`. */
export function parseSriHash(text: ByteString): Hash {
  const separator = text.indexOf("-");
  if (separator < 0) throw new StoreError(`hash '${text}' is not SRI`);
  return decodeWith(SRI, text.slice(separator + 1), parseHashAlgorithm(text.slice(0, separator)));
}

/** A digest without a prefix, as ATerm has it. */
export function parseBareHash(digest: ByteString, algo: HashAlgorithm): Hash {
  return decodeWith(decoderBySize(digest, algo), digest, algo);
}

/** As `parseHash`, but empty text stands for all zeros, with a warning: a hash not yet known. */
export function parseHashAllowEmpty(
  text: ByteString,
  known: HashAlgorithm | undefined,
  warn: (message: string) => void,
): Hash {
  if (text !== "") return parseHash(text, known);
  if (known === undefined) throw new StoreError("empty hash requires explicit hash algorithm");
  const hash: Hash = { algo: known, bytes: new Uint8Array(SIZES[known]) };
  warn(`found empty hash, assuming '${printHash(hash, "sri")}'`);
  return hash;
}
