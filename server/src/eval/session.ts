/**
 * An evaluation that lives as long as an editor: documents change, roots are evaluated again, and what
 * did not depend on a change keeps its value. Answers are plain data; strings and offsets are bytes.
 */
import { type ByteString, guillemets } from "../base/bytes.ts";
import { type FileRole, fileRole, requiredArguments } from "../scope/file-role.ts";
import { derivationClosure, neededDerivations } from "../store/derivation-difference.ts";
import type { Store } from "../store/store.ts";
import type { AttrSet, Expr } from "../syntax/ast.ts";
import { alternativeNames } from "./alternative-names.ts";
import { Attrs } from "./attrs.ts";
import type { Definition } from "./builtins/define.ts";
import { isDerivation } from "./compare.ts";
import { Configurations } from "./configurations.ts";
import { parseElement, stringText } from "./context.ts";
import { evaluated, withOrigins } from "./dependents.ts";
import { derivationsWithin } from "./derivations-within.ts";
import {
  type Configuration,
  describeOption,
  type OptionDescription,
  optionNames,
} from "./describe-option.ts";
import { describeValue, type ValueDetails } from "./describe-value.ts";
import { Interruption, type NameLookup, NixError } from "./errors.ts";
import { knownPackageSet, PackagesAhead } from "./evaluate-ahead.ts";
import { Evaluator, type TrackedFile } from "./evaluator.ts";
import { expandValue } from "./expand-value.ts";
import { definedIn, type FileUser, fileUsers, flakeUsers, type UserPart } from "./file-users.ts";
import type { OptionStep } from "./find-option.ts";
import type { EvalHost, FetchRequest } from "./host.ts";
import { namedFiles, nearOptions, type OptionError, optionError } from "./option-error.ts";
import { OverlayHost } from "./overlay-host.ts";
import { type FlakeRoots, type RootMember, RootValues } from "./root-value.ts";
import { coerceToString, force, PLAIN } from "./runtime.ts";
import type { EvalSettings } from "./settings.ts";
import { type ShortValue, shortValues } from "./short-values.ts";
import { showValue, typeOf } from "./show-value.ts";
import { ContextString, type Slot, Thunk, type Value } from "./values.ts";

export interface DerivationInfo {
  name: ByteString;
  drvPath: ByteString;
  outputs: { name: ByteString; path: ByteString | null }[];
}

/** A derivation at an expression of a file, in byte offsets. */
export interface PlacedDerivation extends DerivationInfo {
  start: number;
  end: number;
}

export interface ReportedFrame {
  file: ByteString | null;
  /** One-based; the column in bytes. */
  line: number;
  column: number;
  text: ByteString;
}

export interface ReportedError {
  code: string;
  message: ByteString;
  at: ReportedFrame | null;
  trace: ReportedFrame[];
  suggestions: ByteString[];
  /** The name that was looked for in vain, of an attribute, a variable or an argument. */
  name: ByteString | null;
  /** Beyond Nix's suggestions: what it may be called elsewhere (`alternativeNames`). */
  alternatives: ByteString[];
  /** The arguments that the called function takes. */
  formals: ByteString[];
  /** The option that the module system complains about, if it is an error of its. */
  option: OptionError | null;
  /** That the message names: those that define an option, one that is not there. */
  files: ByteString[];
  /** For an infinite recursion: the expressions that need each other, innermost first. */
  cycle: ReportedFrame[];
  /** What would have to be downloaded first. */
  wanted: FetchRequest | null;
}

export interface RootReport {
  derivations: Map<ByteString, PlacedDerivation[]>;
  error: ReportedError | null;
  /** Errors of other members, and of other elements of lists: what fails by itself. */
  others: ReportedError[];
  /** Of a flake: the inputs that `flake.lock` does not have as they are evaluated. */
  unlocked: ReportedFrame[];
  /** Derivations among the root's own attributes or elements; under "" the root itself. */
  members: Map<ByteString, DerivationInfo>;
  /** False for what has no value of its own: it is shown what other roots make of it. */
  isRoot: boolean;
  role: FileRole;
  /** The file beside it that uses it and was evaluated in its place, or null. */
  through: ByteString | null;
}

/** What a root was at another time. */
export type PastReport = Pick<RootReport, "members" | "error">;

/** An error that is looked for in the expressions of a file. */
interface Failure {
  readonly message: ByteString;
  readonly seen: (expr: Expr) => void;
}

export interface ValueReport {
  start: number;
  end: number;
  text: ByteString;
  type: string;
  derivation: DerivationInfo | null;
  /** False: nothing had needed it, and it was evaluated to be shown. */
  wasForced: boolean;
  /** True: it is of the text before, and this one has not been evaluated, or not so far. */
  isStale: boolean;
  details: ValueDetails;
  /** Where the function, or the attribute that it is, is written. */
  definition: ReportedFrame | null;
  /** Of which call it is, for an expression that was evaluated several times. */
  call: CallReport | null;
  /** Of a derivation: how many derivations are needed to build it, itself included. */
  closure: number | null;
}

/** One call of a function whose body an expression is in. */
export interface CallReport {
  /** From 0. */
  index: number;
  /** How many are kept. */
  count: number;
  site: ReportedFrame | null;
}

/** Which expression of an open file is asked about. */
export interface ValueTarget {
  readonly path: ByteString;
  readonly start: number;
  readonly end: number;
  /** `pkgs.lib` as its names; null for what is no name. */
  readonly names: readonly ByteString[] | null;
  /** Which of several calls: so many after that whose derivation the root needs most directly, or after the first one. */
  readonly call?: number;
}

interface FoundValue {
  readonly slot: Slot;
  /** Of the attribute that it is; 0 when it is none. */
  readonly position: number;
  readonly call?: CallReport | null;
  /** It is of the text before. */
  readonly isStale?: boolean;
}

/** A document with more expressions than these that may be derivations is a list of packages. */
const MANY = 1000;
/** Of them so many are evaluated to be shown when nothing has needed them, those next to the last edit. */
const MAX_OF_MANY = 50;
/** Milliseconds that looking for other names of something missing may take. */
const MAX_ALTERNATIVES_TIME = 300;
/** Roles of files that are roots, whoever uses them. */
const OWN_ROOTS: ReadonlySet<FileRole> = new Set(["expression", "flake", "network"]);
/** Items of an option that are evaluated. */
const MAX_ITEMS = 500;
/** Errors beside the first one. */
const MAX_OTHER_ERRORS = 20;
/** Of them so many are looked into for other names. */
const MAX_WITH_ALTERNATIVES = 3;
/** Trace lines sent along. */
const MAX_FRAMES = 50;

/** What is wrong with roots that do not use a file says nothing of it. */
function forget(report: RootReport): void {
  report.error = null;
  report.others = [];
  report.members.clear();
}

/** A part of a root, of a configuration what a module defines. */
interface RootPart {
  readonly name: ByteString;
  readonly module: Expr | null;
}

function wantedOf(members: readonly RootMember[], only: RootPart | null): readonly RootMember[] {
  if (only === null) return members;
  const { name, module } = only;
  const wanted = members.filter((each) => each.name === name);
  if (module === null) return wanted;
  return wanted.flatMap((each) =>
    each.configuration ? definedIn(each.configuration, module) : [each],
  );
}

/** Which part of which root uses a file. */
interface FileUse {
  readonly user: ByteString;
  readonly part: ByteString;
}

function newReport(role: FileRole | null): RootReport {
  return {
    derivations: new Map(),
    error: null,
    others: [],
    unlocked: [],
    members: new Map(),
    isRoot: true,
    role: role ?? "expression",
    through: null,
  };
}

export class EvaluationSession {
  readonly #host: OverlayHost;
  /** The part of a root that is evaluated, when it is not all. */
  #only: RootPart | null = null;
  /** Where open files were edited last. */
  readonly #edits = new Map<ByteString, number>();
  /** Of modules: what they are a part of. */
  readonly #configurations: Configurations;
  /** Files that all of their flake does not use: to find that out takes long, and an edit of theirs does not change it. */
  readonly #unused = new Set<ByteString>();
  /** Errors of members since the session was made. */
  #failures = 0;
  /** Of files that are evaluated through others: the part that has used them. */
  readonly #usedIn = new Map<ByteString, FileUse>();
  readonly #flakes: FlakeRoots | null;
  readonly #roots: RootValues;
  readonly #ahead = new WeakMap<Attrs, PackagesAhead>();
  readonly ev: Evaluator;

  /**
   * @param builtins as the evaluator's
   * @param flakes what is evaluated of flakes
   */
  constructor(
    host: EvalHost,
    store: Store,
    settings: EvalSettings,
    builtins: readonly Definition[] = [],
    flakes: FlakeRoots | null = null,
  ) {
    this.#host = new OverlayHost(host, (text) => this.ev.liveTrees.shown(text));
    this.ev = new Evaluator(this.#host, store, settings, builtins);
    this.#configurations = new Configurations(this.ev);
    this.#flakes = flakes;
    this.#roots = new RootValues(this.ev, flakes);
  }

  /**
   * What a document says now, null when that is what its file says. The values of an open document's
   * expressions are kept for the editor.
   */
  setDocument(path: ByteString, contents: ByteString | null, open = contents !== null): void {
    const before = this.#host.readFile(path);
    this.#host.setDocument(path, contents);
    const now = this.#host.readFile(path);
    if (open && before.ok === true && now.ok === true && before.value !== now.value)
      this.#edits.set(path, commonPrefix(before.value, now.value));
    this.ev.track(path, open);
    this.ev.changed([path]);
    if (before.ok !== true || now.ok !== true || before.value !== now.value)
      this.#mayBeUsed([path]);
  }

  /** Files that changed on disk; null: all of them may have. */
  changedOnDisk(paths: readonly ByteString[] | null): void {
    if (paths === null) this.ev.forgetAll();
    else this.ev.changed(paths);
    this.#mayBeUsed(paths);
  }

  /** Whether a file is used is said by others. */
  #mayBeUsed(changed: readonly ByteString[] | null): void {
    for (const path of this.#unused)
      if (changed === null || changed.some((each) => each !== path)) this.#unused.delete(path);
  }

  /**
   * Evaluates a file in its role; one that only makes sense through another (a package, an overlay, a
   * module, a library) through what uses it, if anything does. Throws `Interruption`.
   *
   * @param role what the user says that it is; null: what it looks like
   * @param elsewhere what it is when nothing here uses it, before it is evaluated by itself
   */
  evaluateRoot(
    path: ByteString,
    role: FileRole | null = null,
    elsewhere: (role: FileRole, written: Expr) => RootReport | null = () => null,
  ): RootReport {
    const report = newReport(role);
    const earlier = new Set(this.ev.trackedFiles());
    const places: PlacedDerivation[] = [];
    this.ev.depth = 0;
    try {
      if (role === null) {
        const { expr } = this.ev.parseFile(this.ev.resolveImport(path));
        report.role = fileRole(expr, path);
        const isOwn = OWN_ROOTS.has(report.role);
        const users = fileUsers(this.ev, this.#roots, path, report.role);
        const isUsed = !isOwn && this.#throughAnother(path, users, report);
        const other = isOwn || isUsed ? null : elsewhere(report.role, expr);
        if (other !== null) return other;
      }
      if (report.through === null) {
        const members = this.#roots.members(path, report.role);
        report.isRoot = members !== null;
        const configuration = members?.find((each) => each.configuration)?.configuration;
        this.#keepConfiguration(path, configuration);
        if (report.role === "flake") report.unlocked = this.#unlockedIn(path);
        places.push(...this.#forceMembers(wantedOf(members ?? [], this.#only), report));
      }
    } catch (error) {
      this.#fail(error, report);
    }
    this.#collect(path, places, report, earlier);
    this.#suggestOptions(path, report);
    return report;
  }

  /** Evaluates the flake that a file is in as far as it uses the file; null when it does not. */
  evaluateThroughFlake(path: ByteString, role: FileRole, written: Expr): RootReport | null {
    if (this.#flakes === null || this.#unused.has(path)) return null;
    const report = newReport(role);
    const earlier = new Set(this.ev.trackedFiles());
    this.ev.depth = 0;
    const users = flakeUsers(this.ev, this.#flakes, path, role, written);
    const before = this.#failures;
    if (!this.#throughAnother(path, users, report)) {
      // What fails may use it as soon as it does not (when an input has been fetched, say).
      if (this.#failures === before) this.#unused.add(path);
      return null;
    }
    this.#collect(path, [], report, earlier);
    this.#suggestOptions(path, report);
    return report;
  }

  /** For options that do not exist those that do. */
  #suggestOptions(path: ByteString, { error, others }: RootReport): void {
    // What is known is of now.
    if (!this.ev.probing) return;
    this.ev.depth = 0;
    const configuration = this.#configurations.get(path);
    if (configuration === null) return;
    for (const each of error === null ? [] : [error, ...others]) {
      if (each.option?.problem !== "unknown") continue;
      this.ev.depth = 0;
      each.option = { ...each.option, near: nearOptions(this.ev, configuration, each.option.name) };
    }
  }

  /**
   * A function may be called several times: a package in stages of a bootstrap, an overlay. Of its calls
   * that one is shown which made the derivation that the root needs most directly.
   *
   * @param anew false: what is shown already stays if the root needs none of the calls: another may
   */
  #showNearest(file: TrackedFile, { members }: RootReport, anew: boolean): void {
    const { probes } = file;
    let isShown = false;
    if (anew) probes.showFirst();
    const unsure = new Set<Expr>();
    /** By what was made: the expressions and their values in the calls that made it. */
    const made = new Map<ByteString, [Expr, Slot][]>();
    for (const each of shownIn(file)) {
      const calls = probes.several(each);
      const paths = calls.map(knownDrvPath);
      // The first call is shown unless another has made something else.
      if (paths.every((path) => path === paths[0])) continue;
      if (unsure.add(each).size > MANY) return;
      for (const [i, path] of paths.entries()) {
        if (path === null) continue;
        const makers = made.get(path) ?? [];
        makers.push([each, calls[i] as Slot]);
        made.set(path, makers);
      }
    }
    if (unsure.size === 0) return;
    const roots = [...members.values()].map(({ drvPath }) => drvPath);
    for (const drvPath of neededDerivations(this.ev.store, roots)) {
      for (const [each, slot] of made.get(drvPath) ?? []) {
        if (!unsure.has(each)) continue;
        if (!isShown) probes.showFirst();
        isShown = true;
        probes.show(each, slot);
        for (const other of unsure) if (probes.chosenCall(other) !== null) unsure.delete(other);
        if (unsure.size === 0) return;
      }
    }
  }

  /** Through which part of which root a file has been evaluated; undefined before that, and when it was all. */
  useOf(path: ByteString): FileUse | undefined {
    return this.#usedIn.get(path);
  }

  /**
   * What open files show of what has been evaluated.
   *
   * @param earlier files that were known before the evaluation
   */
  #collect(
    path: ByteString,
    places: readonly PlacedDerivation[],
    report: RootReport,
    earlier: ReadonlySet<TrackedFile>,
  ): void {
    for (const file of this.ev.trackedFiles()) {
      const isOwn = file.path === path;
      // Of others what they showed stays until they are evaluated again.
      if (!file.isCurrent || !(isOwn || file.isInUse)) continue;
      // To look through a list of packages takes long: it is shown when it is evaluated for itself.
      if (!isOwn && shownIn(file).length > MANY) continue;
      const failed = isOwn ? this.#failureIn(file, report) : null;
      this.#showNearest(file, report, isOwn);
      const derivations = this.#derivationsOf(file, isOwn ? places : [], failed, (expr, error) => {
        if (isOwn) this.#failedElement(file, expr, error, report);
      });
      report.derivations.set(file.path, derivations);
      if (report.error !== null || (earlier.has(file) && !isOwn)) continue;
      this.ev.completed(file);
    }
  }

  /**
   * Evaluates a root as it was at another time. What the editor knows of its open files stays as it is.
   *
   * @param past files that were different then, null where there was no such file; of a flake the commit
   * @param only the part of it that is evaluated; null: all
   * @param user the file that this is evaluated for: of a configuration only what it defines is
   */
  evaluatePast(
    path: ByteString,
    role: FileRole | null,
    past: ReadonlyMap<ByteString, ByteString | null> | ByteString,
    only: ByteString | null = null,
    user: ByteString = path,
  ): PastReport {
    const ev = this.ev;
    const written =
      user === path ? null : this.#written(this.#flakes?.inTree(ev, path, user) ?? user);
    if (written && "error" in written) return { members: new Map(), error: written.error };
    const evaluate = (): PastReport => {
      const { members, error } = this.evaluateRoot(path, role);
      return { members, error };
    };
    ev.probing = false;
    this.#only = only === null ? null : { name: only, module: written?.expr ?? null };
    try {
      if (typeof past === "string") return this.#flakes?.at(ev, past, evaluate) ?? evaluate();
      this.#setPast(past);
      return evaluate();
    } finally {
      ev.probing = true;
      this.#only = null;
      if (typeof past !== "string") this.#setPast(new Map(), past.keys());
    }
  }

  /** What a file says, or why it says nothing. */
  #written(path: ByteString): { readonly expr: Expr } | { readonly error: ReportedError } {
    try {
      return { expr: this.ev.parseFile(this.ev.resolveImport(path)).expr };
    } catch (error) {
      if (error instanceof NixError) return { error: this.#report(error, false) };
      throw error;
    }
  }

  #setPast(
    past: ReadonlyMap<ByteString, ByteString | null>,
    changed: Iterable<ByteString> = past.keys(),
  ): void {
    this.#host.setPast(past);
    this.changedOnDisk([...changed]);
  }

  /** Packages that a file which has been evaluated may use next; null when it uses no package set. */
  packagesAhead(path: ByteString): PackagesAhead | null {
    const file = this.ev.trackedFile(path);
    const set = file?.isCurrent ? knownPackageSet(file.probes) : null;
    if (set === null) return null;
    const ahead = this.#ahead.get(set) ?? new PackagesAhead(this.ev, set);
    this.#ahead.set(set, ahead);
    return ahead;
  }

  /** Of an error whose trace does not touch the file: finds the smallest expression of it that has the error. */
  #failureIn(file: TrackedFile, { error }: RootReport): Failure | null {
    if (error === null || error.at?.file === file.path) return null;
    if (error.trace.some((frame) => frame.file === file.path)) return null;
    let smallest = Number.POSITIVE_INFINITY;
    const trace = [...error.trace];
    const seen = (expr: Expr) => {
      if (expr.end - expr.start >= smallest) return;
      smallest = expr.end - expr.start;
      const position = this.ev.positions.find(file.base + expr.start);
      if (position === null) return;
      const { line, column } = this.ev.positions.lineColumn(position);
      error.trace = [...trace, { file: file.path, line, column, text: "while evaluating this" }];
    };
    return { message: error.message, seen };
  }

  /** What a module is a part of, as it is now. */
  #keepConfiguration(path: ByteString, configuration: Configuration | undefined): void {
    if (configuration !== undefined && this.ev.probing)
      this.#configurations.set(path, configuration);
  }

  /** Evaluates what uses a file. @returns whether something does */
  #throughAnother(path: ByteString, users: Iterable<FileUser>, report: RootReport): boolean {
    this.ev.importAnew(path);
    for (const user of users) {
      this.ev.depth = 0;
      this.#evaluateUser(path, user, report);
      if (user.isUsing()) {
        report.through = user.path;
        return true;
      }
      forget(report);
    }
    return false;
  }

  #evaluateUser(path: ByteString, user: FileUser, report: RootReport): void {
    const parts: UserPart[] = [];
    const evaluate = ({ members, configuration }: UserPart) => {
      this.#keepConfiguration(path, configuration);
      try {
        this.#forceMembers(members(), report);
      } catch (error) {
        this.#fail(error, report);
      }
    };
    try {
      parts.push(...user.parts());
    } catch (error) {
      this.#fail(error, report);
    }
    const last = this.#usedIn.get(path);
    const known = parts.find(({ name }) => last?.part === name && last.user === user.path);
    if (known !== undefined) {
      evaluate(known);
      if (user.isUsing()) return;
      forget(report);
    }
    const wasUsed = user.isUsing();
    for (const part of parts) {
      const { origins } = withOrigins(() => evaluate(part));
      if (this.ev.isAmong(path, origins) ?? (!wasUsed && user.isUsing())) {
        this.#usedIn.set(path, { user: user.path, part: part.name });
        return;
      }
      forget(report);
    }
    // It is used, and nobody can tell by which part.
    if (user.isUsing()) parts.forEach(evaluate);
  }

  /** The derivations of members whose place is known; the first error is the root's. */
  #forceMembers(members: readonly RootMember[], report: RootReport): PlacedDerivation[] {
    const placed: PlacedDerivation[] = [];
    for (const { name, slot, position, expr, isUnneeded, configuration } of members) {
      this.ev.depth = 0;
      try {
        const value = force(slot, position);
        // Of a configuration at another time it is told by what a module's options hold.
        if (configuration && !this.ev.probing) this.#addHeld(name, value, report);
        if (configuration && Array.isArray(value)) this.#forceItems(value, report);
        if (!isDerivation(value)) continue;
        const derivation = this.#describe(value);
        report.members.set(name, derivation);
        if (expr !== null) placed.push({ start: expr.start, end: expr.end, ...derivation });
      } catch (error) {
        if (isUnneeded && error instanceof NixError) continue;
        this.#fail(error, report, position);
      }
    }
    return placed;
  }

  /** The items of an option that is a list: each is checked by itself, when it is needed. */
  #forceItems(items: readonly Slot[], report: RootReport): void {
    for (const item of items.slice(0, MAX_ITEMS)) {
      this.ev.depth = 0;
      try {
        force(item);
      } catch (error) {
        this.#fail(error, report);
      }
    }
  }

  #addHeld(name: ByteString, value: Value, report: RootReport): void {
    for (const { steps, found } of derivationsWithin(value)) {
      this.ev.depth = 0;
      try {
        const known = typeof found === "string" ? this.#derivationAt(found) : this.#describe(found);
        if (known !== null) report.members.set(name + steps, known);
      } catch (error) {
        // It is not what the options are about.
        if (!(error instanceof NixError)) throw error;
      }
    }
  }

  /** A derivation that a string refers to. */
  #derivationAt(drvPath: ByteString): DerivationInfo | null {
    const { store } = this.ev;
    if (!store.isValidPath(drvPath)) return null;
    return { name: store.readDerivation(drvPath).name, drvPath, outputs: [] };
  }

  /** @param position of the member that it is the error of, 0 for none */
  #fail(error: unknown, report: RootReport, position = 0): void {
    this.ev.depth = 0;
    if (!(error instanceof NixError)) throw error;
    this.#failures += 1;
    if (report.error === null) {
      report.error = this.#report(error);
      return;
    }
    if (report.others.length >= MAX_OTHER_ERRORS) return;
    // Many options fail by one that is wrong.
    const message = this.#messageOf(error);
    const isSame = (each: ReportedError) => each.option !== null && each.message === message;
    if ([report.error, ...report.others].some(isSame)) return;
    const other = this.#report(error, report.others.length < MAX_WITH_ALTERNATIVES);
    const member = this.#frame(position);
    // Where everything is an error of a library, the name of the member is still the user's.
    if (member !== null) other.trace.push({ ...member, text: "while evaluating this" });
    report.others.push(other);
  }

  /** An element of a list of a file that has failed: when the error is its own, it is worth showing too. */
  #failedElement(file: TrackedFile, expr: Expr, error: NixError, report: RootReport): void {
    const place = this.ev.positions.current(error.place) - file.base;
    const isWithin = expr.start <= place && place < expr.end;
    if (report.error === null || !isWithin || report.others.length >= MAX_OTHER_ERRORS) return;
    const other = this.#report(error, report.others.length < MAX_WITH_ALTERNATIVES);
    const isSame = ({ at, message }: ReportedError) =>
      message === other.message && at?.line === other.at?.line && at?.column === other.at?.column;
    if (![report.error, ...report.others].some(isSame)) report.others.push(other);
  }

  #unlockedIn(flake: ByteString): ReportedFrame[] {
    return (this.#flakes?.unlocked(flake) ?? []).flatMap((position) => {
      const frame = this.#frame(position);
      // It is shown where it can be edited.
      return frame?.file ? [{ ...frame, file: this.ev.files.physical(frame.file) }] : [];
    });
  }

  #messageOf(error: NixError): ByteString {
    return this.ev.liveTrees.shown(error.message);
  }

  /** @param wantsAlternatives looking for other names takes a while */
  #report(error: NixError, wantsAlternatives = true): ReportedError {
    const trace: ReportedFrame[] = [];
    for (const { pos, text } of error.frames) {
      const shown = this.#reported(pos, text);
      if (shown !== null) trace.push(shown);
      if (trace.length >= MAX_FRAMES) break;
    }
    return {
      code: error.kind === "throw" || error.kind === "abort" ? error.kind : `${error.kind}`,
      message: this.#messageOf(error),
      at: this.#reported(error.place, error.message),
      trace,
      suggestions: [...error.suggestions],
      name: error.lookup?.name ?? null,
      alternatives:
        error.lookup === null || !wantsAlternatives ? [] : this.#alternatives(error.lookup),
      formals: [...(error.lookup?.formals ?? [])],
      option: error.kind === "throw" ? optionError(error.message) : null,
      files: namedFiles(error.message).map((path) => this.ev.files.physical(path)),
      cycle: (error.cycle?.positions ?? []).flatMap(
        (position) => this.#reported(position, "") ?? [],
      ),
      wanted: error.wanted,
    };
  }

  /** Looking into other sets evaluates some of them: within a little time, and again from the start if cancelled. */
  #alternatives({ name, sets }: NameLookup): ByteString[] {
    const ev = this.ev;
    const { poll } = ev;
    const deadline = Date.now() + MAX_ALTERNATIVES_TIME;
    ev.depth = 0;
    ev.poll = () => {
      poll?.();
      if (Date.now() > deadline) throw new Interruption("time-limit");
    };
    const evaluate = (run: () => void) => {
      try {
        run();
      } catch (error) {
        if (!(error instanceof Interruption) || error.reason === "cancelled") throw error;
      }
    };
    try {
      return alternativeNames(name, sets, evaluate);
    } finally {
      ev.poll = poll;
    }
  }

  #describe(value: Attrs): DerivationInfo {
    const ev = this.ev;
    const string = (slot: Slot | undefined): ByteString =>
      slot === undefined ? "" : stringText(coerceToString(ev, slot, 0, "", PLAIN));
    const drvPath = string(value.get("drvPath"));
    const names = value.get("outputs");
    const outputs: DerivationInfo["outputs"] = [];
    const list = names === undefined ? ["out"] : force(names);
    for (const slot of Array.isArray(list) ? list : []) {
      const name = string(slot);
      const output = force(value.get(name) ?? null);
      const path = output instanceof Attrs ? string(output.get("outPath")) : "";
      outputs.push({ name, path: path === "" ? null : path });
    }
    return { name: string(value.get("name")), drvPath, outputs };
  }

  // ----------------------------------------------------------------------- what a document shows

  /** The derivations that bindings, list elements and the result of an open file are. */
  #derivationsOf(
    file: TrackedFile,
    known: readonly PlacedDerivation[],
    failed: Failure | null,
    failedElement: (expr: Expr, error: NixError) => void,
  ): PlacedDerivation[] {
    const found: PlacedDerivation[] = [];
    const ends = new Set(known.map(({ end }) => end));
    const shown = [...shownIn(file)];
    if (shown.length > MANY) {
      const edit = this.#edits.get(file.path) ?? 0;
      shown.sort((a, b) => Math.abs(a.start - edit) - Math.abs(b.start - edit));
    }
    const most = shown.length > MANY ? MAX_OF_MANY : shown.length;
    const see = (expr: Expr, i: number): void => {
      let slot = file.probes.shown(expr);
      if (slot === undefined || ends.has(expr.end)) return;
      if (i >= most && evaluated(slot) instanceof Thunk) return;
      this.ev.depth = 0;
      try {
        slot = force(slot);
        if (!isDerivation(slot)) return;
        found.push({ start: expr.start, end: expr.end, ...this.#describe(slot) });
      } catch (error) {
        // Nothing needed it, so that it fails is no error of the program: unless it is the one it had.
        if (!(error instanceof NixError)) throw error;
        if (failed !== null && this.#messageOf(error) === failed.message) failed.seen(expr);
        failedElement(expr, error);
      }
    };
    shown.forEach(see);
    const unique = new Map([...found, ...known].map((each) => [each.end, each]));
    return [...unique.values()].sort((a, b) => a.start - b.start || a.end - b.end);
  }

  /**
   * The value of an expression, null when it has not been evaluated and cannot be.
   *
   * @param names what is written there, when it is a name and attributes of it: found by name where the
   *   text has changed since it was evaluated
   */
  valueAt(target: ValueTarget): ValueReport | null {
    this.ev.depth = 0;
    try {
      const found = this.#find(target);
      return found === null ? null : this.#valueOf(found, target);
    } catch (error) {
      if (!(error instanceof NixError)) throw error;
      return null;
    }
  }

  /** The simple values of a document's bindings; null when its text has not been evaluated. */
  shortValuesOf(path: ByteString): ShortValue[] | null {
    const file = this.ev.trackedFile(path);
    return file?.isCurrent ? shortValues(file) : null;
  }

  #evaluatedAt(file: TrackedFile, { start, end, call = 0 }: ValueTarget): FoundValue | null {
    for (const expr of file.probes.expressions()) {
      if (expr.start !== start || expr.end !== end) continue;
      const slot = file.probes.get(expr);
      if (slot === undefined) continue;
      const calls = file.probes.calls(expr);
      if (calls.length < 2) return { slot, position: 0 };
      const index = ((file.probes.chosenCall(expr) ?? 0) + call) % calls.length;
      const { slot: chosen, sites } = calls[index] ?? { slot, sites: [] };
      const frames = sites.flatMap((at) => this.#frame(at) ?? []);
      // A call that the user has written says more than one by a library.
      const isOpen = ({ file }: ReportedFrame) => this.ev.trackedFile(file ?? "") !== null;
      const site = frames.find(isOpen) ?? frames[0] ?? null;
      return { slot: chosen, position: 0, call: { index, count: calls.length, site } };
    }
    return null;
  }

  #find(target: ValueTarget): FoundValue | null {
    const { path, end, names } = target;
    const file = this.ev.trackedFile(path);
    if (file === null) return null;
    const found =
      (file.isCurrent ? this.#evaluatedAt(file, target) : null) ??
      this.#evaluatedBefore(file, target);
    const named = names === null ? null : this.#lookUp(file, names, end);
    if (found === null && named === null && names !== null && !file.isComplete && file.before) {
      const before = this.#lookUp(file.before, names, end);
      return before && { ...before, isStale: true };
    }
    if (found === null) return named && { ...named, isStale: !file.isCurrent };
    return { ...found, position: named?.position ?? 0 };
  }

  /** What an expression was when the text that has changed, or is being evaluated, was another. */
  #evaluatedBefore(file: TrackedFile, target: ValueTarget): FoundValue | null {
    for (const each of file.isCurrent ? [file.before] : [file, file.before]) {
      const place = each && this.#placeIn(each, target);
      const found = each && place && this.#evaluatedAt(each, { ...target, ...place });
      if (found) return { ...found, isStale: true };
    }
    return null;
  }

  /** Where a part of a file's text was in the text that was evaluated; null when it was changed itself. */
  #placeIn(file: TrackedFile, { start, end }: ValueTarget): { start: number; end: number } | null {
    const now = this.#host.readFile(file.path);
    const before = this.ev.positions.find(file.base)?.file.text;
    if (now.ok !== true || before === undefined) return null;
    const same = commonPrefix(before, now.value);
    if (end <= same) return { start, end };
    const grown = now.value.length - before.length;
    const shift = { start: start - grown, end: end - grown };
    const isBehind = shift.start >= 0 && before.slice(shift.start) === now.value.slice(start);
    return isBehind ? shift : null;
  }

  /** The value of a name that stood somewhere in the file, nearest first, or that nixpkgs would give. */
  #lookUp(file: TrackedFile, names: readonly ByteString[], near: number): FoundValue | null {
    const [name, ...path] = names;
    if (name === undefined) return null;
    let nearest: Expr | null = null;
    const distance = (expr: Expr) => Math.abs(expr.start - near);
    for (const expr of file.probes.expressions()) {
      if (expr.kind !== "Var" || expr.name !== name) continue;
      if (nearest === null || distance(expr) < distance(nearest)) nearest = expr;
    }
    const known = nearest === null ? undefined : file.probes.get(nearest);
    let found: FoundValue | null = null;
    if (nearest !== null && known !== undefined)
      found = { slot: known, position: this.#withPosition(file, nearest) };
    else if (fileRole(file.expr, file.path) !== "expression") {
      const slot = requiredArguments(file.expr).includes(name) ? this.#roots.argument(name) : null;
      found = slot === null ? null : { slot, position: 0 };
    }
    for (const step of path) {
      if (found === null) return null;
      const set = force(found.slot);
      const slot = set instanceof Attrs ? set.get(step) : undefined;
      if (!(set instanceof Attrs) || slot === undefined) return null;
      found = { slot, position: set.position(step) };
    }
    return found;
  }

  /** Where the attribute is defined that a name from a `with` is. */
  #withPosition(file: TrackedFile, expr: Expr): number {
    if (expr.kind !== "Var") return 0;
    for (let node = expr.fromWith; node !== null; node = node.parentWith) {
      const slot = file.probes.get(node.scope);
      const set = slot === undefined ? null : force(slot);
      if (set instanceof Attrs && set.get(expr.name) !== undefined) return set.position(expr.name);
    }
    return 0;
  }

  #valueOf(
    { slot, position, call = null, isStale = false }: FoundValue,
    { start, end }: ValueTarget,
  ): ValueReport {
    const wasForced = !(evaluated(slot) instanceof Thunk);
    const value = force(slot);
    const derivation = isDerivation(value) ? this.#describe(value) : null;
    const text =
      derivation === null ? this.#shown(value) : `\xc2\xabderivation ${derivation.drvPath}\xc2\xbb`;
    const details = describeValue(value);
    return {
      start,
      end,
      text,
      type: derivation === null ? typeOf(value) : "derivation",
      derivation,
      wasForced,
      isStale,
      details,
      definition: this.#frame(details.position || position),
      call,
      closure:
        derivation === null ? null : derivationClosure(this.ev.store, derivation.drvPath).size,
    };
  }

  #shown(value: Value): ByteString {
    return showValue(value, {
      maxDepth: 3,
      maxAttrs: 20,
      maxItems: 20,
      maxString: 400,
      abbreviate: shortDerivation,
      locate: (at) => this.#place(at),
    });
  }

  #place(position: number): ByteString {
    return this.ev.liveTrees.shown(this.ev.showPosition(position));
  }

  /** What is known of an option of the configuration that a module has been evaluated in. */
  optionAt(path: ByteString, names: readonly OptionStep[]): OptionDescription | null {
    this.ev.depth = 0;
    const known = this.#configurations.get(path);
    if (known === null) return null;
    return describeOption(this.ev, known, names, {
      show: (value) => this.#shown(value),
      place: (position) => {
        const frame = this.#frame(position);
        return frame && frame.file !== null ? { ...frame, file: frame.file } : null;
      },
    });
  }

  /** The options of that configuration at a path. */
  optionNames(
    path: ByteString,
    names: readonly OptionStep[],
  ): { name: ByteString; type: ByteString | null }[] | null {
    this.ev.depth = 0;
    const known = this.#configurations.get(path);
    return known === null ? null : optionNames(this.ev, known, names);
  }

  /** All of a value that a few seconds and a readable length allow, as text; null as in `valueAt`. */
  expandedAt(target: ValueTarget): ByteString | null {
    this.ev.depth = 0;
    try {
      const found = this.#find(target);
      return found === null ? null : expandValue(found.slot, (at) => this.#place(at));
    } catch (error) {
      if (!(error instanceof NixError)) throw error;
      return `${guillemets(`error: ${this.#messageOf(error)}`)}\n`;
    }
  }

  /** A place in a file. */
  #frame(position: number): ReportedFrame | null {
    const found = this.#reported(position, "");
    return found?.file === null ? null : found;
  }

  /** `file` is null for what is in no file. */
  #reported(position: number, text: ByteString): ReportedFrame | null {
    const { positions, files } = this.ev;
    const place = positions.find(positions.current(position));
    if (place === null) return null;
    const { line, column } = positions.lineColumn(place);
    const { path } = place.file;
    // A file of a flake is shown where it can be edited.
    const file = path === null ? null : files.physical(path);
    return { file, line, column, text: this.ev.liveTrees.shown(text) };
  }

  /** The attributes of the value of an expression, in byte order; null as in `valueAt`. */
  attributesOf(target: ValueTarget): { name: ByteString; type: string | null }[] | null {
    this.ev.depth = 0;
    try {
      const found = this.#find(target);
      const value = found && force(found.slot);
      if (!(value instanceof Attrs)) return null;
      return value
        .sortedNames()
        .map((name) => ({ name, type: knownType(value.get(name) as Slot) }));
    } catch (error) {
      if (!(error instanceof NixError)) throw error;
      return null;
    }
  }
}

function commonPrefix(a: ByteString, b: ByteString): number {
  let at = 0;
  while (at < a.length && a.charCodeAt(at) === b.charCodeAt(at)) at++;
  return at;
}

/** «derivation hello-2.10» for a set that is known to be a derivation. */
function shortDerivation(set: Attrs): ByteString | null {
  if (knownType(set) !== "derivation") return null;
  const slot = set.get("name");
  const name = slot instanceof Thunk ? slot.value : slot;
  const known = name instanceof ContextString ? name.text : name;
  return guillemets(typeof known === "string" ? `derivation ${known}` : "derivation");
}

/** Of a derivation whose path, or that of an output, something has needed. */
function knownDrvPath(slot: Slot): ByteString | null {
  const value = evaluated(slot);
  if (!(value instanceof Attrs)) return null;
  const names = evaluated(value.get("outputs") ?? ["out"]);
  const outputs = Array.isArray(names) ? names.map((name) => knownAttribute(value, name)) : [];
  // What takes `x.out` has needed the path of that, and none of `x` itself.
  for (const set of [value, ...outputs]) {
    for (const name of set instanceof Attrs ? ["drvPath", "outPath"] : []) {
      const path = knownAttribute(set as Attrs, name);
      const [element] = path instanceof ContextString ? path.context : [];
      const origin = element === undefined ? null : parseElement(element);
      if (origin !== null && origin.kind !== "opaque") return origin.drvPath;
    }
  }
  return null;
}

/** Null when it has not been evaluated. */
function knownAttribute(set: Attrs, name: Slot): Slot {
  const known = evaluated(name);
  return typeof known === "string" ? evaluated(set.get(known) ?? null) : null;
}

/** The type of a slot, null when it has not been evaluated. */
function knownType(slot: Slot): string | null {
  const value = evaluated(slot);
  if (value instanceof Thunk) return null;
  if (value instanceof Attrs) {
    const type = value.get("type");
    const known = type instanceof Thunk ? type.value : type;
    if (known === "derivation" || (known instanceof ContextString && known.text === "derivation"))
      return "derivation";
  }
  return typeOf(value);
}

const shown = new WeakMap<Expr, readonly Expr[]>();

/** The expressions of a file beside which a derivation is shown. */
function shownIn({ expr }: TrackedFile): readonly Expr[] {
  const known = shown.get(expr) ?? [...shownExpressions(expr)];
  shown.set(expr, known);
  return known;
}

function* shownExpressions(root: Expr): Generator<Expr> {
  const pending: Expr[] = [];
  const set = (attrs: AttrSet) => {
    for (const attr of attrs.attrs) pending.push(attr.value);
    for (const attr of attrs.dynamic) pending.push(attr.value);
    pending.push(...attrs.inheritFrom);
  };
  // The result of the file: what is left when functions, lets and the like are looked through.
  let result: Expr = root;
  for (;;) {
    if (result.kind === "Lambda" || result.kind === "Let" || result.kind === "With")
      result = result.body;
    else if (result.kind === "Assert") result = result.body;
    else break;
  }
  yield result;
  pending.push(root);
  for (let expr = pending.pop(); expr !== undefined; expr = pending.pop()) {
    switch (expr.kind) {
      case "AttrSet":
        for (const attr of expr.attrs) yield attr.value;
        for (const attr of expr.dynamic) yield attr.value;
        set(expr);
        break;
      case "Let":
        for (const attr of expr.attrs.attrs) yield attr.value;
        set(expr.attrs);
        pending.push(expr.body);
        break;
      case "List":
        yield* expr.items;
        pending.push(...expr.items);
        break;
      case "Lambda":
        for (const formal of expr.formals?.items ?? [])
          if (formal.fallback !== null) pending.push(formal.fallback);
        pending.push(expr.body);
        break;
      case "Call":
        pending.push(expr.fn, ...expr.args);
        break;
      case "With":
        pending.push(expr.scope, expr.body);
        break;
      case "If":
        pending.push(expr.condition, expr.then, expr.otherwise);
        break;
      case "Assert":
        pending.push(expr.condition, expr.body);
        break;
      case "Binary":
        pending.push(expr.left, expr.right);
        break;
      case "Unary":
        pending.push(expr.operand);
        break;
      case "Select":
        pending.push(expr.subject);
        if (expr.fallback !== null) pending.push(expr.fallback);
        break;
      case "HasAttr":
        pending.push(expr.subject);
        break;
      case "Interpolation":
      case "PathInterpolation":
        pending.push(...expr.parts);
        break;
      default:
        break;
    }
  }
}
