/** The compressions that binary caches use, as streams. */

import { Readable } from "node:stream";
import * as zlib from "node:zlib";
import { StoreError } from "../store/error.ts";

const SUPPORTED = new Set(["none", "gzip", "br", "zstd", "xz"]);

export function isSupportedCompression(name: string): boolean {
  return SUPPORTED.has(name);
}

/** Each piece is to be used before the next is asked for. Throws `StoreError` for what is not known. */
export function decompress(
  compression: string,
  bytes: AsyncIterable<Uint8Array>,
): AsyncIterable<Uint8Array> {
  switch (compression) {
    case "none":
      return bytes;
    case "gzip":
      return through(bytes, zlib.createGunzip());
    case "br":
      return through(bytes, zlib.createBrotliDecompress());
    case "zstd":
      // Since Node 22.15; three times as fast as the one in JavaScript.
      return "createZstdDecompress" in zlib
        ? through(bytes, (zlib.createZstdDecompress as () => zlib.Gunzip)())
        : zstd(bytes);
    case "xz":
      return xz(bytes);
    default:
      throw new StoreError(`compression '${compression}' is not supported`);
  }
}

function through(bytes: AsyncIterable<Uint8Array>, transform: zlib.Gunzip) {
  const source = Readable.from(bytes);
  source.on("error", (error) => transform.destroy(error));
  transform.on("close", () => source.destroy());
  return source.pipe(transform);
}

async function* zstd(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  const { Decompress } = await import("fzstd");
  const ready: Uint8Array[] = [];
  const state = new Decompress((chunk) => ready.push(chunk));
  for await (const chunk of bytes) {
    // It keeps what it was given.
    state.push(chunk.slice());
    yield* ready.splice(0);
  }
  state.push(new Uint8Array(0), true);
  yield* ready.splice(0);
}

async function* xz(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  const { XzReadableStream } = await import("xz-decompress");
  const source = Readable.toWeb(Readable.from(bytes)) as ReadableStream<Uint8Array>;
  const stream = new XzReadableStream(source) as unknown as AsyncIterable<Uint8Array>;
  yield* stream;
}
