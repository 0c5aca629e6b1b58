/**
 * Byte strings: the one place where bytes, UTF-8 text and JavaScript strings meet.
 *
 * A Nix string is a sequence of bytes. Inside the pure layers it is a JavaScript string whose every
 * char code is one byte (0..255), a "byte string"; V8 stores it in one byte per character. It is
 * converted only at the edges (files, editor text, terminals). `TextDecoder("latin1")` is
 * windows-1252 and `Buffer` is Node's, so neither is used here.
 */

/** A JavaScript string in which every char code is one byte (0..255). */
export type ByteString = string;

const CHUNK = 8192;

/** The byte string with the same bytes as `data`. */
export function bytesFromUint8Array(data: Uint8Array): ByteString {
  if (data.length <= CHUNK) return String.fromCharCode.apply(null, data as unknown as number[]);
  const parts: string[] = [];
  for (let i = 0; i < data.length; i += CHUNK) {
    parts.push(String.fromCharCode.apply(null, data.subarray(i, i + CHUNK) as unknown as number[]));
  }
  return parts.join("");
}

/** The bytes of a byte string. */
export function bytesToUint8Array(bytes: ByteString): Uint8Array {
  const out = new Uint8Array(bytes.length);
  for (let i = 0; i < bytes.length; i++) out[i] = bytes.charCodeAt(i);
  return out;
}

/** Encodes JavaScript text (UTF-16) as UTF-8. A lone surrogate becomes U+FFFD, as in TextEncoder. */
export function bytesFromText(text: string): ByteString {
  let ascii = true;
  for (let i = 0; i < text.length; i++) {
    if (text.charCodeAt(i) > 0x7f) {
      ascii = false;
      break;
    }
  }
  if (ascii) return text;
  // Through an array of bytes: pieces of a text that is not ASCII would keep two bytes a character.
  const out = new Uint8Array(text.length * 3);
  let at = 0;
  for (let i = 0; i < text.length; i++) {
    let c = text.charCodeAt(i);
    if (c >= 0xd800 && c <= 0xdfff) {
      const pair = text.codePointAt(i) as number;
      c = pair > 0xffff ? pair : 0xfffd;
      if (pair > 0xffff) i += 1;
    }
    if (c < 0x80) out[at++] = c;
    else {
      if (c < 0x800) out[at++] = 0xc0 | (c >> 6);
      else {
        if (c < 0x10000) out[at++] = 0xe0 | (c >> 12);
        else {
          out[at++] = 0xf0 | (c >> 18);
          out[at++] = 0x80 | ((c >> 12) & 63);
        }
        out[at++] = 0x80 | ((c >> 6) & 63);
      }
      out[at++] = 0x80 | (c & 63);
    }
  }
  return bytesFromUint8Array(out.subarray(0, at));
}

/** The length of the valid UTF-8 sequence that starts at `at`, or 0 when there is none. */
export function utf8SequenceLength(bytes: ByteString, at: number): number {
  const a = bytes.charCodeAt(at);
  if (a < 0x80) return 1;
  const cont = (i: number) => (bytes.charCodeAt(at + i) & 0xc0) === 0x80;
  if (a >= 0xc2 && a <= 0xdf) return cont(1) ? 2 : 0;
  const b = bytes.charCodeAt(at + 1);
  if (a >= 0xe0 && a <= 0xef) {
    if (!cont(1) || !cont(2)) return 0;
    if (a === 0xe0 && b < 0xa0) return 0;
    if (a === 0xed && b > 0x9f) return 0;
    return 3;
  }
  if (a >= 0xf0 && a <= 0xf4) {
    if (!cont(1) || !cont(2) || !cont(3)) return 0;
    if (a === 0xf0 && b < 0x90) return 0;
    if (a === 0xf4 && b > 0x8f) return 0;
    return 4;
  }
  return 0;
}

/** True when the bytes are well-formed UTF-8. */
export function isUtf8(bytes: ByteString): boolean {
  for (let i = 0; i < bytes.length; ) {
    const n = utf8SequenceLength(bytes, i);
    if (n === 0) return false;
    i += n;
  }
  return true;
}

/** Decodes UTF-8 to JavaScript text; a byte that is not part of a valid sequence becomes U+FFFD. */
export function bytesToText(bytes: ByteString): string {
  let ascii = true;
  for (let i = 0; i < bytes.length; i++) {
    if (bytes.charCodeAt(i) > 0x7f) {
      ascii = false;
      break;
    }
  }
  if (ascii) return bytes;
  let out = "";
  for (let i = 0; i < bytes.length; ) {
    const n = utf8SequenceLength(bytes, i);
    const a = bytes.charCodeAt(i);
    if (n === 0) {
      out += "\ufffd";
      i += 1;
      continue;
    }
    const c = (k: number) => bytes.charCodeAt(i + k) & 63;
    if (n === 1) out += String.fromCharCode(a);
    else if (n === 2) out += String.fromCharCode(((a & 31) << 6) | c(1));
    else if (n === 3) out += String.fromCharCode(((a & 15) << 12) | (c(1) << 6) | c(2));
    else out += String.fromCodePoint(((a & 7) << 18) | (c(1) << 12) | (c(2) << 6) | c(3));
    i += n;
  }
  return out;
}

/** `«text»` as bytes: how Nix marks what is not source text in its messages. */
export function guillemets(text: ByteString): ByteString {
  return `\xc2\xab${text}\xc2\xbb`;
}
