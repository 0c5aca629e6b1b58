/** The world as if every open document were saved: documents first, then the host behind. */
import type { ByteString } from "../base/bytes.ts";
import type {
  Answer,
  EvalHost,
  Fetched,
  FetchRequest,
  FileStat,
  FileType,
  GitWorkTree,
  LocalGit,
  MessageKind,
  TreeHash,
} from "./host.ts";
import { parentPath, pathBaseName } from "./lib/canonical-path.ts";

const MISSING = {
  ok: false,
  error: { code: "missing", message: "No such file or directory" },
} as const;

export class OverlayHost implements EvalHost {
  readonly #behind: EvalHost;
  readonly #documents = new Map<ByteString, ByteString>();
  /** Files of another time that stand in front of everything; null: there was no such file. */
  #past: ReadonlyMap<ByteString, ByteString | null> = new Map();

  readonly #shown: (text: ByteString) => ByteString;

  /** @param shown what is written of a message */
  constructor(behind: EvalHost, shown = (text: ByteString) => text) {
    this.#behind = behind;
    this.#shown = shown;
  }

  /** Sets what an open document says; null when it is closed. */
  setDocument(path: ByteString, contents: ByteString | null): void {
    if (contents === null) this.#documents.delete(path);
    else this.#documents.set(path, contents);
  }

  /** Puts files as they were at another time in front of documents and disk; an empty map takes them away. */
  setPast(files: ReadonlyMap<ByteString, ByteString | null>): void {
    this.#past = files;
  }

  #contents(path: ByteString): ByteString | null | undefined {
    const past = this.#past.get(path);
    return past === undefined ? this.#documents.get(path) : past;
  }

  stat(path: ByteString): Answer<FileStat | null> {
    const contents = this.#contents(path);
    if (contents === null) return { ok: true, value: null };
    const behind = this.#behind.stat(path);
    if (contents === undefined) return behind;
    if (behind.ok === true && behind.value !== null) return behind;
    return { ok: true, value: { type: "regular", executable: false } };
  }

  readFile(path: ByteString): Answer<ByteString> {
    const contents = this.#contents(path);
    if (contents === null) return MISSING;
    return contents === undefined ? this.#behind.readFile(path) : { ok: true, value: contents };
  }

  readDirectory(path: ByteString): Answer<Map<ByteString, FileType>> {
    const behind = this.#behind.readDirectory(path);
    if (behind.ok !== true) return behind;
    for (const document of [...this.#documents.keys(), ...this.#past.keys()]) {
      if (parentPath(document) !== path) continue;
      const name = pathBaseName(document);
      if (this.#contents(document) === null) behind.value.delete(name);
      else if (!behind.value.has(name)) behind.value.set(name, "regular");
    }
    return behind;
  }

  readLink(path: ByteString): Answer<ByteString> {
    return this.#behind.readLink(path);
  }

  fetch(request: FetchRequest): Answer<Fetched> {
    return this.#behind.fetch(request);
  }

  /** A tracked document that is not as its file makes the work tree dirty. */
  get git(): LocalGit | null {
    const git = this.#behind.git;
    if (git === null) return null;
    return {
      topOf: (directory) => git.topOf(directory),
      workTree: (top) => {
        const behind = git.workTree(top);
        if (behind.ok !== true || behind.value === null) return behind;
        return { ok: true, value: this.#edited(top, behind.value) };
      },
      commit: (repository, point) => git.commit(repository, point),
      revCount: (repository, rev) => git.revCount(repository, rev),
    };
  }

  #edited(top: ByteString, tree: GitWorkTree): GitWorkTree {
    const edited = tree.files.some((file) => this.#isEdited(`${top}/${file}`));
    return edited ? { ...tree, dirty: true } : tree;
  }

  /** An edit that was undone is none. */
  #isEdited(path: ByteString): boolean {
    const contents = this.#documents.get(path);
    if (contents === undefined) return false;
    const file = this.#behind.readFile(path);
    return file.ok !== true || file.value !== contents;
  }

  treeHash(directory: ByteString, hash: () => TreeHash): TreeHash {
    const inside = [...this.#documents.keys(), ...this.#past.keys()].some((path) =>
      path.startsWith(`${directory}/`),
    );
    return inside ? hash() : this.#behind.treeHash(directory, hash);
  }

  environment(name: ByteString): ByteString {
    return this.#behind.environment(name);
  }

  currentTime(): number {
    return this.#behind.currentTime();
  }

  message(kind: MessageKind, text: ByteString): void {
    this.#behind.message(kind, this.#shown(text));
  }
}
