/**
 * Owns the evaluation Worker: keeps its copy of the open documents up to date, asks it, cancels it,
 * and replaces it when it dies or hangs. Whatever happens to it, every question is answered.
 */
import {
  type Availability,
  type AvailabilityQuestion,
  type Baseline,
  type DocumentSync,
  type EvaluationOptions,
  type EvaluationProgress,
  type EvaluationQuery,
  type EvaluationWorker,
  type QueryAnswers,
  type RootResult,
  SHARED,
  type StartEvaluationWorker,
  type WorkerReply,
  type WorkerRequest,
} from "../host/evaluation-protocol.ts";
import type { EvaluationError } from "../ide/evaluation-view.ts";
import type { FileRole } from "../scope/file-role.ts";

export type Outcome =
  | { readonly kind: "evaluated"; readonly result: RootResult }
  /** The documents changed meanwhile, or the options did. */
  | { readonly kind: "cancelled" }
  /** The Worker died of it. Evaluating the same text again would kill it again. */
  | { readonly kind: "died"; readonly error: EvaluationError };

export interface EvaluationClientConfig {
  readonly start: StartEvaluationWorker;
  readonly options: EvaluationOptions;
  /** Megabytes. */
  readonly memoryLimit: number;
  readonly log: (message: string) => void;
  readonly onProgress?: (root: string, progress: EvaluationProgress) => void;
}

/** After the time limit the Worker unwinds by itself; one that has not by then is ended. In ms. */
const GRACE = 2000;

interface RunningEvaluation {
  readonly request: Extract<WorkerRequest, { type: "evaluate" }>;
  readonly timer: NodeJS.Timeout;
  readonly finish: (outcome: Outcome) => void;
}

export class EvaluationClient {
  #config: EvaluationClientConfig;
  /** The open ones, for a new Worker. */
  readonly #documents = new Map<string, DocumentSync>();
  #worker: EvaluationWorker | null = null;
  #shared = sharedCells();
  #revision = 0;
  #running: RunningEvaluation | null = null;
  /** Whether the Worker keeps anything of earlier evaluations. */
  #isUsed = false;
  readonly #baselines = new Map<string, (baseline: Baseline | null) => void>();
  readonly #availabilities = new Map<number, (availability: Availability | null) => void>();
  #nextQuery = 0;
  readonly #queries = new Map<number, (answer: QueryAnswers[keyof QueryAnswers]) => void>();

  constructor(config: EvaluationClientConfig) {
    this.#config = config;
  }

  /** Tells what changed in the open documents, and cancels what is being evaluated. */
  sync(documents: readonly DocumentSync[]): void {
    for (const document of documents) {
      if (document.open) this.#documents.set(document.path, document);
      else this.#documents.delete(document.path);
    }
    this.#outdate();
    this.#post({ type: "sync", revision: this.#revision, documents });
  }

  /** Files changed on disk; null: any may have. */
  changedOnDisk(paths: readonly string[] | null): void {
    this.#outdate();
    this.#post({ type: "changed-on-disk", paths });
  }

  /** Evaluates a file. One at a time: an evaluation that still runs is cancelled first. */
  evaluate(
    root: string,
    role: FileRole | null = null,
    timeLimit: number | null = null,
  ): Promise<Outcome> {
    if (this.#running) this.#outdate();
    this.#settle({ kind: "cancelled" });
    return new Promise((resolve) => {
      this.#run({ type: "evaluate", root, revision: this.#revision, role, timeLimit }, resolve);
    });
  }

  #run(request: RunningEvaluation["request"], finish: RunningEvaluation["finish"]): void {
    const worker = this.#ensureWorker();
    if (!worker) {
      finish(died("crash", "The evaluation could not be started."));
      return;
    }
    const limit = (request.timeLimit ?? this.#config.options.timeLimit) + GRACE;
    const timer = setTimeout(() => this.#hung(), limit);
    this.#running = { request, timer, finish };
    worker.post(request);
  }

  /** Stops the evaluation that runs; it ends as cancelled. */
  cancel(): void {
    this.#outdate();
  }

  /** What a root was in a commit; null when there is none, or something changed meanwhile. */
  baseline(root: string, role: FileRole | null, reference: string): Promise<Baseline | null> {
    const worker = this.#worker;
    if (!worker) return Promise.resolve(null);
    this.#baselines.get(root)?.(null);
    return new Promise((resolve) => {
      this.#baselines.set(root, resolve);
      worker.post({ type: "baseline", root, revision: this.#revision, role, reference });
    });
  }

  /** Where derivations are; null when the Worker that made them is gone. */
  availability(question: AvailabilityQuestion): Promise<Availability | null> {
    const worker = this.#worker;
    if (!worker) return Promise.resolve(null);
    return new Promise((resolve) => {
      const id = this.#nextQuery++;
      this.#availabilities.set(id, resolve);
      worker.post({ type: "availability", id, question });
    });
  }

  /** The answer, or null when it takes longer than `timeout` milliseconds. */
  query<Q extends EvaluationQuery>(
    query: Q,
    timeout: number,
  ): Promise<QueryAnswers[Q["kind"]] | null> {
    return new Promise((resolve) => {
      // A Worker that does not run knows nothing yet.
      if (!this.#worker) {
        resolve(null);
        return;
      }
      const id = this.#nextQuery++;
      const timer = setTimeout(() => this.#answer(id, null), timeout);
      this.#queries.set(id, (answer) => {
        clearTimeout(timer);
        resolve(answer as QueryAnswers[Q["kind"]] | null);
      });
      Atomics.add(this.#shared, SHARED.queriesSent, 1);
      this.#post({ type: "query", id, query });
    });
  }

  /**
   * Other options mean another Worker: what was evaluated under the old ones is forgotten. False
   * when they are the same, and nothing happens.
   */
  configure(options: EvaluationOptions, memoryLimit: number): boolean {
    const text = JSON.stringify(options);
    const same = memoryLimit === this.#config.memoryLimit;
    if (same && text === JSON.stringify(this.#config.options)) return false;
    this.#config = { ...this.#config, options, memoryLimit };
    this.dispose();
    return true;
  }

  /** Makes the Worker before it is needed: loading it takes longer than many an evaluation. */
  warmUp(): void {
    this.#ensureWorker();
  }

  dispose(): void {
    this.#worker?.terminate();
    this.#worker = null;
    this.#isUsed = false;
    this.#settle({ kind: "cancelled" });
    this.#forgetQueries();
  }

  #outdate(): void {
    this.#revision += 1;
    Atomics.store(this.#shared, SHARED.wantedRevision, this.#revision);
  }

  #post(request: WorkerRequest): void {
    this.#worker?.post(request);
  }

  #ensureWorker(): EvaluationWorker | null {
    if (this.#worker) return this.#worker;
    const { start, options, memoryLimit, log } = this.#config;
    this.#shared = sharedCells();
    Atomics.store(this.#shared, SHARED.wantedRevision, this.#revision);
    const shared = this.#shared.buffer as SharedArrayBuffer;
    try {
      const worker: EvaluationWorker = start({ options, shared }, memoryLimit, {
        onReply: (reply) => {
          if (this.#worker === worker) this.#onReply(reply);
        },
        onEnd: ({ reason, message }) => {
          log(`evaluation worker: ${message}`);
          if (this.#worker === worker) this.#lost(died(reason, explain(reason)));
        },
      });
      this.#worker = worker;
    } catch (error) {
      log(`evaluation worker: ${error instanceof Error ? error.message : String(error)}`);
      return null;
    }
    const documents = [...this.#documents.values()];
    this.#post({ type: "sync", revision: this.#revision, documents });
    return this.#worker;
  }

  #onReply(reply: WorkerReply): void {
    switch (reply.type) {
      case "evaluated":
        if (this.#isRunning(reply)) this.#evaluated(reply.result);
        return;
      case "cancelled":
        if (this.#isRunning(reply)) this.#settle({ kind: "cancelled" });
        return;
      case "baseline":
        this.#baselines.get(reply.root)?.(reply.baseline);
        this.#baselines.delete(reply.root);
        return;
      case "availability":
        this.#availabilities.get(reply.id)?.(reply.availability);
        this.#availabilities.delete(reply.id);
        return;
      case "answer":
        this.#answer(reply.id, reply.answer);
        return;
      case "progress":
        this.#config.onProgress?.(reply.root, reply.progress);
        return;
      case "message":
        this.#config.log(`${reply.kind}: ${reply.text}`);
        return;
      case "ready":
        return;
    }
  }

  #evaluated(result: RootResult): void {
    const { error } = result;
    if (error?.code !== "memory-limit") {
      this.#isUsed = true;
      this.#settle({ kind: "evaluated", result });
      return;
    }
    // What filled the memory may still be kept for the next evaluation: a new Worker starts empty.
    this.#worker?.terminate();
    this.#lost({ kind: "died", error });
  }

  #isRunning(reply: { readonly root: string; readonly revision: number }): boolean {
    const { root, revision } = this.#running?.request ?? {};
    return root === reply.root && revision === reply.revision;
  }

  #settle(outcome: Outcome): void {
    const running = this.#running;
    if (!running) return;
    clearTimeout(running.timer);
    this.#running = null;
    running.finish(outcome);
  }

  #answer(id: number, answer: QueryAnswers[keyof QueryAnswers]): void {
    const resolve = this.#queries.get(id);
    this.#queries.delete(id);
    resolve?.(answer);
  }

  #hung(): void {
    this.#config.log("evaluation worker: no answer after its time limit, ended");
    this.#worker?.terminate();
    this.#lost(died("time-limit", explain("time-limit")));
  }

  /**
   * The Worker is gone; the next evaluation makes another. So does this one, when it was what earlier
   * ones have left behind that took the memory.
   */
  #lost(outcome: Extract<Outcome, { kind: "died" }>): void {
    const running = this.#running;
    const isWorthAnother = outcome.error.code === "memory-limit" && this.#isUsed;
    this.#worker = null;
    this.#isUsed = false;
    if (running !== null && isWorthAnother) {
      clearTimeout(running.timer);
      this.#running = null;
      this.#config.log("evaluation worker: its memory is full, evaluating in a new one");
      this.#run(running.request, running.finish);
    } else this.#settle(outcome);
    this.#forgetQueries();
  }

  #forgetQueries(): void {
    for (const id of [...this.#queries.keys()]) this.#answer(id, null);
    for (const resolve of this.#baselines.values()) resolve(null);
    this.#baselines.clear();
    for (const resolve of this.#availabilities.values()) resolve(null);
    this.#availabilities.clear();
  }
}

function sharedCells(): Int32Array {
  return new Int32Array(new SharedArrayBuffer(SHARED.cells * Int32Array.BYTES_PER_ELEMENT));
}

type DeathReason = "memory-limit" | "stack-overflow" | "crash" | "time-limit";

function died(code: DeathReason, message: string): Extract<Outcome, { kind: "died" }> {
  return { kind: "died", error: { message, code, at: null, trace: [], suggestions: [] } };
}

function explain(reason: DeathReason): string {
  switch (reason) {
    case "memory-limit":
      return "The evaluation took more memory than snowglobe.evaluation.memoryLimit allows.";
    case "stack-overflow":
      return "stack overflow; max-call-depth exceeded";
    case "time-limit":
      return "The evaluation took longer than snowglobe.evaluation.timeLimit allows.";
    case "crash":
      return "The evaluation ended unexpectedly; the output channel says more.";
  }
}
