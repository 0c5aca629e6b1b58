/**
 * The hash of an archive whose path follows from its contents, although these may name that path: where
 * they do it counts as zeros. (Nix 2.8 hashes the places too, so there such a path is another.)
 */
import type { ByteString } from "../base/bytes.ts";
import type { HashAlgorithm, Hasher, IncrementalHash } from "./hash.ts";

export class HashModulo {
  readonly #state: IncrementalHash;
  readonly #part: Uint8Array;
  /** The end of what has come, in which the beginning of the part may stand. */
  #kept: Uint8Array = new Uint8Array(0);

  /** @param hashPart of the path */
  constructor(hasher: Hasher, algo: HashAlgorithm, hashPart: ByteString) {
    this.#state = hasher.create(algo);
    this.#part = Uint8Array.from(hashPart, (c) => c.charCodeAt(0));
  }

  update(chunk: Uint8Array): void {
    const bytes = new Uint8Array(this.#kept.length + chunk.length);
    bytes.set(this.#kept);
    bytes.set(chunk, this.#kept.length);
    for (const at of placesOf(this.#part, bytes)) bytes.fill(0, at, at + this.#part.length);
    const certain = Math.max(0, bytes.length - this.#part.length + 1);
    this.#state.update(bytes.subarray(0, certain));
    this.#kept = bytes.subarray(certain);
  }

  digest(): Uint8Array {
    this.#state.update(this.#kept);
    return this.#state.digest();
  }
}

/** Where a part stands in bytes, one after the other. */
function placesOf(part: Uint8Array, bytes: Uint8Array): number[] {
  const places: number[] = [];
  const first = part[0] as number;
  for (let at = bytes.indexOf(first); at >= 0; ) {
    const isThere = part.every((byte, i) => bytes[at + i] === byte);
    if (isThere) places.push(at);
    at = bytes.indexOf(first, at + (isThere ? part.length : 1));
  }
  return places;
}
