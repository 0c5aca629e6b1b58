/** Base 64 (RFC 4648), as Nix reads and writes it. */
import { StoreError } from "./error.ts";

const DIGITS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

const VALUE_OF = new Int8Array(256).fill(-1);
for (let i = 0; i < 64; i++) VALUE_OF[DIGITS.charCodeAt(i)] = i;

/** The length of the padded text for so many bytes. */
export function base64Length(byteLength: number): number {
  return Math.ceil(byteLength / 3) * 4;
}

/** With padding. */
export function encodeBase64(bytes: Uint8Array): string {
  let out = "";
  for (let i = 0; i < bytes.length; i += 3) {
    const left = bytes.length - i;
    const bits = ((bytes[i] as number) << 16) | ((bytes[i + 1] ?? 0) << 8) | (bytes[i + 2] ?? 0);
    out += DIGITS.charAt(bits >> 18) + DIGITS.charAt((bits >> 12) & 63);
    out += left > 1 ? DIGITS.charAt((bits >> 6) & 63) : "=";
    out += left > 2 ? DIGITS.charAt(bits & 63) : "=";
  }
  return out;
}

/**
 * Reads up to the first `=`; padding may be missing, line feeds are skipped and bits that make no
 * whole byte are dropped, as in Nix. Throws `StoreError` on any other character.
 */
export function decodeBase64(text: string): Uint8Array {
  const out: number[] = [];
  let bits = 0;
  let held = 0;
  for (let i = 0; i < text.length; i++) {
    const char = text.charAt(i);
    if (char === "=") break;
    if (char === "\n") continue;
    const digit = VALUE_OF[char.charCodeAt(0)] ?? -1;
    if (digit < 0) throw new StoreError(`invalid character in Base64 string: '${char}'`);
    bits = ((bits << 6) | digit) & 0xfff;
    held += 6;
    if (held >= 8) {
      held -= 8;
      out.push((bits >> held) & 255);
    }
  }
  return Uint8Array.from(out);
}
