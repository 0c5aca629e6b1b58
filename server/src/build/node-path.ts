import type { ByteString } from "../base/bytes.ts";

/** A path for Node, which takes text or bytes: one that is not ASCII is given as its bytes. */
export function nodePath(path: ByteString): string | Buffer {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: the range is the bytes of ASCII
  return /^[\x00-\x7f]*$/.test(path) ? path : Buffer.from(path, "latin1");
}
