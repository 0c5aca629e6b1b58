/**
 * The evaluation Worker: one evaluation session behind messages (evaluation-protocol.ts). Evaluating
 * blocks this thread; cancelling reaches it through shared memory.
 */
import {
  type MessagePort,
  parentPort,
  receiveMessageOnPort,
  workerData,
} from "node:worker_threads";
import { bytesFromText, bytesToText } from "../base/bytes.ts";
import { LastBuilds } from "../build/last-builds.ts";
import { PrivateStore } from "../build/private-store.ts";
import { privateStorePlace } from "../build/private-store-place.ts";
import { Interruption } from "../eval/errors.ts";
import type { PackagesAhead } from "../eval/evaluate-ahead.ts";
import type { EvalHost } from "../eval/host.ts";
import { RestrictedHost } from "../eval/restricted-host.ts";
import { parseSearchPathEntry } from "../eval/search-path.ts";
import type { ValueTarget } from "../eval/session.ts";
import { DEFAULT_NIX_VERSION } from "../eval/versions.ts";
import type { FileRole } from "../scope/file-role.ts";
import {
  type Derivations,
  derivationClosure,
  derivationDifference,
} from "../store/derivation-difference.ts";
import { StoreError } from "../store/error.ts";
import { MemoryStore } from "../store/memory-store.ts";
import { showDerivation } from "../store/show-derivation.ts";
import { DEFAULT_STORE_DIR } from "../store/store-path.ts";
import { AvailabilityLookup } from "./availability.ts";
import {
  type Baseline,
  type EvaluationOptions,
  type EvaluationQuery,
  LAST_BUILD,
  type OptionPlace,
  type QueryAnswers,
  type QueryTarget,
  type RootResult,
  SHARED,
  type WorkerReply,
  type WorkerRequest,
  type WorkerStart,
} from "./evaluation-protocol.ts";
import { EvaluationSessions } from "./evaluation-sessions.ts";
import { gitRevision } from "./git-revision.ts";
import { hasRoomFor, heapUse } from "./heap-room.ts";
import { installedNixVersion } from "./installed-nix.ts";
import { currentSystem } from "./nix-settings.ts";
import { NodeEvalHost } from "./node-eval-host.ts";
import { nodeHasher } from "./node-hash.ts";
import {
  plainChange,
  plainDerivation,
  plainError,
  plainFrame,
  plainOption,
  plainValue,
} from "./session-report.ts";

const text = bytesToText;

/** In ms. */
const PROGRESS_INTERVAL = 300;

/** In ms: so long questions wait for what is compared with; each time that it begins anew for them twice as long. */
const PATIENCE = 100;

/** Evaluating ahead: after so long without a message, and for so long at a time. In ms. */
const AHEAD = { quiet: 500, turn: 25 };
/** So many derivations (of nixpkgs: what most packages share; 65 KB each), and only while less of the heap is in use. */
const AHEAD_LIMITS = { derivations: 2000, heap: 0.25 };

const OUT_OF_MEMORY = {
  code: "memory-limit",
  message: "evaluation took more memory than the setting snowglobe.evaluation.memoryLimit allows",
};

/** What is evaluated ahead, as long as this revision is the newest. */
interface Ahead {
  readonly packages: PackagesAhead;
  readonly revision: number;
}

type BaselineRequest = Extract<WorkerRequest, { type: "baseline" }>;

/** Answers the messages of one port. */
class WorkerLoop {
  readonly #port: MessagePort;
  readonly #sessions: EvaluationSessions;
  readonly #store: MemoryStore;
  readonly #shared: Int32Array;
  #queriesTaken = 0;
  #patience = PATIENCE;
  /** Messages that came while something was evaluated, for afterwards. */
  readonly #backlog: WorkerRequest[] = [];
  readonly #timeLimit: number;
  readonly #trusted: boolean;
  #availability: AvailabilityLookup | undefined;
  /** Of the evaluation that runs, in ms. */
  #limit = 0;
  readonly #open = new Set<string>();
  #ahead: Ahead | null = null;
  #madeAhead = 0;
  #isAhead = false;
  #nextTurn: NodeJS.Timeout | undefined;
  readonly #lastBuilds: LastBuilds;
  /** Those of this session, and those that were built before. */
  readonly #derivations: Derivations;

  constructor(port: MessagePort, { options, shared }: WorkerStart) {
    this.#port = port;
    this.#shared = new Int32Array(shared);
    this.#timeLimit = options.timeLimit;
    this.#trusted = options.trusted;
    this.#store = new MemoryStore({ storeDir: DEFAULT_STORE_DIR, hasher: nodeHasher });
    const stored = new PrivateStore(this.#store.context, privateStorePlace(process.env));
    this.#lastBuilds = new LastBuilds(stored);
    this.#derivations = {
      context: this.#store.context,
      readDerivation: (drvPath) =>
        this.#store.isValidPath(drvPath)
          ? this.#store.readDerivation(drvPath)
          : stored.derivation(drvPath),
    };
    this.#sessions = new EvaluationSessions(this.#host(options), this.#store, {
      system: bytesFromText(options.system ?? currentSystem()),
      nixVersion: options.nixVersion ?? installedNixVersion(process.env) ?? DEFAULT_NIX_VERSION,
      maxCallDepth: options.depth,
      pureEval: false,
      restrictEval: false,
      searchPath: options.nixPath.map((entry) => parseSearchPathEntry(bytesFromText(entry))),
      directory: bytesFromText(process.cwd()),
      homeDirectory: bytesFromText(process.env["HOME"] ?? "/"),
      features: new Set(["pipe-operators"]),
      lints: {},
      traceVerbose: false,
      abortOnWarn: false,
      showTrace: false,
    });
    for (const { ev } of this.#sessions.all) {
      ev.allocate = (bytes) => {
        if (!hasRoomFor(bytes)) throw new Interruption("memory-limit");
      };
    }
    port.on("message", (request: WorkerRequest) => {
      if (request.type === "query") this.#queriesTaken++;
      let next: WorkerRequest | undefined = request;
      for (; next !== undefined; next = this.#backlog.shift()) this.#handle(next);
      this.#goOnAhead(AHEAD.quiet);
    });
    this.#send({ type: "ready" });
  }

  #host(options: EvaluationOptions): EvalHost {
    const host = new NodeEvalHost({
      environment: process.env,
      onMessage: (kind, message) => {
        if (!this.#isAhead) this.#send({ type: "message", kind, text: text(message) });
      },
    });
    if (options.trusted) return host;
    const roots = [
      ...options.workspaceFolders,
      ...options.nixPath.map((entry) => entry.slice(entry.indexOf("=") + 1)),
    ];
    return new RestrictedHost(host, roots.map(bytesFromText));
  }

  #send(reply: WorkerReply): void {
    this.#port.postMessage(reply);
  }

  #handle(request: WorkerRequest): void {
    const sessions = this.#sessions;
    switch (request.type) {
      case "sync":
        for (const { path, contents, open } of request.documents) {
          sessions.setDocument(bytesFromText(path), contents, open);
          if (open) this.#open.add(path);
          else this.#open.delete(path);
        }
        break;
      case "changed-on-disk":
        sessions.changedOnDisk(request.paths?.map(bytesFromText) ?? null);
        break;
      case "evaluate":
        this.#evaluate(request);
        break;
      case "baseline":
        this.#tellBaseline(request);
        break;
      case "availability":
        this.#tellAvailability(request);
        break;
      case "query":
        this.#send({ type: "answer", id: request.id, answer: this.#answer(request.query) });
        break;
    }
  }

  #tellAvailability({ id, question }: Extract<WorkerRequest, { type: "availability" }>): void {
    this.#availability ??= new AvailabilityLookup(this.#store);
    this.#availability.answer(question).then(
      (availability) => this.#send({ type: "availability", id, availability }),
      () => this.#send({ type: "availability", id, availability: null }),
    );
  }

  #isOutdated(revision: number): boolean {
    return Atomics.load(this.#shared, SHARED.wantedRevision) > revision;
  }

  get #isAsked(): boolean {
    return Atomics.load(this.#shared, SHARED.queriesSent) !== this.#queriesTaken;
  }

  /** In the middle of an evaluation: queries that what is known can answer are answered. */
  #takeQueries(): void {
    if (!this.#isAsked) return;
    for (;;) {
      const received = receiveMessageOnPort(this.#port) as { message: WorkerRequest } | undefined;
      if (received === undefined) return;
      const request = received.message;
      if (request.type === "query") this.#queriesTaken++;
      // What was asked after a change is asked of the changed text.
      const isOfThisText = !this.#backlog.some(
        ({ type }) => type === "sync" || type === "changed-on-disk",
      );
      const answer =
        request.type === "query" && isOfThisText
          ? this.#sessions.meanwhile(() => this.#answer(request.query))
          : null;
      if (request.type === "query" && answer !== null)
        this.#send({ type: "answer", id: request.id, answer });
      else this.#backlog.push(request);
    }
  }

  #evaluate({
    root,
    revision,
    role,
    timeLimit,
  }: Extract<WorkerRequest, { type: "evaluate" }>): void {
    const stale = () => this.#isOutdated(revision);
    if (stale()) {
      this.#send({ type: "cancelled", root, revision });
      return;
    }
    const limit = timeLimit ?? this.#timeLimit;
    const start = performance.now();
    let told = start;
    const poll = () => {
      if (stale()) throw new Interruption("cancelled");
      this.#takeQueries();
      const now = performance.now();
      if (now - start > limit) throw new Interruption("time-limit");
      if (now - told < PROGRESS_INTERVAL) return;
      told = now;
      this.#send({ type: "progress", root, progress: this.#sessions.progress });
    };
    this.#limit = limit;
    this.#ahead = null;
    try {
      const result = this.#sessions.polled(poll, () => this.#result(root, role));
      this.#send({ type: "evaluated", root, revision, result });
      this.#ahead = this.#packagesAhead(root, role, revision);
    } catch (error) {
      if (!(error instanceof Interruption) || error.reason !== "cancelled") throw error;
      this.#send({ type: "cancelled", root, revision });
    }
  }

  #packagesAhead(root: string, role: FileRole | null, revision: number): Ahead | null {
    if (!this.#trusted || this.#madeAhead >= AHEAD_LIMITS.derivations) return null;
    const path = bytesFromText(root);
    const packages = this.#sessions.of(path, role).session.packagesAhead(path);
    return packages && { packages, revision };
  }

  #goOnAhead(delay: number): void {
    clearTimeout(this.#nextTurn);
    const { derivations, heap } = AHEAD_LIMITS;
    if (this.#ahead === null || this.#madeAhead >= derivations || heapUse() > heap) return;
    this.#nextTurn = setTimeout(() => this.#takeTurn(), delay);
  }

  /** Evaluates ahead for a moment; an edit ends it at once. */
  #takeTurn(): void {
    if (this.#ahead === null) return;
    const { packages, revision } = this.#ahead;
    const start = performance.now();
    const isStale = () => this.#isOutdated(revision);
    const isOver = () => performance.now() - start > AHEAD.turn || isStale();
    const poll = () => {
      if (isOver()) throw new Interruption("cancelled");
    };
    this.#isAhead = true;
    try {
      this.#sessions.polled(poll, () => {
        while (!isOver() && this.#ahead !== null) {
          const before = packages.ev.derivations;
          if (!packages.step()) this.#ahead = null;
          this.#madeAhead += packages.ev.derivations - before;
        }
      });
      if (isStale()) this.#ahead = null;
    } finally {
      this.#isAhead = false;
    }
    this.#goOnAhead(0);
  }

  #tellBaseline(request: BaselineRequest): void {
    const baseline = this.#baseline(request);
    if (baseline === "later") {
      this.#patience *= 2;
      this.#takeQueries();
      this.#backlog.push(request);
      return;
    }
    this.#patience = PATIENCE;
    this.#send({ type: "baseline", root: request.root, baseline });
  }

  /**
   * The root as a commit has it. It costs what differs from the root as it is.
   *
   * @returns "later" when something is asked of how things are now, which cannot be answered meanwhile
   */
  #baseline({ root, revision, role, reference }: BaselineRequest): Baseline | null | "later" {
    const stale = () => this.#isOutdated(revision);
    if (!this.#trusted || stale()) return null;
    if (reference === LAST_BUILD) return this.#lastBuild(root);
    const git = gitRevision(root, reference);
    if (git === null && reference === "HEAD") return this.#lastBuild(root);
    const path = bytesFromText(root);
    const use = this.#sessions.flakeUse(path);
    const { session, role: asked } = this.#sessions.of(use?.flake ?? path, use ? "flake" : role);
    const isFlake = asked === "flake";
    const past = isFlake ? git?.commit : git?.differing([...this.#open]);
    if (git === null || past === null || past === undefined) return null;
    const deadline = performance.now() + this.#timeLimit;
    let askedAt: number | null = null;
    let isLater = false;
    const poll = () => {
      if (stale()) throw new Interruption("cancelled");
      const now = performance.now();
      if (now > deadline) throw new Interruption("time-limit");
      // The tree of a flake is read apart from that of now. Other files are for everybody as they were then.
      if (isFlake) this.#takeQueries();
      else if (this.#isAsked) {
        askedAt ??= now;
        isLater = now - askedAt > this.#patience;
        if (isLater) throw new Interruption("cancelled");
      }
    };
    try {
      const report = this.#sessions.polled(poll, () =>
        session.evaluatePast(use?.flake ?? path, asked, past, use?.part, path),
      );
      // Inputs may not be here that it had then.
      if (isFlake && report.error !== null && report.members.size === 0) return null;
      const members = Array.from(report.members, ([name, { name: drvName, drvPath }]) => [
        text(name),
        { name: text(drvName), drvPath: text(drvPath) },
      ]);
      const closure = new Set<string>();
      for (const { drvPath } of report.members.values())
        for (const each of derivationClosure(this.#store, drvPath)) closure.add(text(each));
      const { commit } = git;
      return { reference, commit, members: Object.fromEntries(members), closure };
    } catch (error) {
      if (isLater) return "later";
      if (error instanceof Interruption || error instanceof RangeError) return null;
      throw error;
    }
  }

  /** What was built of a file last, null when it was not or is not in the store any more. */
  #lastBuild(root: string): Baseline | null {
    const known = Object.entries(this.#lastBuilds.of(root)).flatMap(([attribute, member]) => {
      try {
        const drvPath = bytesFromText(member.drvPath);
        return [{ attribute, member, closure: derivationClosure(this.#derivations, drvPath) }];
      } catch (error) {
        if (error instanceof StoreError) return [];
        throw error;
      }
    });
    if (known.length === 0) return null;
    return {
      reference: "the last build",
      commit: null,
      members: Object.fromEntries(known.map(({ attribute, member }) => [attribute, member])),
      closure: new Set(known.flatMap(({ closure }) => [...closure].map(text))),
    };
  }

  #result(root: string, role: FileRole | null): RootResult {
    try {
      const path = bytesFromText(root);
      const report = this.#sessions.evaluate(path, role);
      const derivations = Object.fromEntries(
        Array.from(report.derivations, ([path, placed]) => [
          text(path),
          placed.map((each) => ({ start: each.start, end: each.end, ...plainDerivation(each) })),
        ]),
      );
      const { error } = report;
      return {
        derivations,
        isRoot: report.isRoot,
        role: report.role,
        through: report.through === null ? null : text(report.through),
        error: error === null ? null : plainError(error),
        others: report.others.map(plainError),
        unlocked: report.unlocked.map(plainFrame),
      };
    } catch (error) {
      const failure = this.#stopped(error);
      if (failure === null) throw error;
      return {
        derivations: {},
        isRoot: true,
        role: role ?? "expression",
        through: null,
        error: { ...failure, at: null, trace: [], suggestions: [] },
      };
    }
  }

  /** What ended an evaluation that the program itself did not end. */
  #stopped(error: unknown): { code: string; message: string } | null {
    if (error instanceof Interruption && error.reason === "time-limit") {
      return {
        code: "time-limit",
        message: `evaluation took longer than ${this.#limit / 1000} s (setting snowglobe.evaluation.timeLimit)`,
      };
    }
    if (error instanceof Interruption && error.reason === "pending")
      return { code: "pending", message: `evaluation waits for ${error.key}` };
    if (error instanceof Interruption && error.reason === "memory-limit") return OUT_OF_MEMORY;
    // "Invalid array length" and the like: larger than the engine can make anything.
    if (error instanceof RangeError && !/call stack/.test(error.message)) return OUT_OF_MEMORY;
    if (error instanceof RangeError) {
      return { code: "stack-overflow", message: "stack overflow (possible infinite recursion)" };
    }
    return null;
  }

  #answer(query: EvaluationQuery): QueryAnswers[EvaluationQuery["kind"]] {
    // A query forces little, but what it forces may not run for ever.
    const deadline = performance.now() + 1000;
    const poll = () => {
      if (performance.now() > deadline) throw new Interruption("time-limit");
    };
    try {
      return this.#sessions.polled(poll, () => this.#ask(query));
    } catch (error) {
      if (error instanceof Interruption || error instanceof RangeError) return null;
      // A derivation that this session has not made.
      if (error instanceof StoreError) return null;
      throw error;
    }
  }

  #ask(query: EvaluationQuery): QueryAnswers[EvaluationQuery["kind"]] {
    const sessions = this.#sessions;
    switch (query.kind) {
      case "value": {
        const value = sessions.ask((one) => one.valueAt(bytesOfTarget(query)));
        return value === null ? null : plainValue(value);
      }
      case "expanded": {
        const found = sessions.ask((one) => one.expandedAt(bytesOfTarget(query)));
        return found === null ? null : text(found);
      }
      case "option": {
        const { path, names } = bytesOfOption(query);
        const found = sessions.ask((one) => one.optionAt(path, names));
        return found && plainOption(found);
      }
      case "option-names": {
        const { path, names } = bytesOfOption(query);
        const found = sessions.ask((one) => one.optionNames(path, names));
        return (
          found?.map(({ name, type }) => ({ name: text(name), type: type && text(type) })) ?? null
        );
      }
      case "attributes": {
        const found = sessions.ask((one) => one.attributesOf(bytesOfTarget(query)));
        return found?.map(({ name, type }) => ({ name: text(name), type })) ?? null;
      }
      case "short-values": {
        const found = sessions.ask((one) => one.shortValuesOf(bytesFromText(query.path)));
        return found?.map((each) => ({ ...each, text: text(each.text) })) ?? null;
      }
      case "change-count": {
        const [before, after] = [bytesFromText(query.before), bytesFromText(query.after)];
        const old = derivationClosure(this.#derivations, before);
        const now = derivationClosure(this.#derivations, after);
        const changed = [...now].filter((path) => !old.has(path)).length;
        return { changed, total: now.size };
      }
      case "changes": {
        const [before, after] = [bytesFromText(query.before), bytesFromText(query.after)];
        const change = derivationDifference(this.#derivations, before, after);
        return plainChange(this.#store, (path) => sessions.physical(path), change);
      }
      case "past-files": {
        if (!this.#trusted) return null;
        // The path may be the top of the repository.
        const inside = gitRevision(`${query.path}/.`, query.reference);
        const git = inside ?? gitRevision(query.path, query.reference);
        const past = git?.differing([...this.#open]);
        if (!past) return null;
        const isBelow = (path: string) => path === query.path || path.startsWith(`${query.path}/`);
        return [...past]
          .map(([path, before]) => ({
            path: text(path),
            before: before === null ? null : text(before),
          }))
          .filter(({ path }) => isBelow(path));
      }
      case "derivation": {
        const drvPath = bytesFromText(query.drvPath);
        const object = this.#store.object(drvPath);
        return object?.kind === "derivation" ? text(showDerivation(drvPath, object.drv)) : null;
      }
    }
  }
}

function bytesOfOption({ path, names }: OptionPlace) {
  const bytes = names.map((name) => (name === null ? null : bytesFromText(name)));
  return { path: bytesFromText(path), names: bytes };
}

function bytesOfTarget({ path, start, end, names, call = 0 }: QueryTarget): ValueTarget {
  const bytes = names?.map(bytesFromText) ?? null;
  return { path: bytesFromText(path), start, end, names: bytes, call };
}

if (parentPort !== null) new WorkerLoop(parentPort, workerData as WorkerStart);
