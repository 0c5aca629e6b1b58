/** Base 16, as Nix reads and writes it: lower case out, either case in. */
import { StoreError } from "./error.ts";

const PAIRS: readonly string[] = Array.from({ length: 256 }, (_, i) =>
  i.toString(16).padStart(2, "0"),
);

export function encodeBase16(bytes: Uint8Array): string {
  let out = "";
  for (let i = 0; i < bytes.length; i++) out += PAIRS[bytes[i] as number];
  return out;
}

/** The value of one hexadecimal digit (a char code), or -1. */
export function base16Digit(code: number): number {
  if (code >= 0x30 && code <= 0x39) return code - 0x30;
  const lower = code | 0x20;
  return lower >= 0x61 && lower <= 0x66 ? lower - 0x57 : -1;
}

/** Throws `StoreError` on a character that is no digit and on an odd length. */
export function decodeBase16(text: string): Uint8Array {
  if (text.length % 2 !== 0) throw new StoreError(`Base16 string '${text}' has an odd length`);
  const out = new Uint8Array(text.length / 2);
  for (let i = 0; i < text.length; i++) {
    const digit = base16Digit(text.charCodeAt(i));
    if (digit < 0) throw new StoreError(`invalid character in Base16 string: '${text[i]}'`);
    out[i >> 1] = ((out[i >> 1] as number) << 4) | digit;
  }
  return out;
}
