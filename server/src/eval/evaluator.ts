/**
 * One evaluation world: settings, host, store, the files read so far and their values. Values are kept
 * between evaluations (imports, derivations), so a second evaluation of the same files is cheap.
 */
import type { ByteString } from "../base/bytes.ts";
import { resolve } from "../scope/resolve.ts";
import { outputPathOf } from "../store/derivation.ts";
import type { Hash } from "../store/hash.ts";
import { type dumpNar, hashNar, type NarSource } from "../store/nar.ts";
import type { Store } from "../store/store.ts";
import { isInStore, splitInStore, storePathHashPart } from "../store/store-path.ts";
import type { Expr } from "../syntax/ast.ts";
import { lintLiterals } from "../syntax/lint-literals.ts";
import { parseNix } from "../syntax/parser.ts";
import { Attrs } from "./attrs.ts";
import { CORE_FILES } from "./builtins/core-packages.ts";
import type { Definition } from "./builtins/define.ts";
import { DERIVATION_FILE } from "./builtins/derivation.ts";
import { baseEnvironment } from "./builtins/index.ts";
import type { Closures } from "./closures.ts";
import { FileCompiler } from "./compile.ts";
import { type Context, parseElement, showElement, withContext } from "./context.ts";
import { dependOn, type KeptResult, Origin, type Origins, withOrigins } from "./dependents.ts";
import { NixError, traced } from "./errors.ts";
import { type AccessRule, Files, storeErrors } from "./files.ts";
import { fingerprint } from "./fingerprint.ts";
import type { EvalHost, FileStat } from "./host.ts";
import { canonicalPath, parentPath, pathBaseName } from "./lib/canonical-path.ts";
import { type LiveTree, LiveTrees, type TreeState } from "./live-trees.ts";
import { Positions, type SourceFile } from "./positions.ts";
import { type ProbedCode, Probes } from "./probes.ts";
import { warningText } from "./report.ts";
import { callLambda, whileSuspended } from "./runtime.ts";
import { CORE_PACKAGES, type SearchPathEntry, shownPath } from "./search-path.ts";
import type { EvalSettings } from "./settings.ts";
import { type ShowOptions, showValue } from "./show-value.ts";
import { SymbolOrder } from "./symbol-order.ts";
import {
  type Env,
  Lambda,
  NixPath,
  type NixString,
  type PrimOp,
  type Slot,
  type Value,
} from "./values.ts";

interface ParsedFile {
  file: SourceFile;
  expr: Expr;
}

/** The value of a file. */
interface Imported extends KeptResult {
  readonly value: Value;
}

/** The result of an imported function, and when it was made. */
interface Application extends KeptResult {
  readonly value: Value;
  readonly epoch: number;
  /** The code in its argument. */
  readonly codes: readonly ProbedCode[];
}

/** An open file: evaluated with probes. */
export interface TrackedFile {
  path: ByteString;
  expr: Expr;
  /** Position id of its first byte. */
  base: number;
  probes: Probes;
  /** How much had changed before it was imported. */
  changes: number;
  /** False once it is to be imported again: something that it uses is another. */
  isInUse: boolean;
  /** False once the file says something else: offsets are of the text before. */
  isCurrent: boolean;
  /** Whether an evaluation of it has ended without an error; else `before` is the last one that had. */
  isComplete: boolean;
  before: TrackedFile | null;
}

/** The `pos` of an import that is no call in a program: the editor's or the command line's. */
export const ROOT_IMPORT = -1;

/** Links that an import follows from file to file. */
const MAX_IMPORT_LINKS = 1024;

/** Results kept of one imported function. */
const MAX_APPLICATIONS = 8;

/** Asking whether to go on at every call would cost more than it is worth. */
const POLL_MASK = 1023;

/** Smaller pieces are not asked about. In bytes. */
const LARGE_PIECE = 1 << 20;

/** Whether a path is another or is inside it. */
function covers(path: ByteString, inner: ByteString): boolean {
  return inner === path || inner.startsWith(path === "/" ? path : `${path}/`);
}

function sameFiles(
  a: ReadonlySet<ByteString> | undefined,
  b: ReadonlySet<ByteString> | undefined,
): boolean {
  if (a === undefined || b === undefined) return a === b;
  if (a.size !== b.size) return false;
  for (const file of a) if (!b.has(file)) return false;
  return true;
}

/** Pure evaluation reads nothing but what it put into the store itself; restricted, also the search path. */
function accessRule(settings: EvalSettings): AccessRule | null {
  const { pureEval, restrictEval, searchPath, directory } = settings;
  const roots = [CORE_PACKAGES];
  if (pureEval)
    return { roots, reached: [], where: "in pure evaluation mode (use '--impure' to override)" };
  if (!restrictEval) return null;
  const absolute = (path: ByteString) => (path.startsWith("/") ? path : `${directory}/${path}`);
  return {
    roots,
    reached: searchPath.map(({ path }) => canonicalPath(absolute(path))),
    where: "in restricted mode",
  };
}

export class Evaluator {
  readonly host: EvalHost;
  readonly files: Files;
  readonly store: Store;
  readonly settings: EvalSettings;
  readonly positions = new Positions();
  readonly symbols = new SymbolOrder();
  readonly liveTrees = new LiveTrees();
  /** The names that every file sees. */
  readonly globals: ReadonlyMap<ByteString, Slot>;
  /** The builtins that operators stand for. */
  readonly operators: { readonly sub: PrimOp };
  readonly findFileOp: PrimOp;
  /** `builtins.nixPath`. */
  readonly nixPathValue: Slot;
  readonly searchPath: readonly SearchPathEntry[];
  /** Calls under way; whoever catches an error restores what it was. */
  depth = 0;
  /** `poll` is called whenever the bits of this in the count of calls are zero. */
  pollMask = POLL_MASK;
  /** Throws `Interruption` when the evaluation should stop: cancelled, out of time or memory. */
  poll: (() => void) | null = null;
  /** The tree that is being hashed, and how many of its files have been. */
  hashing: { readonly path: ByteString; files: number } | null = null;
  /** Where the last call is that has begun. */
  callSite = 0;
  /** Throws `Interruption` when so many bytes at once would be more memory than there is. */
  allocate: ((bytes: number) => void) | null = null;

  /** Makes an output readable, or throws the `Interruption` that builds it; null: that is not allowed. */
  realise: ((drvPath: ByteString, output: ByteString, outPath: ByteString) => void) | null = null;

  /** Of `fetchClosure`; null: it gets only what the evaluation has in its store. */
  closures: Closures | null = null;

  /** Whether the values of open files are recorded: not while the files are those of another time. */
  probing = true;

  /** Told of every `forget`: what else is kept of files has to be dropped too. */
  readonly onForget: ((paths: readonly ByteString[] | null) => void)[] = [];

  /** Derivations made since the evaluator was. */
  derivations = 0;

  #calls = 0;
  readonly #imports = new Map<ByteString, Imported>();
  /** What is imported to the file that it leads to, until a file may be another. */
  readonly #ledTo = new Map<ByteString, ByteString>();
  readonly #parsed = new Map<ByteString, ParsedFile>();
  readonly #copied = new Map<ByteString, NixString>();
  readonly #showOptions: ShowOptions;
  /** Open files, with what their expressions evaluated to since they were last read. */
  readonly #tracked = new Map<ByteString, TrackedFile | null>();
  /** What was recorded of open files when they said something else. */
  readonly #olderProbes = new Map<ByteString, Set<WeakRef<Probes>>>();
  /** Of open files that have been imported. */
  readonly #origins = new Map<ByteString, Origin>();
  /** Imported file to the files that imported it; "" when the call site is in no file. */
  readonly #importers = new Map<ByteString, Set<ByteString>>();
  /** Results of the functions that files evaluate to, by the fingerprint of the argument. */
  readonly #applications = new WeakMap<Lambda, Map<string, Application>>();
  /** Resolved path literal to the files that have it. */
  readonly #namers = new Map<ByteString, Set<ByteString>>();
  readonly #madePaths = new Set<ByteString>();
  /** Grows when something changes that was read in another way than by `import`. */
  #epoch = 0;
  /** Grows when any file that has been read changes. */
  #changes = 0;
  /** How many times something that a file imports has changed. */
  readonly #generations = new Map<ByteString, number>();

  /** @param builtins more of them, of the layers above */
  constructor(
    host: EvalHost,
    store: Store,
    settings: EvalSettings,
    builtins: readonly Definition[] = [],
  ) {
    this.host = host;
    this.files = new Files(host, store, accessRule(settings));
    this.store = store;
    this.settings = settings;
    this.searchPath = settings.searchPath;
    this.#showOptions = {
      maxDepth: 10,
      maxAttrs: 10,
      maxItems: 10,
      maxString: 1024,
      locate: (position) => this.positions.show(position),
    };
    this.files.onData = (path) => this.liveTrees.of(path)?.noteDataReader();
    const base = baseEnvironment(this, builtins);
    this.globals = base.globals;
    this.operators = base.operators;
    this.findFileOp = base.findFile;
    this.nixPathValue = base.nixPath;
  }

  /** Counts a call; every `enter` has its `depth--`, unless an error passes. */
  enter(pos: number): void {
    this.callSite = pos;
    this.nest(pos);
    if ((++this.#calls & this.pollMask) === 0 && this.poll !== null) this.poll();
  }

  /** Counts a level; what calls no function of the program needs no more. The limit itself is one below the last. */
  nest(pos: number): void {
    if (this.depth++ > this.settings.maxCallDepth)
      throw new NixError("stack-overflow", "stack overflow; max-call-depth exceeded", pos);
  }

  /**
   * Asks something in the middle of an evaluation (in `poll`), which goes on afterwards as if nothing had been.
   *
   * @throws Interruption when the answer needs what is being evaluated
   */
  meanwhile<T>(ask: () => T): T {
    const { depth, callSite, poll, probing } = this;
    // Also while something is evaluated as it was at another time.
    this.probing = true;
    try {
      return this.files.restricted(() => whileSuspended(ask));
    } finally {
      Object.assign(this, { depth, callSite, poll, probing });
    }
  }

  /**
   * Called before something as large as a program likes is made at once: a JavaScript engine whose
   * memory runs out in one large piece ends the process, and not only the evaluation.
   */
  reserve(bytes: number): void {
    if (bytes > LARGE_PIECE && this.allocate !== null) this.allocate(bytes);
  }

  show(value: Slot): ByteString {
    return showValue(value, this.#showOptions);
  }

  showPosition(position: number): ByteString {
    return this.positions.show(position);
  }

  showContextElement(element: ByteString): ByteString {
    return showElement(element);
  }

  /** Whether a position is in the text that `derivation` is made of. */
  isInternal(position: number): boolean {
    return this.positions.find(position)?.file.label === DERIVATION_FILE;
  }

  canonicalPath(path: ByteString): ByteString {
    return canonicalPath(path);
  }

  /** What a path literal of a file means. */
  resolvePathLiteral(text: ByteString, file: SourceFile): ByteString {
    const path = this.#meaningOf(text, file);
    if (this.#tracked.size > 0 && path !== "/") {
      const namers = this.#namers.get(path);
      if (namers === undefined) this.#namers.set(path, new Set([file.path ?? ""]));
      else namers.add(file.path ?? "");
    }
    return path;
  }

  #meaningOf(text: ByteString, file: SourceFile): ByteString {
    const first = text.charCodeAt(0);
    if (first === 0x7e /* ~ */) {
      if (this.settings.pureEval) {
        throw new NixError("restricted", `the path '${text}' can not be resolved in pure mode`);
      }
      return canonicalPath(this.settings.homeDirectory + text.slice(1));
    }
    return canonicalPath(first === 0x2f ? text : `${file.directory}/${text}`);
  }

  /** The value of a path literal, or of what was made of one. */
  pathValue(place: ByteString): NixPath {
    return new NixPath(place, this.liveTrees.of(place));
  }

  /** What a program sees of a path that is read at `place`. */
  realPath(place: ByteString): ByteString {
    return this.liveTrees.of(place)?.real(place) ?? place;
  }

  /** The last part of it. */
  baseName(place: ByteString): ByteString {
    const tree = this.liveTrees.of(place);
    return pathBaseName(tree?.place === place ? tree.storePath : place);
  }

  printOptions(file: SourceFile): { basePath: ByteString; homeDir: ByteString } {
    return { basePath: file.directory, homeDir: this.settings.homeDirectory };
  }

  /** `{ file; line; column; }` of a position, null when it is in no file. */
  positionValue(position: number): Value {
    const place = this.positions.find(position);
    if (place === null || place.file.path === null) return null;
    const { line, column } = this.positions.lineColumn(place);
    return Attrs.from([
      ["file", this.realPath(place.file.path)],
      ["line", line],
      ["column", column],
    ]);
  }

  // ----------------------------------------------------------------------------------------- files

  /**
   * The value of a file, evaluated once. `path` may be a link or a directory (its default.nix);
   * `pos` is who imports it.
   */
  importFile(path: ByteString, pos = 0): Value {
    const resolved = this.#ledTo.get(path) ?? this.resolveImport(this.#placeOf(path));
    this.#ledTo.set(path, resolved);
    if (this.#tracked.size > 0) this.#noteImport(resolved, pos);
    const origin = this.#originOf(resolved);
    // Also when it fails: whoever catches the error depends on what the file says. What a root gives is
    // of one evaluation: what is kept of it (in what a function was applied to) is told by its text.
    if (origin !== null && pos !== ROOT_IMPORT) dependOn(origin.alone);
    const known = this.#imports.get(resolved);
    if (known !== undefined) {
      dependOn(known.origins);
      return known.value;
    }
    const { file, expr } = this.parseFile(resolved);
    let evaluated: { readonly value: Value; readonly origins: Origins | null };
    try {
      evaluated = withOrigins(() =>
        this.evaluate(expr, file, [null], this.#probesFor(resolved, expr, file.base)),
      );
    } catch (error) {
      throw traced(error, 0, `while evaluating the file '${resolved}':`);
    }
    const { value, origins } = evaluated;
    if (value instanceof Lambda && !this.#applications.has(value))
      this.#applications.set(value, new Map());
    const imported = { value, origins, forget: () => this.#forgetImport(resolved) };
    this.#imports.set(resolved, imported);
    origins?.add(imported);
    return value;
  }

  /** Where a file is read. */
  #placesOf(onDisk: ByteString): ByteString[] {
    const places = this.liveTrees.placesOnDisk(onDisk);
    return places.length === 0 ? [onDisk] : places;
  }

  /** A file of a tree that is edited is read at one place, by whatever path it is imported. */
  #placeOf(path: ByteString): ByteString {
    // What was at another time is not where the tree is edited.
    return this.probing ? this.liveTrees.placeOf(path) : path;
  }

  #originOf(path: ByteString): Origin | null {
    if (!this.#tracked.has(this.liveTrees.onDisk(path))) return null;
    let origin = this.#origins.get(path);
    if (origin === undefined) {
      origin = new Origin();
      this.#origins.set(path, origin);
    }
    return origin;
  }

  /**
   * The file that an import of `path` reads. If it is a link, relative paths start where it leads; links
   * among its directories are kept as they were written. A directory means its `default.nix`.
   */
  resolveImport(path: ByteString): ByteString {
    let file = path;
    let stat: FileStat | null;
    for (let links = 0; ; links++) {
      const real = this.files.resolveLinks(file, false);
      stat = this.files.stat(real);
      if (stat?.type !== "symlink") break;
      if (links >= MAX_IMPORT_LINKS) {
        throw new NixError(
          "io",
          `too many symbolic links encountered while traversing the path '${path}'`,
        );
      }
      const target = this.files.readLink(real);
      file = canonicalPath(target.startsWith("/") ? target : `${parentPath(file)}/${target}`);
    }
    if (stat === null && !CORE_FILES.has(file))
      throw new NixError("io", `path '${file}' does not exist`);
    return stat?.type === "directory" ? canonicalPath(`${file}/default.nix`) : file;
  }

  /** Parses a file, once unless it is given a scope. Throws its syntax error. */
  parseFile(path: ByteString, scoped: readonly ByteString[] | null = null): ParsedFile {
    const known = this.#parsed.get(path);
    if (known !== undefined && scoped === null) return known;
    // What is parsed once more for every scope is found again by no memo of files.
    const read = () => (scoped === null ? this.files.readFile(path) : this.files.readData(path));
    const text = CORE_FILES.get(path) ?? read();
    const parsed = this.parse(text, path, shownPath(path), parentPath(path), scoped);
    if (scoped === null) this.#parsed.set(path, parsed);
    return parsed;
  }

  /** The tree of a file as `--parse` prints it. */
  parseForPrinting(path: ByteString): ParsedFile {
    return this.parse(this.files.readFile(path), path, path, parentPath(path), null, true);
  }

  /** Parses and resolves a text; throws its first problem. `scoped`: names added around it;
   *  `separatePieces`: keep the pieces of strings apart as Nix's printing of trees shows them. */
  parse(
    text: ByteString,
    path: ByteString | null,
    label: ByteString,
    directory: ByteString,
    scoped: readonly ByteString[] | null = null,
    separatePieces = false,
  ): ParsedFile {
    const file = this.positions.add(path, label, directory, text);
    const parsed = parseNix(text, {
      pipeOperators: this.settings.features.has("pipe-operators"),
      fileName: label,
      separatePieces,
    });
    const { expr, problem } = parsed;
    if (expr === null) {
      // Whoever can starts again on a larger stack.
      if (problem.code === "nesting-too-deep")
        throw new RangeError("Maximum call stack size exceeded");
      throw new NixError("syntax", problem.message, file.base + problem.start);
    }
    for (const call of parsed.ambiguousOrs) this.#warnOfOr(call, file);
    if (label !== DERIVATION_FILE) this.symbols.add(path, text, parsed.names);
    this.#lint(expr, file);
    const [undefinedName] = resolve(expr, this.globals, scoped).problems;
    if (undefinedName !== undefined) {
      throw new NixError(
        "undefined-variable",
        undefinedName.message,
        file.base + undefinedName.start,
      );
    }
    return { file, expr };
  }

  /** Of `f or` that a later version will not apply first. */
  #warnOfOr({ start, end }: Expr, file: SourceFile): void {
    const lines = [
      `at ${this.positions.show(file.base + start)}: This expression uses \`or\` as an identifier in a way that will change in a future Nix release.`,
      "Wrap this entire expression in parentheses to preserve its current meaning:",
      `    (${file.text.slice(start, end)})`,
      "Give feedback at https://github.com/NixOS/nix/pull/11121",
    ];
    this.host.message("warning", lines.join("\n"));
  }

  /** Warns of literals, or throws at the first that the settings refuse. */
  #lint(expr: Expr, file: SourceFile): void {
    const { lints } = this.settings;
    if (Object.keys(lints).length === 0) return;
    for (const { level, message, start } of lintLiterals(expr, file.text, lints)) {
      const position = file.base + start;
      if (level === "fatal") throw new NixError("syntax", message, position);
      this.host.message("warning", warningText(this.positions, message, position));
    }
  }

  evaluate(expr: Expr, file: SourceFile, env: Env = [null], probes: Probes | null = null): Value {
    return new FileCompiler(this, file, probes).compile(expr)(env);
  }

  /** Evaluates a text that is no file: `-E`, `--arg`. */
  evaluateText(text: ByteString, label: ByteString, directory: ByteString): Value {
    const { expr, file } = this.parse(text, null, label, directory);
    return this.evaluate(expr, file);
  }

  // ------------------------------------------------------------------------------ across evaluations

  /** Says whether a file is open: its expressions are probed when it is next evaluated. */
  track(path: ByteString, open: boolean): void {
    const known = this.#tracked.get(path);
    if (known) known.isCurrent = this.#says(known);
    else if (open && known === undefined) this.changed(this.#storePathsOf(path));
    if (open) this.#tracked.set(path, known ?? null);
    else {
      this.#tracked.delete(path);
      this.#olderProbes.delete(path);
    }
  }

  /** Whether the text of a file is the one that was evaluated. */
  #says({ path, base }: TrackedFile): boolean {
    const text = this.host.readFile(path);
    return text.ok === true && text.value === this.positions.find(base)?.file.text;
  }

  /** Under which paths in the store a file has been evaluated, as a part of a flake. */
  #storePathsOf(path: ByteString): ByteString[] {
    return [...this.#parsed.keys()].filter(
      (each) => each !== path && this.files.physical(each) === path,
    );
  }

  openFiles(): Iterable<ByteString> {
    return [...this.#tracked.keys()];
  }

  *trackedFiles(): Generator<TrackedFile> {
    for (const file of this.#tracked.values()) if (file !== null) yield file;
  }

  trackedFile(path: ByteString): TrackedFile | null {
    return this.#tracked.get(path) ?? null;
  }

  /** A file of a flake is evaluated by its store path, and open where it is on disk. */
  #probesFor(logical: ByteString, expr: Expr, base: number): Probes | null {
    if (!this.probing || this.#tracked.size === 0) return null;
    const path = this.files.physical(logical);
    if (!this.#tracked.has(path)) return null;
    const probes = new Probes();
    const known = this.#tracked.get(path) ?? null;
    if (known !== null) this.#olderProbesOf(path).add(new WeakRef(known.probes));
    const before = known?.isComplete ? known : (known?.before ?? null);
    const changes = this.#changes;
    const file = { path, expr, base, probes, changes, isInUse: true, isCurrent: true };
    this.#tracked.set(path, { ...file, isComplete: false, before });
    return probes;
  }

  #olderProbesOf(path: ByteString): Set<WeakRef<Probes>> {
    const known = this.#olderProbes.get(path) ?? new Set();
    this.#olderProbes.set(path, known);
    return known;
  }

  /**
   * An open file has been evaluated without an error: of the texts before it only those count whose
   * applications may still be kept, and what it has adopted.
   */
  completed(file: TrackedFile): void {
    file.isComplete = true;
    file.before = null;
    const older = this.#olderProbesOf(file.path);
    for (const each of [...older].slice(0, -MAX_APPLICATIONS)) {
      const probes = each.deref();
      if (probes !== undefined && file.probes.hasAdopted(probes)) continue;
      probes?.forget();
      older.delete(each);
    }
  }

  #noteImport(imported: ByteString, pos: number): void {
    const importer = this.positions.find(pos)?.file.path ?? "";
    let importers = this.#importers.get(imported);
    if (importers === undefined) {
      importers = new Set();
      this.#importers.set(imported, importers);
    }
    if (pos !== ROOT_IMPORT) importers.add(importer);
  }

  /** Files parsed and kept. */
  get parsedFiles(): number {
    return this.#parsed.size;
  }

  /** Whether an evaluation of `user` has imported a file, by itself or through others. */
  isImportedBy(path: ByteString, user: ByteString): boolean {
    const seen = new Set([path]);
    for (const each of seen) {
      for (const importer of this.#importers.get(each) ?? []) seen.add(importer);
    }
    return path !== user && seen.has(user);
  }

  /** Changes whenever something that the file imports has changed; its own text is for its readers to compare. */
  generation(file: SourceFile): string {
    return `${file.path ?? file.base}@${this.#generations.get(file.path ?? "") ?? 0}`;
  }

  /**
   * Files may be other than they were: drops the values that depend on them. Values of programs are
   * found through who imported them. What was read in another way (as data, as a part of a source
   * tree, whether it is there) went into values of the files whose path literals lead there, of their
   * importers, and into applications to arguments that were more than plain data.
   */
  changed(onDisk: readonly ByteString[]): void {
    for (const told of this.onForget) told(onDisk);
    this.#ledTo.clear();
    this.#changes++;
    const paths = onDisk.flatMap((path) => this.#placesOf(path));
    const stale = new Set<ByteString>();
    for (const path of paths) {
      const tree = this.liveTrees.of(path);
      const isOfLiveData = tree !== null && this.#forgetData(tree, path);
      const isOther = !isOfLiveData && this.files.isOther(path);
      if (this.#parsed.has(path) && (isOther || !this.#replace(path))) stale.add(path);
      if (!this.#tracked.has(this.liveTrees.onDisk(path))) this.#origins.delete(path);
      if (!isOther) continue;
      this.files.forgetPath(path);
      this.#epoch++;
      const namers = this.#namersOf(path);
      if (namers === null) {
        if (tree === null) {
          this.forgetAll();
          return;
        }
        this.#forgetWithin(tree.place);
        continue;
      }
      for (const namer of namers) stale.add(namer);
      this.#forgetCopied(path);
    }
    const importing = new Set<ByteString>();
    for (const path of stale) {
      for (const by of this.#importers.get(path) ?? []) {
        importing.add(by);
        stale.add(by);
      }
    }
    if (stale.has("")) {
      this.forgetAll();
      return;
    }
    for (const origin of this.#origins.values()) {
      if (stale.size > 0) origin.forgetDependents();
      else origin.tidy();
    }
    for (const path of [...onDisk, ...paths]) this.#parsed.delete(path);
    for (const path of stale) {
      // What a changed file itself says is told by its text.
      if (importing.has(path)) this.#bump(path);
      this.#forgetImport(path);
      this.#importers.delete(path);
    }
  }

  #forgetCopied(path: ByteString): void {
    for (const copied of this.#copied.keys())
      if (covers(copied, path) || covers(path, copied)) this.#copied.delete(copied);
  }

  /**
   * The contents of a file have changed that was read as data: of a tree that is edited it is known what
   * was computed from them.
   *
   * @returns false, with nothing done, when they were not, or more has changed, or that is not known
   */
  #forgetData(tree: LiveTree, path: ByteString): boolean {
    const { files } = this;
    if (!files.wasData(path) || files.isOfOtherKind(path) || !tree.forgetDataReaders())
      return false;
    files.forgetPath(path);
    this.#forgetCopied(path);
    return true;
  }

  /**
   * An open file says something else: forgets what was computed from it. Open files that import it are
   * evaluated again with it, so that what is recorded of them is of one evaluation.
   *
   * @returns false, with nothing done, when it is not known what was
   */
  #replace(path: ByteString): boolean {
    const open = [...this.#tracked.keys()].flatMap((each) => this.#placesOf(each));
    const importers = open.filter((each) => this.isImportedBy(path, each));
    const replaced = [path, ...importers].map((each) => ({
      each,
      origin: this.#origins.get(each),
    }));
    if (replaced.some(({ origin }) => !origin?.isTracked)) return false;
    for (const { each, origin } of replaced) {
      origin?.forgetDependents();
      this.#forgetImport(each);
      this.#importers.delete(each);
    }
    this.#parsed.delete(path);
    return true;
  }

  /** Whether an open file is one of those that something has been computed from; null when that is not known. */
  isAmong(onDisk: ByteString, origins: Origins | null): boolean | null {
    const own = this.#placesOf(onDisk).flatMap((path) => this.#origins.get(path) ?? []);
    if (own.length === 0 || own.some(({ isTracked }) => !isTracked)) return null;
    return own.some((origin) => origins?.files.has(origin));
  }

  /**
   * Before an open file is evaluated through others, which call its functions: when anything has changed
   * it is imported anew, so that what is recorded of it is of this evaluation alone. Not when so much
   * depends on it that this would take long.
   */
  importAnew(onDisk: ByteString): void {
    const known = this.#tracked.get(onDisk);
    if (!known || known.changes === this.#changes) return;
    for (const path of this.#placesOf(onDisk)) {
      const origin = this.#origins.get(path);
      if (!origin?.isSmall) continue;
      origin.forgetDependents();
      this.#forgetImport(path);
    }
  }

  #forgetImport(path: ByteString): void {
    this.#imports.delete(path);
    const tracked = this.#tracked.get(this.liveTrees.onDisk(path));
    if (tracked) tracked.isInUse = false;
  }

  /** Any file may be other than it was. */
  forgetAll(): void {
    for (const told of this.onForget) told(null);
    this.#epoch++;
    this.#changes++;
    for (const path of this.#imports.keys()) this.#bump(path);
    for (const path of [...this.#imports.keys()]) this.#forgetImport(path);
    this.#origins.clear();
    this.#ledTo.clear();
    this.#importers.clear();
    this.#copied.clear();
    this.#parsed.clear();
    this.#namers.clear();
    this.#madePaths.clear();
    this.files.forgetReads();
  }

  /** Drops what is known of a store path that nothing will ask for again. */
  forgetStorePath(storePath: ByteString): void {
    for (const known of [this.#imports, this.#ledTo, this.#parsed, this.#importers, this.#copied]) {
      for (const path of known.keys()) if (covers(storePath, path)) known.delete(path);
    }
  }

  /**
   * Says what a directory is now that is edited while its files are evaluated.
   *
   * @returns where they are read
   */
  setLiveTree(directory: ByteString, state: TreeState): ByteString {
    const known = this.liveTrees.ofDirectory(directory);
    if (known === null) {
      const { place } = this.liveTrees.add(this.store.context, directory, state);
      this.files.place(place, directory, state.included);
      return place;
    }
    const { place, included, isTracked, knownStorePath } = known;
    const isSame = isTracked && sameFiles(included, state.included);
    known.set(state);
    if (knownStorePath !== null) this.forgetStorePath(knownStorePath);
    if (!isSame) {
      this.files.place(place, directory, state.included);
      this.#forgetWithin(place);
    }
    return place;
  }

  /** Any file in a tree may be other than it was, or what has read it is not known. */
  #forgetWithin(place: ByteString): void {
    this.#epoch++;
    this.#changes++;
    for (const [path, origin] of this.#origins) if (covers(place, path)) origin.forgetDependents();
    for (const path of [...this.#imports.keys()]) {
      if (!covers(place, path)) continue;
      this.#bump(path);
      this.#forgetImport(path);
    }
    this.forgetStorePath(place);
  }

  /** The files whose path literals lead to a path, null when something else may. */
  #namersOf(path: ByteString): Set<ByteString> | null {
    for (const made of this.#madePaths) if (covers(made, path) || covers(path, made)) return null;
    const namers = new Set<ByteString>();
    for (const [literal, files] of this.#namers) {
      if (covers(literal, path) || covers(path, literal))
        for (const file of files) namers.add(file);
    }
    return namers.size === 0 || namers.has("") ? null : namers;
  }

  /** A path that no literal led to: made of a string, of its parent, found on the search path. */
  notePath(path: ByteString): void {
    if (this.#tracked.size > 0) this.#madePaths.add(path);
  }

  #bump(path: ByteString): void {
    this.#generations.set(path, (this.#generations.get(path) ?? 0) + 1);
  }

  /** Applies a function; if a file evaluated to it, an argument that cannot be told from an earlier one gives its result. */
  applyImported(fn: Lambda, arg: Slot, pos: number): Value {
    const results = this.#applications.get(fn);
    const print = results === undefined ? null : fingerprint(this, arg);
    if (results === undefined || print === null) return callLambda(this, fn, arg, pos);
    const { key, isPlain, codes } = print;
    const known = results.get(key);
    const isCurrent = known !== undefined && (isPlain || known.epoch === this.#epoch);
    // Of a file that has been opened since nothing has been recorded.
    const isRecorded = ({ probes }: ProbedCode, i: number) =>
      probes === null || known?.codes[i]?.probes?.isForgotten === false;
    if (isCurrent && codes.every(isRecorded)) {
      dependOn(known.origins);
      // What the editor asks of this code is known of the code that was evaluated.
      codes.forEach(({ expr, probes, base }, i) => {
        const evaluated = known.codes[i];
        if (evaluated === undefined) return;
        probes?.adopt(expr, evaluated);
        const { start, end } = evaluated.expr;
        if (evaluated.base !== base)
          this.positions.move(evaluated.base + start, end - start, base + expr.start, base);
      });
      return known.value;
    }
    const epoch = this.#epoch;
    const { value, origins } = withOrigins(() => callLambda(this, fn, arg, pos));
    if (results.size >= MAX_APPLICATIONS) {
      const [oldest] = results.keys();
      if (oldest !== undefined) results.delete(oldest);
    }
    const forget = () => {
      if (results.get(key) === application) results.delete(key);
    };
    const application: Application = { value, origins, epoch, codes, forget };
    results.set(key, application);
    origins?.add(application);
    return value;
  }

  // ----------------------------------------------------------------------------------------- store

  /** A path whose string context must be there to be read: what has to be built first is built, or an error. */
  realisePath({ path, context }: { path: ByteString; context: Context | null }): ByteString {
    for (const element of context ?? []) {
      const parsed = parseElement(element);
      if (parsed.kind !== "built") continue;
      const drv = storeErrors(() => this.store.readDerivation(parsed.drvPath));
      const output = drv.outputs.get(parsed.output);
      const outPath = output === undefined ? undefined : outputPathOf(output);
      // However pure the evaluation is: what it asked to be built it may read.
      const isThere = (at: ByteString) =>
        this.files.unrestricted(() => this.files.stat(at) !== null);
      if (outPath !== undefined && isThere(outPath)) {
        this.files.allow(outPath);
        continue;
      }
      if (outPath !== undefined && this.realise !== null) {
        this.realise(parsed.drvPath, parsed.output, outPath);
        continue;
      }
      throw new NixError(
        "eval",
        `cannot build '${parsed.drvPath}^${parsed.output}' during evaluation because the option 'allow-import-from-derivation' is disabled`,
      );
    }
    return path;
  }

  /** The context of a file's contents: which of the references that its store path has occur in it. */
  referencesIn(path: ByteString, text: ByteString): Context | null {
    const context = this.store.context;
    if (!isInStore(context, path)) return null;
    const { storePath } = splitInStore(context, path);
    if (!this.store.isValidPath(storePath)) return null;
    const found = this.store
      .references(storePath)
      .filter((reference) => text.includes(storePathHashPart(context, reference)));
    return found.length === 0 ? null : new Set(found);
  }

  /** Copies a file or tree to the store: its store path, which is also its context. */
  copyPathToStore({ place: path }: NixPath): NixString {
    const name = this.baseName(path);
    this.liveTrees.of(path)?.noteDataReader();
    const known = this.#copied.get(path);
    if (known !== undefined) return known;
    if (name.endsWith(".drv")) {
      throw new NixError("eval", "file names are not allowed to end in '.drv'");
    }
    const origin = this.files.resolveLinks(path, false);
    const hash = this.hashTree(origin);
    const storePath = storeErrors(() =>
      this.store.addSource(name, { method: "nar", hash, origin }),
    );
    const result = withContext(storePath, new Set([storePath]));
    this.#copied.set(path, result);
    return result;
  }

  /** The SHA-256 of the NAR of a tree. @param source what its files are */
  hashTree(
    path: ByteString,
    filter?: Parameters<typeof dumpNar>[3],
    source: NarSource = this.files.narSource(),
  ): Hash {
    const { hasher } = this.store.context;
    const outer = this.hashing;
    const hashing = { path, files: 0 };
    this.hashing = hashing;
    // A large tree takes seconds: between its files the evaluation can be ended.
    const keep: NonNullable<typeof filter> = (child, stat) => {
      this.poll?.();
      if (filter !== undefined && !filter(child, stat)) return false;
      if (stat.type !== "directory") hashing.files += 1;
      return true;
    };
    try {
      const { digest } = storeErrors(() => hashNar(hasher, "sha256", source, path, keep));
      return { algo: "sha256", bytes: digest };
    } finally {
      this.hashing = outer;
    }
  }
}
