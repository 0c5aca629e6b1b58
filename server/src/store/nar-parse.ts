/** Reading NAR archives, fed piece by piece; the other direction of `nar.ts`. */
import { type ByteString, bytesFromUint8Array } from "../base/bytes.ts";
import { StoreError } from "./error.ts";
import { NAR_MAGIC } from "./nar.ts";

/**
 * What is in the archive, in its order. Paths are relative to the root, which is `""`. The entries of a
 * directory come between `directory` and `endDirectory`.
 */
export interface NarEvents {
  directory(path: ByteString): void;
  endDirectory(path: ByteString): void;
  /** `size` in bytes; then comes `contents` until that many were given, then `endFile`. */
  file(path: ByteString, executable: boolean, size: number): void;
  contents(chunk: Uint8Array): void;
  endFile(path: ByteString): void;
  symlink(path: ByteString, target: ByteString): void;
}

/** Takes the bytes of one archive. Both methods throw `StoreError` when it is bad. */
export interface NarParser {
  push(chunk: Uint8Array): void;
  /** To be called after the last piece: throws when the archive is not complete. */
  end(): void;
}

/** Bounds of the format itself, so that a bad archive can't make us hold much or recurse deep. */
const MAX_TAG = 32;
const MAX_NAME = 255;
const MAX_TARGET = 4095;
const MAX_DEPTH = 64;

const bad = (message: string) => new StoreError(`bad archive: ${message}`);

/** How much the parser wants next: so many bytes at once, or any part of them. */
interface Want {
  readonly bytes: number;
  readonly partly: boolean;
}

type Step<Result> = Generator<Want, Result, Uint8Array>;

function* exactly(bytes: number): Step<Uint8Array> {
  return bytes === 0 ? new Uint8Array(0) : yield { bytes, partly: false };
}

function* number(): Step<number> {
  const bytes = yield* exactly(8);
  let value = 0;
  for (let i = 7; i >= 0; i--) value = value * 256 + (bytes[i] as number);
  if (!Number.isSafeInteger(value)) throw bad("number is too large");
  return value;
}

function* padding(length: number): Step<void> {
  const zeros = yield* exactly((8 - (length % 8)) % 8);
  if (zeros.some((byte) => byte !== 0)) throw bad("non-zero padding");
}

function* text(max: number): Step<ByteString> {
  const length = yield* number();
  if (length > max) throw bad("string is too long");
  const bytes = yield* exactly(length);
  yield* padding(length);
  return bytesFromUint8Array(bytes);
}

function* expect(tag: string): Step<void> {
  const found = yield* text(MAX_TAG);
  if (found !== tag) throw bad(`expected tag '${tag}', got '${found}'`);
}

function* archive(events: NarEvents): Step<void> {
  let magic = "";
  try {
    magic = yield* text(NAR_MAGIC.length);
  } catch (error) {
    if (!(error instanceof StoreError)) throw error;
  }
  if (magic !== NAR_MAGIC) throw bad("input doesn't look like a Nix archive");
  yield* node(events, "", 0);
}

function* node(events: NarEvents, path: ByteString, depth: number): Step<void> {
  if (depth >= MAX_DEPTH) throw bad(`NAR directory nesting exceeds maximum depth of ${MAX_DEPTH}`);
  yield* expect("(");
  yield* expect("type");
  const type = yield* text(MAX_TAG);
  switch (type) {
    case "regular":
      return yield* file(events, path);
    case "directory":
      return yield* directory(events, path, depth);
    case "symlink": {
      yield* expect("target");
      const target = yield* text(MAX_TARGET);
      if (target === "" || target.includes("\0")) {
        throw bad("NAR contains invalid symlink target");
      }
      events.symlink(path, target);
      return yield* expect(")");
    }
    default:
      throw bad(`unknown file type '${type}'`);
  }
}

function* file(events: NarEvents, path: ByteString): Step<void> {
  let tag = yield* text(MAX_TAG);
  const executable = tag === "executable";
  if (executable) {
    if ((yield* text(MAX_TAG)) !== "") throw bad("executable marker has non-empty value");
    tag = yield* text(MAX_TAG);
  }
  if (tag !== "contents") throw bad(`expected tag 'contents', got '${tag}'`);
  const size = yield* number();
  events.file(path, executable, size);
  for (let left = size; left > 0; ) {
    const chunk = yield { bytes: left, partly: true };
    events.contents(chunk);
    left -= chunk.length;
  }
  yield* padding(size);
  events.endFile(path);
  yield* expect(")");
}

function* directory(events: NarEvents, path: ByteString, depth: number): Step<void> {
  events.directory(path);
  let previous = "";
  for (;;) {
    const tag = yield* text(MAX_TAG);
    if (tag === ")") break;
    if (tag !== "entry") throw bad(`expected tag 'entry' or ')', got '${tag}'`);
    yield* expect("(");
    yield* expect("name");
    const name = yield* text(MAX_NAME);
    if (name === "" || name === "." || name === ".." || /[/\0]/.test(name)) {
      throw bad(`NAR contains invalid file name '${name}'`);
    }
    if (name <= previous) throw bad("NAR directory is not sorted");
    previous = name;
    yield* expect("node");
    yield* node(events, path === "" ? name : `${path}/${name}`, depth + 1);
    yield* expect(")");
  }
  events.endDirectory(path);
}

/** A parser that tells what it reads to `events`. Bytes after the archive are refused. */
export function createNarParser(events: NarEvents): NarParser {
  const steps = archive(events);
  let wanted = steps.next();
  /** What came of a string that is not complete yet. */
  let held = new Uint8Array(0);
  return {
    push(chunk) {
      let rest = chunk;
      while (rest.length > 0) {
        if (wanted.done) throw bad("data after the end of the archive");
        const { bytes, partly } = wanted.value;
        const missing = bytes - held.length;
        const taken = rest.subarray(0, missing);
        rest = rest.subarray(taken.length);
        if (!partly && taken.length < missing) {
          held = join(held, taken);
          return;
        }
        const whole = held.length === 0 ? taken : join(held, taken);
        held = new Uint8Array(0);
        wanted = steps.next(whole);
      }
    },
    end() {
      if (!wanted.done) throw bad("unexpected end of the archive");
    },
  };
}

function join(a: Uint8Array, b: Uint8Array): Uint8Array<ArrayBuffer> {
  const out = new Uint8Array(a.length + b.length);
  out.set(a);
  out.set(b, a.length);
  return out;
}
