/** An evaluation world made of a few files in memory, for tests. */
import type { ByteString } from "../base/bytes.ts";
import { Evaluator } from "../eval/evaluator.ts";
import type {
  Answer,
  EvalHost,
  Fetched,
  FetchRequest,
  FileStat,
  FileType,
  MessageKind,
  TreeHash,
} from "../eval/host.ts";
import { DEFAULT_CALL_DEPTH, type EvalSettings } from "../eval/settings.ts";
import { DEFAULT_NIX_VERSION } from "../eval/versions.ts";
import { nodeHasher } from "../host/node-hash.ts";
import { MemoryStore } from "../store/memory-store.ts";

/** A file's contents, or where a symbolic link leads. */
export type MemoryFile = ByteString | { link: ByteString };

const missing = {
  ok: false,
  error: { code: "missing", message: "No such file or directory" },
} as const;

export class MemoryHost implements EvalHost {
  readonly files: Map<ByteString, MemoryFile>;
  readonly variables = new Map<ByteString, ByteString>();
  readonly messages: string[] = [];
  readonly git = null;
  readonly fetched = new Map<ByteString, Fetched>();

  constructor(files: Readonly<Record<ByteString, MemoryFile>> = {}) {
    this.files = new Map(Object.entries(files));
  }

  stat(path: ByteString): Answer<FileStat | null> {
    const file = this.files.get(path);
    if (file !== undefined) {
      const type = typeof file === "string" ? "regular" : "symlink";
      return { ok: true, value: { type, executable: false } };
    }
    const below = path === "/" ? "/" : `${path}/`;
    const directory = [...this.files.keys()].some((each) => each.startsWith(below));
    return { ok: true, value: directory ? { type: "directory", executable: false } : null };
  }

  readFile(path: ByteString): Answer<ByteString> {
    const file = this.files.get(path);
    return typeof file === "string" ? { ok: true, value: file } : missing;
  }

  readDirectory(path: ByteString): Answer<Map<ByteString, FileType>> {
    const entries = new Map<ByteString, FileType>();
    const below = `${path}/`;
    for (const [each, file] of this.files) {
      if (!each.startsWith(below)) continue;
      const [name, ...rest] = each.slice(below.length).split("/") as [string, ...string[]];
      const own = typeof file === "string" ? "regular" : "symlink";
      entries.set(name, rest.length > 0 ? "directory" : own);
    }
    return entries.size === 0 ? missing : { ok: true, value: entries };
  }

  readLink(path: ByteString): Answer<ByteString> {
    const file = this.files.get(path);
    return typeof file === "object" ? { ok: true, value: file.link } : missing;
  }

  fetch({ url }: FetchRequest): Answer<Fetched> {
    const value = this.fetched.get(url);
    if (value !== undefined) return { ok: true, value };
    const message = `'${url}' has not been fetched`;
    return { ok: false, error: { code: "not-fetched", message } };
  }

  treeHash(_directory: ByteString, hash: () => TreeHash): TreeHash {
    return hash();
  }

  environment(name: ByteString): ByteString {
    return this.variables.get(name) ?? "";
  }

  currentTime(): number {
    return 0;
  }

  message(kind: MessageKind, text: ByteString): void {
    this.messages.push(`${kind}: ${text}`);
  }
}

export const TEST_SETTINGS: EvalSettings = {
  system: "x86_64-linux",
  nixVersion: DEFAULT_NIX_VERSION,
  maxCallDepth: DEFAULT_CALL_DEPTH,
  pureEval: false,
  restrictEval: false,
  searchPath: [],
  directory: "/",
  homeDirectory: "/home/me",
  features: new Set(["pipe-operators"]),
  lints: {},
  traceVerbose: false,
  abortOnWarn: false,
  showTrace: false,
};

export function memoryStore(): MemoryStore {
  return new MemoryStore({ storeDir: "/nix/store", hasher: nodeHasher });
}

export function memoryEvaluator(
  host: EvalHost = new MemoryHost(),
  settings: Partial<EvalSettings> = {},
): Evaluator {
  return new Evaluator(host, memoryStore(), { ...TEST_SETTINGS, ...settings });
}
