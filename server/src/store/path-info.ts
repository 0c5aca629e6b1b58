/** What a store knows of a valid path, and the text that is signed to vouch for it. */
import type { ByteString } from "../base/bytes.ts";
import { type Hash, printHash } from "./hash.ts";

export interface PathInfo {
  readonly path: ByteString;
  /** SHA-256 of the path's NAR. */
  readonly narHash: Hash;
  /** Bytes of the NAR. */
  readonly narSize: number;
  /** Full paths, sorted; the path itself too when it refers to itself. */
  readonly references: readonly ByteString[];
  /** The derivation that made it, when known. */
  readonly deriver: ByteString | undefined;
  /** `key-name:base64` each. */
  readonly signatures: readonly string[];
  /** How the path follows from its contents (`text:sha256:…`, `fixed:r:sha256:…`), when it does. */
  readonly contentAddress: string | undefined;
}
/** What a signature of a path signs. */
export function fingerprint(info: PathInfo): ByteString {
  const hash = printHash(info.narHash, "nix32", true);
  return `1;${info.path};${hash};${info.narSize};${info.references.join(",")}`;
}
