/**
 * The policy of an untrusted workspace: files are read only where their *resolved* path lies below an
 * allowed root, there are no environment variables, and the host behind is never even asked about
 * anything else. What is refused does not exist for `pathExists` and is an error for everything else.
 */
import type { ByteString } from "../base/bytes.ts";
import type {
  Answer,
  EvalHost,
  Fetched,
  FetchRequest,
  FileStat,
  FileType,
  LocalGit,
  MessageKind,
  TreeHash,
} from "./host.ts";
import { canonicalPath, parentPath } from "./lib/canonical-path.ts";

const MAX_LINKS = 40;

type Located = { kind: "inside"; path: ByteString } | { kind: "above" } | { kind: "outside" };

export class RestrictedHost implements EvalHost {
  readonly #behind: EvalHost;
  readonly #roots: readonly ByteString[];
  readonly #fetched: ByteString[] = [];

  /** @param roots absolute, canonical, resolved paths of directories or files */
  constructor(behind: EvalHost, roots: readonly ByteString[]) {
    this.#behind = behind;
    this.#roots = roots;
  }

  #root(path: ByteString): ByteString | undefined {
    return [...this.#roots, ...this.#fetched].find(
      (root) => path === root || path.startsWith(`${root}/`),
    );
  }

  /** Where `path` leads when the links in it are followed (its last component not). */
  #locate(path: ByteString): Located {
    let current = canonicalPath(path);
    for (let links = 0; links < MAX_LINKS; links++) {
      const root = this.#root(current);
      if (root === undefined) {
        const above = this.#roots.some((r) => current === "/" || r.startsWith(`${current}/`));
        return { kind: above ? "above" : "outside" };
      }
      const parts = current
        .slice(root.length)
        .split("/")
        .filter((part) => part !== "");
      let done = root;
      let moved = false;
      for (let i = 0; i < parts.length - 1; i++) {
        done = `${done}/${parts[i]}`;
        const stat = this.#behind.stat(done);
        if (stat.ok !== true || stat.value?.type !== "symlink") continue;
        const link = this.#behind.readLink(done);
        if (link.ok !== true) break;
        const target = link.value.startsWith("/")
          ? link.value
          : `${parentPath(done)}/${link.value}`;
        current = canonicalPath([target, ...parts.slice(i + 1)].join("/"));
        moved = true;
        break;
      }
      if (!moved) return { kind: "inside", path: current };
    }
    return { kind: "outside" };
  }

  #refuse<T>(path: ByteString): Answer<T> {
    return {
      ok: false,
      error: {
        code: "refused",
        message: `access to path '${path}' is forbidden: the workspace is not trusted and the path is outside of it`,
      },
    };
  }

  #inside<T>(path: ByteString, read: (path: ByteString) => Answer<T>): Answer<T> {
    const at = this.#locate(path);
    return at.kind === "inside" ? read(at.path) : this.#refuse(path);
  }

  stat(path: ByteString): Answer<FileStat | null> {
    const at = this.#locate(path);
    if (at.kind === "above") return { ok: true, value: { type: "directory", executable: false } };
    return at.kind === "inside" ? this.#behind.stat(at.path) : this.#refuse(path);
  }

  /** Contents behind a final link are read where the link leads, if that is inside. */
  readFile(path: ByteString): Answer<ByteString> {
    return this.#inside(path, (inside) => {
      const stat = this.#behind.stat(inside);
      if (stat.ok === true && stat.value?.type === "symlink") return this.#follow(inside);
      return this.#behind.readFile(inside);
    });
  }

  #follow(path: ByteString): Answer<ByteString> {
    const link = this.#behind.readLink(path);
    if (link.ok !== true) return link;
    const target = link.value.startsWith("/") ? link.value : `${parentPath(path)}/${link.value}`;
    const at = this.#locate(target);
    if (at.kind !== "inside") return this.#refuse(path);
    const stat = this.#behind.stat(at.path);
    if (stat.ok === true && stat.value?.type === "symlink") return this.#refuse(path);
    return this.#behind.readFile(at.path);
  }

  readDirectory(path: ByteString): Answer<Map<ByteString, FileType>> {
    return this.#inside(path, (inside) => {
      const stat = this.#behind.stat(inside);
      if (stat.ok === true && stat.value?.type === "symlink") return this.#refuse(path);
      return this.#behind.readDirectory(inside);
    });
  }

  readLink(path: ByteString): Answer<ByteString> {
    return this.#inside(path, (inside) => this.#behind.readLink(inside));
  }

  /** What has been fetched already may be read; nothing is downloaded. */
  fetch(request: FetchRequest): Answer<Fetched> {
    const answer = this.#behind.fetch(request);
    if (answer.ok !== true) {
      return {
        ok: false,
        error: {
          code: "refused",
          message: `'${request.url}' has not been fetched, and the workspace is not trusted`,
        },
      };
    }
    this.#fetched.push(answer.value.path);
    return answer;
  }

  /** Only of repositories that are whole inside: a `.git` that leads elsewhere is refused. */
  get git(): LocalGit | null {
    const git = this.#behind.git;
    if (git === null) return null;
    const inside = <T>(top: ByteString, read: (top: ByteString) => Answer<T>): Answer<T> => {
      const dot = this.stat(`${top}/.git`);
      if (dot.ok === true && dot.value !== null && dot.value.type !== "directory")
        return this.#refuse(`${top}/.git`);
      return this.#inside(top, read);
    };
    return {
      // That there is one may be known: without it the tree would be another, and its hash wrong.
      topOf: (directory) => git.topOf(directory),
      workTree: (top) => inside(top, (path) => git.workTree(path)),
      commit: (top, point) => inside(top, (path) => git.commit(path, point)),
      revCount: (top, rev) => inside(top, (path) => git.revCount(path, rev)),
    };
  }

  /** What is remembered may be of files that are not to be read. */
  treeHash(_directory: ByteString, hash: () => TreeHash): TreeHash {
    return hash();
  }

  environment(_name: ByteString): ByteString {
    return "";
  }

  currentTime(): number {
    return this.#behind.currentTime();
  }

  message(kind: MessageKind, text: ByteString): void {
    this.#behind.message(kind, text);
  }
}
