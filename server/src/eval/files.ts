/** Files as the language sees them: `EvalHost` answers turned into values, Nix errors or interruptions. */
import type { ByteString } from "../base/bytes.ts";
import { StoreError } from "../store/error.ts";
import type { NarSource } from "../store/nar.ts";
import type { Store } from "../store/store.ts";
import { type StorePlace, StoreView } from "../store/store-view.ts";
import { Interruption, NixError } from "./errors.ts";
import type { Answer, EvalHost, FileStat, FileType, HostError } from "./host.ts";
import { parentPath, pathBaseName } from "./lib/canonical-path.ts";

/** Symbolic links followed in one look-up before it counts as a loop, as in the kernel. */
const MAX_LINKS = 40;

/** Pure and restricted evaluation: which paths may be read, and the end of the message about others. */
export interface AccessRule {
  /** Absolute paths; they and what is below them may be read. */
  roots: readonly ByteString[];
  /** The same, and what is on the way to them: of the search path. */
  reached: readonly ByteString[];
  /** "in restricted mode" */
  where: ByteString;
}

export class Files {
  readonly host: EvalHost;
  readonly #view: StoreView;
  /** Paths read as data, not as programs: their contents went into values by another way than `import`. */
  readonly #data = new Set<ByteString>();
  /** What was said of paths, and what directories held, for telling whether that is another now. */
  readonly #stats = new Map<ByteString, string>();
  readonly #listings = new Map<ByteString, string>();
  /** Directory to where its links lead. */
  readonly #directories = new Map<ByteString, ByteString>();

  readonly #warned = new Set<ByteString>();
  /** Told of every path that is read as data. */
  onData: ((path: ByteString) => void) | null = null;

  /** What pure and restricted evaluation may read (null: everything), and what may be read now. */
  readonly #rule: AccessRule | null;
  #access: AccessRule | null;
  /** Store paths that may be read besides. */
  readonly #allowedPaths = new Set<ByteString>();

  constructor(host: EvalHost, store: Store, access: AccessRule | null = null) {
    this.host = host;
    this.#view = new StoreView(store);
    this.#rule = access;
    this.#access = access;
  }

  /** A warning that is given once, however often its reason is met. */
  warnOnce(text: ByteString): void {
    if (this.#warned.has(text)) return;
    this.#warned.add(text);
    this.host.message("warning", text);
  }

  /** Where the bytes of a path are. Throws when the evaluation may not read it. */
  #locate(path: ByteString): StorePlace {
    return this.#view.locate(path) ?? { kind: "at", path: this.#allowed(path) };
  }

  /** The store path that a path is in, and the rest; null outside of the store. */
  inStore(path: ByteString): { storePath: ByteString; below: ByteString } | null {
    return this.#view.split(path);
  }

  /** The path on disk of a path that may be in the store; itself when that is not known. */
  physical(path: ByteString): ByteString {
    const place = this.#view.locate(path);
    return place?.kind === "at" ? place.path : path;
  }

  /** A store path that came from a locked input may be read, however pure the evaluation is. */
  allow(storePath: ByteString): void {
    this.#allowedPaths.add(storePath);
  }

  /**
   * A store path that was built, or a tree that is edited, is read where it is on disk.
   *
   * @param included which files belong to it; undefined: all
   */
  place(
    storePath: ByteString,
    physical: ByteString,
    included?: ReadonlySet<ByteString> | undefined,
  ): void {
    this.#view.place(storePath, physical, included);
  }

  /** Reads for the evaluation itself (an input that is a directory), not for the program. */
  unrestricted<T>(read: () => T): T {
    return this.#with(null, read);
  }

  /** In the middle of that, reads for the program. */
  restricted<T>(read: () => T): T {
    return this.#with(this.#rule, read);
  }

  #with<T>(rule: AccessRule | null, read: () => T): T {
    const access = this.#access;
    this.#access = rule;
    try {
      return read();
    } finally {
      this.#access = access;
    }
  }

  /** The path itself; throws when the evaluation may not read it. */
  #allowed(path: ByteString): ByteString {
    const access = this.#access;
    if (access === null) return path;
    const below = path === "/" ? "/" : `${path}/`;
    const inStore = this.inStore(path);
    if (inStore !== null && this.#allowedPaths.has(inStore.storePath)) return path;
    const within = (root: ByteString) => path === root || path.startsWith(`${root}/`);
    const allowed =
      access.roots.some(within) ||
      access.reached.some((root) => within(root) || root.startsWith(below));
    if (allowed) return path;
    throw new NixError(
      "restricted",
      `access to absolute path '${path}' is forbidden ${access.where}`,
    );
  }

  #value<T>(answer: Answer<T>, fail: (error: HostError) => NixError): T {
    if (answer.ok === true) return answer.value;
    if (answer.ok === "pending") throw new Interruption("pending", answer.key);
    if (answer.error.code === "refused") throw new NixError("restricted", answer.error.message);
    throw fail(answer.error);
  }

  stat(path: ByteString): FileStat | null {
    const at = this.#locate(path);
    if (at.kind === "text") return { type: "regular", executable: false };
    if (at.kind === "absent") return null;
    const stat = this.#value(
      this.host.stat(at.path),
      (error) => new NixError("io", `getting status of '${path}': ${error.message}`),
    );
    this.#stats.set(at.path, statKey(stat));
    return stat;
  }

  readFile(path: ByteString): ByteString {
    const at = this.#locate(path);
    if (at.kind === "text") return at.text;
    if (at.kind === "absent") throw new NixError("io", `path '${path}' does not exist`);
    return this.#value(this.host.readFile(at.path), (error) =>
      error.code === "missing"
        ? new NixError("io", `path '${path}' does not exist`)
        : new NixError(
            "io",
            error.code === "is-a-directory"
              ? `reading from file '${path}': ${error.message}`
              : `opening file '${path}': ${error.message}`,
          ),
    );
  }

  /** The contents of a file as a value. */
  readData(path: ByteString): ByteString {
    this.#data.add(path);
    this.onData?.(path);
    return this.readFile(path);
  }

  forgetReads(): void {
    this.#data.clear();
    this.#stats.clear();
    this.#listings.clear();
    this.#directories.clear();
  }

  readDirectory(path: ByteString): Map<ByteString, FileType> {
    const at = this.#locate(path);
    if (at.kind === "text") throw new NixError("io", `'${path}' is not a directory`);
    if (at.kind === "absent") throw new NixError("io", `path '${path}' does not exist`);
    this.#listings.set(at.path, "");
    const entries = this.#value(this.host.readDirectory(at.path), (error) =>
      error.code === "missing"
        ? new NixError("io", `path '${path}' does not exist`)
        : error.code === "not-a-directory"
          ? new NixError("io", `'${path}' is not a directory`)
          : new NixError("io", `reading directory '${path}': ${error.message}`),
    );
    this.#listings.set(at.path, listingKey(entries));
    const { holds } = at;
    return holds === undefined ? entries : new Map([...entries].filter(([name]) => holds(name)));
  }

  /**
   * Whether a change at a path changes what was read in another way than by `import`: its contents as
   * data, what it is, what its directory holds.
   */
  isOther(path: ByteString): boolean {
    return this.wasData(path) || this.isOfOtherKind(path);
  }

  /** Whether its contents were read as data. */
  wasData(path: ByteString): boolean {
    return this.#data.has(path);
  }

  /** Whether it, or its directory, is not what it was: there, a file, of these names. */
  isOfOtherKind(path: ByteString): boolean {
    // With a file its directories may have come or gone.
    return pathAndParents(this.physical(path)).some((each) => {
      const stat = this.#stats.get(each);
      if (stat !== undefined) {
        const now = this.host.stat(each);
        if (now.ok !== true || statKey(now.value) !== stat) return true;
      }
      const listing = this.#listings.get(each);
      if (listing === undefined) return false;
      const now = this.host.readDirectory(each);
      return listing !== (now.ok === true ? listingKey(now.value) : "");
    });
  }

  /** What was said of a path and its directory is found out again when it is next asked. */
  forgetPath(path: ByteString): void {
    this.#data.delete(path);
    for (const each of pathAndParents(this.physical(path))) {
      this.#stats.delete(each);
      this.#listings.delete(each);
    }
    this.#directories.clear();
  }

  readLink(path: ByteString): ByteString {
    const at = this.#locate(path);
    return this.#value(
      this.host.readLink(at.kind === "at" ? at.path : path),
      (error) => new NixError("io", `reading symbolic link '${path}': ${error.message}`),
    );
  }

  /**
   * Follows symbolic links in `path`: in all its components, or (`last` false) in all but the last.
   * Components that do not exist are kept.
   */
  resolveLinks(path: ByteString, last = true): ByteString {
    // Thousands of files are imported from few directories: each directory is resolved once.
    const parent = parentPath(path);
    let directory = this.#directories.get(parent);
    if (directory === undefined) {
      directory = parent === "/" ? parent : this.#follow(parent, true);
      this.#directories.set(parent, directory).set(directory, directory);
    }
    return this.#follow(`${directory === "/" ? "" : directory}/${pathBaseName(path)}`, last);
  }

  #follow(path: ByteString, last: boolean): ByteString {
    // The directory that the caller has resolved needs no second look.
    const parent = parentPath(path);
    const known = parent !== "/" && this.#directories.get(parent) === parent;
    let done = known ? parent : "";
    let pending = path
      .slice(done.length)
      .split("/")
      .filter((part) => part !== "");
    let links = 0;
    while (pending.length > 0) {
      const part = pending.shift() as string;
      if (part === ".") continue;
      if (part === "..") {
        done = done === "" ? "" : parentPath(done).replace(/^\/$/, "");
        continue;
      }
      const next = `${done}/${part}`;
      // Which store paths may be read is known of themselves; the way to them is open.
      const onTheWay = this.#access !== null && this.#view.leadsToStore(next);
      if (!onTheWay && (last || pending.length > 0) && this.stat(next)?.type === "symlink") {
        if (++links > MAX_LINKS)
          throw new NixError("io", `infinite symlink recursion in path '${path}'`);
        const target = this.readLink(next);
        if (target.startsWith("/")) done = "";
        pending = [...target.split("/").filter((p) => p !== ""), ...pending];
        continue;
      }
      done = next;
    }
    return done === "" ? "/" : done;
  }

  /** Whether a file exists; a dangling last link does, links on the way are followed. */
  exists(path: ByteString): boolean {
    return this.stat(this.resolveLinks(path, false)) !== null;
  }

  /** Reads what the store was given, wherever it is, to write it out. */
  storedSource(): NarSource {
    const source = this.narSource(false);
    return {
      lstat: (path) => this.unrestricted(() => source.lstat(path)),
      readDir: (path) => this.unrestricted(() => source.readDir(path)),
      readFile: (path) => this.unrestricted(() => source.readFile(path)),
      readLink: (path) => this.unrestricted(() => source.readLink(path)),
    };
  }

  /** What NAR dumps read. `record` false: what is read has no part in any value but the hash. */
  narSource(record = true): NarSource {
    return {
      lstat: (path) => {
        const stat = this.stat(path);
        if (stat === null) throw new NixError("io", `path '${path}' does not exist`);
        if (stat.type === "regular") return { type: "regular", executable: stat.executable };
        return { type: stat.type };
      },
      readDir: (path) => [...this.readDirectory(path).keys()],
      readFile: (path) => (record ? this.readData(path) : this.readFile(path)),
      readLink: (path) => this.readLink(path),
    };
  }
}

function pathAndParents(path: ByteString): ByteString[] {
  const all = [path];
  for (let at = path; at !== "/"; at = parentPath(at)) all.push(parentPath(at));
  return all;
}

function statKey(stat: FileStat | null): string {
  return stat === null ? "" : `${stat.type} ${stat.executable}`;
}

function listingKey(entries: ReadonlyMap<ByteString, FileType>): string {
  return Array.from(entries, ([name, type]) => `${name}/${type}`)
    .sort()
    .join("\n");
}

/** Errors of the store layer are errors of the program that caused them. */
export function storeErrors<T>(run: () => T): T {
  try {
    return run();
  } catch (error) {
    if (error instanceof StoreError) throw new NixError("eval", error.message);
    throw error;
  }
}
