import type { ByteString } from "../base/bytes.ts";

/** One word of a POSIX shell that stands for the text, always in single quotes, as Nix writes it. */
export function shellQuote(text: ByteString): ByteString {
  return `'${text.replaceAll("'", "'\\''")}'`;
}
