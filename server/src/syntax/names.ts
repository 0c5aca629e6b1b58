/**
 * Interned identifiers.
 *
 * The lexer hashes an identifier while it scans it and finds its one string here, so that a name
 * that was seen before costs no allocation and equal names are the same string. The table is shared
 * by all parses; it is emptied when it grows past any sensible number of names.
 */
import type { ByteString } from "../base/bytes.ts";
import { KEYWORDS } from "./tokens.ts";

const LIMIT = 1 << 18;
/** Longer slices of a string keep that string alive in V8; a copy does not. */
const SLICE_COPIES = 12;

let names: ByteString[] = [];
let hashes = new Int32Array(1 << 13);
/** Open addressing: index of the name plus 1, or 0. Its length is a power of two. */
let slots = new Int32Array(1 << 14);

function reset(): void {
  names = [];
  hashes = new Int32Array(1 << 13);
  slots = new Int32Array(1 << 14);
  for (const word of KEYWORDS) internName(word, 0, word.length, hashOf(word));
}

/** One step of the hash that `internName` expects over the bytes of the name, from 0. */
export function hashStep(hash: number, byte: number): number {
  return (Math.imul(hash, 31) + byte) | 0;
}

function hashOf(name: string): number {
  let hash = 0;
  for (let i = 0; i < name.length; i++) hash = hashStep(hash, name.charCodeAt(i));
  return hash;
}

/** The number of the name `source[start, end)`; keywords have the numbers of `KEYWORDS`. */
export function internName(source: ByteString, start: number, end: number, hash: number): number {
  const mask = slots.length - 1;
  const length = end - start;
  let slot = (hash ^ (hash >>> 15)) & mask;
  for (;;) {
    const entry = slots[slot]!;
    if (entry === 0) break;
    const index = entry - 1;
    if (hashes[index] === hash) {
      const name = names[index]!;
      if (name.length === length) {
        let i = 0;
        while (i < length && name.charCodeAt(i) === source.charCodeAt(start + i)) i++;
        if (i === length) return index;
      }
    }
    slot = (slot + 1) & mask;
  }
  if (names.length >= LIMIT) {
    reset();
    return internName(source, start, end, hash);
  }
  const index = names.length;
  names.push(copy(source, start, end));
  if (index >= hashes.length) hashes = grown(hashes);
  hashes[index] = hash;
  slots[slot] = index + 1;
  if (names.length * 2 > slots.length) rehash();
  return index;
}

/** The string of a number that `internName` gave. */
export function nameOf(index: number): ByteString {
  return names[index]!;
}

function copy(source: ByteString, start: number, end: number): ByteString {
  if (end - start <= SLICE_COPIES) return source.slice(start, end);
  let text = "";
  for (let i = start; i < end; i += SLICE_COPIES) {
    text += source.slice(i, Math.min(end, i + SLICE_COPIES));
  }
  return text;
}

function grown(array: Int32Array): Int32Array<ArrayBuffer> {
  const bigger = new Int32Array(array.length * 2);
  bigger.set(array);
  return bigger;
}

function rehash(): void {
  const bigger = new Int32Array(slots.length * 2);
  const mask = bigger.length - 1;
  for (let index = 0; index < names.length; index++) {
    const hash = hashes[index]!;
    let slot = (hash ^ (hash >>> 15)) & mask;
    while (bigger[slot] !== 0) slot = (slot + 1) & mask;
    bigger[slot] = index + 1;
  }
  slots = bigger;
}

reset();
