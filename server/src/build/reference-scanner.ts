/** Finds the hash parts of store paths in a stream of bytes: that is how references are known. */
import type { ByteString } from "../base/bytes.ts";
import { nix32Digit } from "../store/base32.ts";
import { HASH_PART_LENGTH } from "../store/store-path.ts";

const IS_DIGIT = Uint8Array.from({ length: 256 }, (_, code) => (nix32Digit(code) < 0 ? 0 : 1));

export class ReferenceScanner {
  readonly found = new Set<string>();
  readonly #wanted: ReadonlySet<string>;
  /** The end of what was given before, where a hash may have begun. */
  #tail = new Uint8Array(0);

  /** @param wanted hash parts of 32 digits */
  constructor(wanted: Iterable<string>) {
    this.#wanted = new Set(wanted);
  }

  push(chunk: ByteString | Uint8Array): void {
    const bytes = typeof chunk === "string" ? Buffer.from(chunk, "latin1") : chunk;
    if (this.#tail.length > 0) {
      // Only hashes that begin in the tail; the rest are seen below.
      const head = bytes.subarray(0, HASH_PART_LENGTH - 1);
      const seam = new Uint8Array(this.#tail.length + head.length);
      seam.set(this.#tail);
      seam.set(head, this.#tail.length);
      this.#scan(seam);
      if (bytes.length < HASH_PART_LENGTH) {
        this.#tail = seam.slice(-(HASH_PART_LENGTH - 1));
        return;
      }
    }
    this.#scan(bytes);
    this.#tail = bytes.slice(-(HASH_PART_LENGTH - 1));
  }

  /** From the last character of each window backwards: behind the first that is no digit it goes on. */
  #scan(bytes: Uint8Array): void {
    for (let at = 0; at + HASH_PART_LENGTH <= bytes.length; ) {
      let last = at + HASH_PART_LENGTH - 1;
      while (last >= at && IS_DIGIT[bytes[last] as number] === 1) last--;
      if (last >= at) {
        at = last + 1;
        continue;
      }
      const text = String.fromCharCode(...bytes.subarray(at, at + HASH_PART_LENGTH));
      if (this.#wanted.has(text)) this.found.add(text);
      at++;
    }
  }
}
