/** Where `builtins.fetchClosure` gets paths: a store and binary caches, behind whoever runs the evaluator. */
import type { ByteString } from "../base/bytes.ts";

export interface Closures {
  /**
   * Makes a path readable with all that it refers to; gives whether it follows from its contents, null when
   * it is not there.
   */
  find(path: ByteString): boolean | null;
  /** Copies what is not there. Throws `Interruption` until it has been tried, then `NixError` where it failed. */
  copy(path: ByteString, cache: ByteString): void;
  /** The path under which it has been added by its contents. Throws as `copy`. */
  rewrite(path: ByteString, cache: ByteString): ByteString;
}
