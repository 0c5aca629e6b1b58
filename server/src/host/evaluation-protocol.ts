/**
 * The messages between whoever wants values (language server, tests) and the Worker that evaluates.
 *
 * Only plain data crosses: no syntax trees, no live values. Paths are absolute POSIX paths as
 * JavaScript text; file contents and offsets are bytes. The order of messages is kept by the port, so
 * an `evaluate` sees every `sync` sent before it.
 *
 * Cancelling must work while the Worker is busy, so it is no message: `WorkerStart.shared` is shared
 * memory, and the evaluator polls it. One cell holds the newest revision that somebody wants; an
 * evaluation of an older one unwinds and is answered with `cancelled`. The other counts the queries
 * that were sent: those that can be answered from what is known already do not wait for the evaluation.
 */
import type { MessageKind } from "../eval/host.ts";
import type { NixVersion } from "../eval/versions.ts";
import type {
  AttributeView,
  BaselineView,
  BuildState,
  ChangeCount,
  ChangeView,
  DerivationHint,
  EvaluationError,
  OptionStep,
  OptionView,
  ShellPlan,
  ShortValueView,
  TraceFrame,
  ValueView,
} from "../ide/evaluation-view.ts";
import type { FileRole } from "../scope/file-role.ts";

/** Given to the Worker when it is made (`workerData`). */
export interface WorkerStart {
  readonly options: EvaluationOptions;
  /** Int32 cells, at the indices of `SHARED`. */
  readonly shared: SharedArrayBuffer;
}

export const SHARED = { wantedRevision: 0, queriesSent: 1, cells: 2 } as const;

/** A Worker as its owner sees it, whatever platform it runs on. */
export interface EvaluationWorker {
  post(request: WorkerRequest): void;
  /** Ends it; `onEnd` is not called. */
  terminate(): void;
}

export interface EvaluationWorkerListener {
  onReply(reply: WorkerReply): void;
  /** It has ended by itself and answers nothing any more. */
  onEnd(end: WorkerEnd): void;
}

export interface WorkerEnd {
  readonly reason: "memory-limit" | "stack-overflow" | "crash";
  /** For the log. */
  readonly message: string;
}

/** @throws when the platform gives no Worker */
export type StartEvaluationWorker = (
  start: WorkerStart,
  /** Megabytes of heap. */
  memoryLimit: number,
  listener: EvaluationWorkerListener,
) => EvaluationWorker;

/** The policy and the limits of every evaluation (design: purity and trust). */
export interface EvaluationOptions {
  readonly trusted: boolean;
  /** Absolute paths of the workspace's folders: what an untrusted evaluation may read. */
  readonly workspaceFolders: readonly string[];
  /** `name=path` or `path`, absolute. */
  readonly nixPath: readonly string[];
  /** Null: this machine's. */
  readonly system: string | null;
  /** The Nix that is followed; null: the one of this machine. */
  readonly nixVersion: NixVersion | null;
  /** Nested calls. */
  readonly depth: number;
  /** Milliseconds of one evaluation; the Worker unwinds by itself. */
  readonly timeLimit: number;
}

/** What one document says now. */
export interface DocumentSync {
  readonly path: string;
  /** False when it has been closed. */
  readonly open: boolean;
  /** Its bytes as the editor would save it, as a byte string; null: those of the file on disk. */
  readonly contents: string | null;
}

export type WorkerRequest =
  /** The documents that changed since the last `sync`. `revision` grows with every message of this kind. */
  | {
      readonly type: "sync";
      readonly revision: number;
      readonly documents: readonly DocumentSync[];
    }
  /** Files changed on disk (a watcher saw it), or null: forget everything read from disk. */
  | { readonly type: "changed-on-disk"; readonly paths: readonly string[] | null }
  /** Answered by exactly one `evaluated` or `cancelled`. */
  | {
      readonly type: "evaluate";
      readonly root: string;
      readonly revision: number;
      /** What the user says that the file is; null: what it looks like. */
      readonly role: FileRole | null;
      /** Milliseconds; null: the limit of the options. */
      readonly timeLimit: number | null;
    }
  /**
   * What the root was in a commit; answered by exactly one `baseline`, with null when there is
   * none or the documents changed meanwhile.
   */
  | {
      readonly type: "baseline";
      readonly root: string;
      readonly revision: number;
      readonly role: FileRole | null;
      /** A commit, branch or tag of the repository, or `LAST_BUILD`. */
      readonly reference: string;
    }
  /** Answered by exactly one `availability` with the same id, after the caches have answered. */
  | {
      readonly type: "availability";
      readonly id: number;
      readonly question: AvailabilityQuestion;
    }
  /** Answered by exactly one `answer` with the same id. */
  | { readonly type: "query"; readonly id: number; readonly query: EvaluationQuery };

/** An expression of a document. */
export interface QueryTarget {
  readonly path: string;
  readonly start: number;
  readonly end: number;
  /** `pkgs.lib` as its names, where it is written so: then it is also found when the text has changed. */
  readonly names: readonly string[] | null;
  /** Which of several calls of the function around it: so many after the one whose hints are shown. */
  readonly call?: number;
}

/** An option, or a set of them, of the configuration that the module at a path is a part of. */
export interface OptionPlace {
  readonly path: string;
  readonly names: readonly OptionStep[];
}

export type EvaluationQuery =
  /** The value of the expression that spans start to end: ValueView, or null if it has not been evaluated. */
  | ({ readonly kind: "value" } & QueryTarget)
  /** All of the value of an expression, as text of many lines: string or null. */
  | ({ readonly kind: "expanded" } & QueryTarget)
  /** The attributes of the value of the expression that spans start to end: AttributeView[] or null. */
  | ({ readonly kind: "attributes" } & QueryTarget)
  /** What is known of an option of the configuration that a module is a part of: OptionView or null. */
  | ({ readonly kind: "option" } & OptionPlace)
  /** The options at a path, also of submodules: AttributeView[] or null. */
  | ({ readonly kind: "option-names" } & OptionPlace)
  /** The simple values of the document's bindings; null when its text has not been evaluated. */
  | { readonly kind: "short-values"; readonly path: string }
  /** How many of the derivations that make one up are not among those of another: ChangeCount or null. */
  | { readonly kind: "change-count"; readonly before: string; readonly after: string }
  /** Why a derivation is not another: ChangeView or null. */
  | { readonly kind: "changes"; readonly before: string; readonly after: string }
  /** The files at or below a path that are not what they were in a commit: PastFile[] or null. */
  | { readonly kind: "past-files"; readonly path: string; readonly reference: string }
  /** A readable text of a derivation of this session: string or null. */
  | { readonly kind: "derivation"; readonly drvPath: string };

export interface QueryAnswers {
  value: ValueView | null;
  expanded: string | null;
  option: OptionView | null;
  "option-names": readonly AttributeView[] | null;
  attributes: readonly AttributeView[] | null;
  "short-values": readonly ShortValueView[] | null;
  derivation: string | null;
  "past-files": readonly PastFile[] | null;
  "change-count": ChangeCount | null;
  changes: ChangeView | null;
}

/** What a file was at another time. */
export interface PastFile {
  readonly path: string;
  /** Null: it was not there. */
  readonly before: string | null;
}

/** What a root was in a revision of its repository. */
export interface Baseline extends BaselineView {
  /** Null for the last build. */
  readonly commit: string | null;
}

/** The reference that stands for what was built last; `HEAD` does where there is no git. */
export const LAST_BUILD = "lastBuild";

/** Where derivations of this session are. */
export interface AvailabilityQuestion {
  /** Paths of derivations. */
  readonly derivations: readonly string[];
  /** Those of them that are entered as shells. */
  readonly shells: readonly string[];
  /** Null: those of nix.conf, or Nix's defaults. */
  readonly substituters: readonly string[] | null;
  readonly trustedPublicKeys: readonly string[] | null;
  /** Whether caches may be asked; else only the store is looked into. */
  readonly mayAsk: boolean;
}

/** By the path of the derivation; what is not known is not there. */
export interface Availability {
  readonly states: Readonly<Record<string, BuildState>>;
  readonly shells: Readonly<Record<string, ShellPlan>>;
}

/** Since the Worker began. */
export interface EvaluationProgress {
  readonly files: number;
  readonly derivations: number;
  /** A tree that is being hashed just now, and how many of its files have been. */
  readonly hashing: { readonly path: string; readonly files: number } | null;
}

/** What evaluating one root gave. */
export interface RootResult {
  /** Derivations in open documents, by the document's path. */
  readonly derivations: Readonly<Record<string, readonly DerivationHint[]>>;
  readonly error: EvaluationError | null;
  /** What fails besides, each by itself. */
  readonly others?: readonly EvaluationError[];
  /** Of a flake: where the inputs are that `flake.lock` does not have as they are evaluated. */
  readonly unlocked?: readonly TraceFrame[];
  /** False when the file is no root: a library of functions, say. */
  readonly isRoot: boolean;
  readonly role: FileRole;
  /** The file that was evaluated in its place because it uses it, or null. */
  readonly through: string | null;
}

export type WorkerReply =
  | { readonly type: "ready" }
  | {
      readonly type: "evaluated";
      readonly root: string;
      readonly revision: number;
      readonly result: RootResult;
    }
  | { readonly type: "cancelled"; readonly root: string; readonly revision: number }
  | { readonly type: "baseline"; readonly root: string; readonly baseline: Baseline | null }
  | {
      readonly type: "availability";
      readonly id: number;
      readonly availability: Availability | null;
    }
  | {
      readonly type: "answer";
      readonly id: number;
      readonly answer: QueryAnswers[EvaluationQuery["kind"]];
    }
  /** What an evaluation that takes long has done so far. */
  | { readonly type: "progress"; readonly root: string; readonly progress: EvaluationProgress }
  /** `trace`, `warn` and the like: for the log. */
  | { readonly type: "message"; readonly kind: MessageKind; readonly text: string };
