/**
 * The evaluator's only window to the world. An implementation answers at once: with a value, with an
 * error, or with `pending`, which unwinds the evaluation until the key has been fulfilled; the root is
 * then evaluated again and the memos make that cheap. All paths are absolute, canonical POSIX byte strings.
 */
import type { ByteString } from "../base/bytes.ts";

export type Answer<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly error: HostError }
  | { readonly ok: "pending"; readonly key: string };

export interface HostError {
  /** `missing`: no such file. `refused`: the policy forbids it. `other`: anything else. */
  code: "missing" | "not-a-directory" | "is-a-directory" | "refused" | "loop" | "other";
  /** The system's or the policy's words, e.g. "No such file or directory". */
  message: ByteString;
}

export type FileType = "regular" | "directory" | "symlink" | "unknown";

export interface FileStat {
  type: FileType;
  /** The owner's x bit of a regular file. */
  executable: boolean;
}

/** Each method names the builtins that need it. A null value means: there is no such file. */
export interface EvalHost {
  /** Does not follow a final symlink. pathExists, readFileType, path copies. */
  stat(path: ByteString): Answer<FileStat | null>;
  /** readFile, import, hashFile, path copies. */
  readFile(path: ByteString): Answer<ByteString>;
  /** readDir, path copies: names in no particular order. */
  readDirectory(path: ByteString): Answer<Map<ByteString, FileType>>;
  /** import, path copies. */
  readLink(path: ByteString): Answer<ByteString>;
  /** getEnv, `~/`, NIX_PATH: the empty string when the variable is not set. */
  environment(name: ByteString): ByteString;
  /** currentTime: seconds since 1970. */
  currentTime(): number;
  /** trace, warn: one message, without the "trace: " in front. */
  message(kind: "trace" | "warning", text: ByteString): void;
}
