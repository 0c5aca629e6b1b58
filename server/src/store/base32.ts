/**
 * Nix's own base 32 ("nix32"): 32 digits without e, o, u and t, the number read as little-endian,
 * the most significant digit first. Character k counted from the end holds bits 5k..5k+4.
 */
import { StoreError } from "./error.ts";

export const NIX32_DIGITS = "0123456789abcdfghijklmnpqrsvwxyz";

const VALUE_OF = new Int8Array(256).fill(-1);
for (let i = 0; i < 32; i++) VALUE_OF[NIX32_DIGITS.charCodeAt(i)] = i;

/** Two digits at a time: the text of every 10-bit number. */
const PAIRS: readonly string[] = Array.from(
  { length: 1024 },
  (_, i) => NIX32_DIGITS.charAt(i >> 5) + NIX32_DIGITS.charAt(i & 31),
);

/** The length of the text for so many bytes. */
export function nix32Length(byteLength: number): number {
  return Math.ceil((byteLength * 8) / 5);
}

/** The value of one digit (a char code), or -1. */
export function nix32Digit(code: number): number {
  return VALUE_OF[code] ?? -1;
}

export function encodeNix32(bytes: Uint8Array): string {
  let out = "";
  let whole = 0;
  // Groups of 5 bytes are 8 digits; from the last group to the first. This is the whole of the
  // 20-byte hashes in store paths, which an evaluation makes tens of thousands of.
  if (bytes.length % 5 === 0) whole = bytes.length;
  for (let at = whole - 5; at >= 0; at -= 5) {
    const middle = bytes[at + 2] as number;
    const low = (bytes[at] as number) | ((bytes[at + 1] as number) << 8) | ((middle & 15) << 16);
    const high =
      (middle >> 4) | ((bytes[at + 3] as number) << 4) | ((bytes[at + 4] as number) << 12);
    out +=
      (PAIRS[high >> 10] as string) +
      (PAIRS[high & 1023] as string) +
      (PAIRS[low >> 10] as string) +
      (PAIRS[low & 1023] as string);
  }
  if (whole > 0) return out;
  for (let n = nix32Length(bytes.length) - 1; n >= 0; n--) {
    const bit = n * 5;
    const at = bit >> 3;
    const pair = (bytes[at] as number) | ((bytes[at + 1] ?? 0) << 8);
    out += NIX32_DIGITS[(pair >> (bit & 7)) & 31];
  }
  return out;
}

/**
 * The bytes of a text of any length. Bits of the first digit that do not fit give one byte more, so
 * that the caller's check of the length refuses them, as in Nix. Throws `StoreError` on a bad digit.
 */
export function decodeNix32(text: string): Uint8Array {
  const out: number[] = [];
  for (let n = 0; n < text.length; n++) {
    const char = text.charAt(text.length - n - 1);
    const digit = nix32Digit(char.charCodeAt(0));
    if (digit < 0) {
      throw new StoreError(`invalid character in Nix32 (Nix's Base32 variation) string: '${char}'`);
    }
    const bit = n * 5;
    const at = bit >> 3;
    const shift = bit & 7;
    while (out.length <= at) out.push(0);
    out[at] = (out[at] as number) | ((digit << shift) & 255);
    const carry = digit >> (8 - shift);
    if (carry !== 0) out.push(carry);
  }
  return Uint8Array.from(out);
}
