import type { ByteString } from "../base/bytes.ts";

/** Where a command prints; bytes, as everything inside. */
export interface Output {
  stdout(text: ByteString): void;
  stderr(text: ByteString): void;
}
