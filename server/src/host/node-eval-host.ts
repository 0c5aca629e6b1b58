/** The evaluator's window to the world in Node: files read synchronously, the process's environment. */
import * as fs from "node:fs";
import { type ByteString, bytesFromText } from "../base/bytes.ts";
import { nodePath } from "../build/node-path.ts";
import type {
  Answer,
  EvalHost,
  Fetched,
  FetchRequest,
  FileStat,
  FileType,
  HostError,
  MessageKind,
  TreeHash,
} from "../eval/host.ts";
import { cacheDirectory } from "./cache-directory.ts";
import { NodeGit } from "./node-git.ts";
import { SourceCache } from "./source-cache.ts";
import { TreeHashes } from "./tree-hashes.ts";

const WORDS: Record<string, [HostError["code"], string]> = {
  ENOENT: ["missing", "No such file or directory"],
  ENOTDIR: ["not-a-directory", "Not a directory"],
  EISDIR: ["is-a-directory", "Is a directory"],
  EACCES: ["other", "Permission denied"],
  EPERM: ["other", "Operation not permitted"],
  ELOOP: ["loop", "Too many levels of symbolic links"],
  ENAMETOOLONG: ["other", "File name too long"],
  EINVAL: ["other", "Invalid argument"],
};

/** A path through a file is as missing as any other. */
const MISSING: ReadonlySet<HostError["code"]> = new Set(["missing", "not-a-directory"]);

function failure(error: unknown): { ok: false; error: HostError } {
  const code = (error as NodeJS.ErrnoException).code ?? "";
  const known = WORDS[code];
  if (known !== undefined) return { ok: false, error: { code: known[0], message: known[1] } };
  return { ok: false, error: { code: "other", message: bytesFromText(String(error)) } };
}

function answer<T>(read: () => T): Answer<T> {
  try {
    return { ok: true, value: read() };
  } catch (error) {
    return failure(error);
  }
}

function typeOf(entry: fs.Dirent<Buffer> | fs.Dirent | fs.Stats): FileType {
  if (entry.isFile()) return "regular";
  if (entry.isDirectory()) return "directory";
  return entry.isSymbolicLink() ? "symlink" : "unknown";
}

export interface NodeHostOptions {
  /** Variables that the program may see. */
  environment: Readonly<Record<string, string | undefined>>;
  /** Whether what is not here is `pending`, or an error: a download that nobody has asked for. */
  mayFetch?: boolean;
  onMessage: (kind: MessageKind, text: ByteString) => void;
}

export class NodeEvalHost implements EvalHost {
  readonly #options: NodeHostOptions;
  readonly #sources: SourceCache;
  readonly #trees: TreeHashes;
  readonly git: NodeGit;

  constructor(options: NodeHostOptions) {
    this.#options = options;
    const cache = cacheDirectory(process.env);
    this.git = new NodeGit(cache);
    this.#sources = new SourceCache(cache);
    this.#trees = new TreeHashes(cache);
  }

  stat(path: ByteString): Answer<FileStat | null> {
    const found = answer((): FileStat | null => {
      const stat = fs.lstatSync(nodePath(path), { throwIfNoEntry: false });
      if (stat === undefined) return null;
      return {
        type: typeOf(stat),
        executable: (stat.mode & 0o100) !== 0,
        modified: Math.floor(stat.mtimeMs / 1000),
      };
    });
    const absent = found.ok === false && MISSING.has(found.error.code);
    return absent ? { ok: true, value: null } : found;
  }

  readFile(path: ByteString): Answer<ByteString> {
    return answer(() => fs.readFileSync(nodePath(path), "latin1"));
  }

  readDirectory(path: ByteString): Answer<Map<ByteString, FileType>> {
    return answer(() => {
      const entries = fs.readdirSync(nodePath(path), { withFileTypes: true, encoding: "buffer" });
      return new Map(entries.map((entry) => [entry.name.toString("latin1"), typeOf(entry)]));
    });
  }

  readLink(path: ByteString): Answer<ByteString> {
    return answer(() => fs.readlinkSync(nodePath(path), "buffer").toString("latin1"));
  }

  fetch(request: FetchRequest): Answer<Fetched> {
    if (this.#options.mayFetch === true) return this.#sources.answer(request);
    const value = this.#sources.find(request);
    if (value !== null) return { ok: true, value };
    const message = `'${request.url}' has not been fetched`;
    return { ok: false, error: { code: "not-fetched", message } };
  }

  treeHash(directory: ByteString, hash: () => TreeHash): TreeHash {
    return this.#trees.of(Buffer.from(directory, "latin1"), hash);
  }

  environment(name: ByteString): ByteString {
    return bytesFromText(this.#options.environment[name] ?? "");
  }

  currentTime(): number {
    return Math.floor(Date.now() / 1000);
  }

  message(kind: MessageKind, text: ByteString): void {
    this.#options.onMessage(kind, text);
  }
}
