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
  /** `missing`: no such file. `refused`: the policy forbids it. `not-fetched`: it
   *  is not here, and downloads wait for the user. `other`: anything else. */
  code:
    | "missing"
    | "not-a-directory"
    | "is-a-directory"
    | "refused"
    | "not-fetched"
    | "loop"
    | "other";
  /** The system's or the policy's words, e.g. "No such file or directory". */
  message: ByteString;
}

/** What stands in front of a message: of `trace`; of Nix itself; of `warn`. */
export type MessageKind = "trace" | "warning" | "evaluation warning";

export type FileType = "regular" | "directory" | "symlink" | "unknown";

export interface FileStat {
  type: FileType;
  /** The owner's x bit of a regular file. */
  executable: boolean;
  /** When its contents last changed, in whole seconds since 1970; left out where there is no such thing. */
  modified?: number;
}

/** What git knows of the files below a directory. */
export interface GitWorkTree {
  /** Tracked files that are there, relative to the top directory. */
  readonly files: readonly ByteString[];
  /** The commit that is checked out, null before the first one. */
  readonly head: ByteString | null;
  /** Of the checked out branch: `refs/heads/main`; null when there is none. */
  readonly ref: ByteString | null;
  /** When `head` was made, in seconds since 1970; 0 without one. */
  readonly lastModified: number;
  /** Whether a tracked file is not as in `head`. */
  readonly dirty: boolean;
  /** Whether contents in the work tree differ from those in commits without being changed (line ends, filters). */
  readonly converted: boolean;
  /** Whether history is cut off. */
  readonly shallow: boolean;
  /** Directories that belong to other repositories. */
  readonly submodules: readonly ByteString[];
}

/** The files of one commit. */
export interface GitCommit {
  readonly rev: ByteString;
  readonly lastModified: number;
  /** A directory that holds the files, as git stores them. */
  readonly directory: ByteString;
}

/** Repositories on this machine, read without running any program. */
export interface LocalGit {
  /** The top of the repository that a directory is in; null when it is in none. */
  topOf(directory: ByteString): ByteString | null;
  /** The work tree whose top is this directory; null when it is none. */
  workTree(top: ByteString): Answer<GitWorkTree | null>;
  /** @param point a commit, a branch or a tag; null: what is checked out */
  commit(repository: ByteString, point: ByteString | null): Answer<GitCommit>;
  /** How many commits lead to this one, itself included. */
  revCount(repository: ByteString, rev: ByteString): Answer<number>;
}

/** Something that has to be downloaded. */
export interface FetchRequest {
  /** `file`: as it is; `tarball`: unpacked, without its one top directory. */
  readonly kind: "file" | "tarball";
  readonly url: ByteString;
  /** SHA-256 of the file, or of the tree's NAR; null when it is not known before. */
  readonly expected: Uint8Array | null;
}

/** What was downloaded, checked and kept. */
export interface Fetched {
  /** A file or a directory on disk. */
  readonly path: ByteString;
  /** As `FetchRequest.expected`. */
  readonly sha256: Uint8Array;
  /** The newest date in an archive, in seconds since 1970; null when it is not known any more. */
  readonly lastModified: number | null;
}

/** What all that is in a directory comes to. */
export interface TreeHash {
  /** Of its NAR, in base 16. */
  readonly sha256: string;
  /** The newest time of a file in it, in whole seconds since 1970. */
  readonly lastModified: number;
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
  /** fetchurl, fetchTarball, fetchTree, flakes. */
  fetch(request: FetchRequest): Answer<Fetched>;
  /** fetchGit, fetchTree, flakes; null where there is no reading of repositories. */
  readonly git: LocalGit | null;
  /** flakes: what `hash` gives for a directory, or gave while all in it was as it is. */
  treeHash(directory: ByteString, hash: () => TreeHash): TreeHash;
  /** getEnv, `~/`, NIX_PATH: the empty string when the variable is not set. */
  environment(name: ByteString): ByteString;
  /** currentTime: seconds since 1970. */
  currentTime(): number;
  /** One message, without the "trace: " in front. */
  message(kind: MessageKind, text: ByteString): void;
}
