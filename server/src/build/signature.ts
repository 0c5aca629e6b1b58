/** Signatures of paths: ed25519 over a path's fingerprint, by keys that have names. */
import { createPublicKey, type KeyObject, verify } from "node:crypto";
import { decodeBase64 } from "../store/base64.ts";
import { fingerprint, type PathInfo } from "../store/path-info.ts";

/** Key name to key. */
export type TrustedKeys = ReadonlyMap<string, KeyObject>;

/** What comes before the 32 bytes of an ed25519 key in its DER form. */
const DER_PREFIX = Buffer.from("302a300506032b6570032100", "hex");

/** Keys as `NAME:BASE64`, Nix's form. Throws `Error` with what is wrong with one. */
export function parsePublicKeys(texts: Iterable<string>): TrustedKeys {
  const keys = new Map<string, KeyObject>();
  for (const text of texts) {
    const colon = text.indexOf(":");
    const bytes = colon > 0 ? decoded(text.slice(colon + 1)) : undefined;
    if (bytes?.length !== 32) throw new Error(`public key '${text}' is not valid`);
    const der = Buffer.concat([DER_PREFIX, bytes]);
    keys.set(text.slice(0, colon), createPublicKey({ key: der, format: "der", type: "spki" }));
  }
  return keys;
}

function decoded(text: string): Uint8Array | undefined {
  try {
    return decodeBase64(text);
  } catch {
    return undefined;
  }
}

/** Whether one of a path's signatures is right and by a trusted key. */
export function isSignedByTrusted(info: PathInfo, keys: TrustedKeys): boolean {
  const message = Buffer.from(fingerprint(info), "latin1");
  return info.signatures.some((text) => {
    const colon = text.indexOf(":");
    const key = keys.get(text.slice(0, colon));
    const signature = decoded(text.slice(colon + 1));
    return key !== undefined && signature?.length === 64 && verify(null, message, key, signature);
  });
}
