/**
 * When the open documents are evaluated, and what becomes of the results: one evaluation at a time,
 * the document that changed last first, the others when nothing has changed for a while.
 *
 * A document that is no root (a package's function, an overlay) shows what the evaluation of another
 * open document found in it, and when it changes that other one is evaluated first.
 */
import type { DocumentSync, RootResult } from "../host/evaluation-protocol.ts";
import { allErrors, isIn, ownErrors } from "../ide/error-files.ts";
import type { EvaluationError, EvaluationView, TraceFrame } from "../ide/evaluation-view.ts";
import type { FileRole } from "../scope/file-role.ts";
import type { EvaluationState } from "./protocol.ts";

/** The part of `EvaluationClient` that is used here. */
export interface Evaluate {
  sync(documents: readonly DocumentSync[]): void;
  changedOnDisk(paths: readonly string[] | null): void;
  cancel(): void;
  evaluate(
    root: string,
    role: FileRole | null,
    timeLimit: number | null,
  ): Promise<
    | { readonly kind: "evaluated"; readonly result: RootResult }
    | { readonly kind: "cancelled" }
    | { readonly kind: "died"; readonly error: EvaluationError }
  >;
}

export interface DocumentStatus {
  readonly state: EvaluationState;
  /** The document that is evaluated for it. */
  readonly root: string | null;
  /** What the file is evaluated as; null before the first evaluation. */
  readonly role: FileRole | null;
  readonly error: string | null;
}

export interface EvaluationsListener {
  /**
   * An evaluation of a document ended; `view.revision` says of which text.
   *
   * @param met errors in any files
   */
  onEvaluated(id: string, view: EvaluationView, met: readonly EvaluationError[]): void;
  onStatus(id: string, status: DocumentStatus): void;
  /** What the user says that a file is, or null. */
  roleOf(path: string): FileRole | null;
}

/** The other documents wait until nothing has changed for so many milliseconds. */
const QUIET = 400;

interface Document {
  /** The path under which it is evaluated. */
  readonly path: string;
  revision: number;
  /** The text of this revision is evaluated, or the evaluation died of it. */
  settledRevision: number;
  /** Something that it may depend on has changed since its evaluation began. */
  stale: boolean;
  /** The evaluation died of this text; it is not tried again before something changes. */
  died: boolean;
  /** What the user allows this one, in ms; null: what the settings say. */
  timeLimit: number | null;
  /** Null before the first evaluation. */
  isRoot: boolean | null;
  role: FileRole | null;
  /** For what is no root: the document whose evaluation used it last. */
  usedBy: string | null;
  waiting: (() => void)[];
}

export class Evaluations {
  readonly #client: Evaluate;
  readonly #listener: EvaluationsListener;
  readonly #documents = new Map<string, Document>();
  /** Ids, the most urgent last. */
  #order: string[] = [];
  #running: string | null = null;
  #quiet: NodeJS.Timeout | null = null;
  #restarts = 0;

  constructor(client: Evaluate, listener: EvaluationsListener) {
    this.#client = client;
    this.#listener = listener;
  }

  /**
   * A document was opened, or its text changed.
   *
   * @param path where it is in the file system of the evaluation
   * @param contents its bytes; null when they are those on disk
   */
  changed(id: string, path: string, revision: number, contents: string | null): void {
    const known = this.#documents.get(id);
    if (known) {
      known.revision = revision;
      known.died = false;
    } else {
      this.#documents.set(id, {
        path,
        revision,
        settledRevision: -1,
        stale: true,
        died: false,
        timeLimit: null,
        isRoot: null,
        role: null,
        usedBy: null,
        waiting: [],
      });
    }
    this.#order = [...this.#order.filter((other) => other !== id), id];
    this.#client.sync([{ path, open: true, contents }]);
    this.#outdate();
    this.#next(this.#urgent());
    this.#whenQuiet();
  }

  closed(id: string): void {
    const known = this.#documents.get(id);
    if (!known) return;
    this.#documents.delete(id);
    for (const other of this.#documents.values()) if (other.usedBy === id) other.usedBy = null;
    this.#order = this.#order.filter((other) => other !== id);
    wake(known);
    this.#client.sync([{ path: known.path, open: false, contents: null }]);
    this.#outdate();
    this.#whenQuiet();
  }

  /** Files changed on disk (null: any may have): everything may be different. */
  changedOnDisk(paths: readonly string[] | null): void {
    this.#client.changedOnDisk(paths);
    this.#revive();
    this.#outdate();
    this.#whenQuiet();
  }

  /** Stops the evaluation of a document; it is evaluated again when something changes. */
  stop(id: string): void {
    const document = this.#documents.get(id);
    if (!document || this.#running !== id) return;
    document.died = true;
    this.#client.cancel();
    this.#listener.onStatus(id, {
      state: "error",
      root: id,
      role: document.role,
      error: "the evaluation was stopped; it starts again with the next change",
    });
  }

  /** Evaluates a document once more, as long as it takes up to a limit in ms; also after later changes. */
  allowLonger(id: string, timeLimit: number): void {
    const document = this.#documents.get(id);
    if (!document) return;
    document.timeLimit = timeLimit;
    document.died = false;
    document.stale = true;
    this.#next(null);
  }

  /** The document whose evaluation runs. */
  get running(): string | null {
    return this.#running;
  }

  /** Evaluates everything again (after other options, say). */
  restart(): void {
    this.#restarts += 1;
    for (const document of this.#documents.values()) document.settledRevision = -1;
    this.#revive();
    this.#outdate();
    this.#next(null);
  }

  /** Whether the document's newest text is evaluated. */
  isSettled(id: string): boolean {
    const document = this.#documents.get(id);
    return !document || document.settledRevision === document.revision;
  }

  /** Waits until the document's newest text is evaluated, at most `timeout` milliseconds. */
  settled(id: string, timeout: number): Promise<void> {
    const document = this.#documents.get(id);
    if (!document || this.isSettled(id)) return Promise.resolve();
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, timeout);
      document.waiting.push(() => {
        clearTimeout(timer);
        resolve();
      });
    });
  }

  dispose(): void {
    if (this.#quiet) clearTimeout(this.#quiet);
    for (const document of this.#documents.values()) wake(document);
    this.#documents.clear();
  }

  #revive(): void {
    for (const document of this.#documents.values()) document.died = false;
  }

  #outdate(): void {
    for (const document of this.#documents.values()) document.stale = true;
  }

  #whenQuiet(): void {
    if (this.#quiet) clearTimeout(this.#quiet);
    this.#quiet = setTimeout(() => {
      this.#quiet = null;
      this.#next(null);
    }, QUIET);
  }

  /** Starts the next evaluation: of `only`, or of whatever is stale. */
  #next(only: string | null): void {
    if (this.#running !== null) {
      // It has been cancelled, and comes here when it ends.
      return;
    }
    const id = only ?? this.#order.findLast((other) => this.#isWaiting(other));
    const document = id === undefined ? undefined : this.#documents.get(id);
    if (id === undefined || !document) return;
    this.#running = id;
    this.#run(id, document).then(
      () => this.#ended(),
      () => this.#ended(),
    );
  }

  #ended(): void {
    this.#running = null;
    const urgent = this.#urgent();
    if (urgent !== null) this.#next(urgent);
    else if (!this.#quiet) this.#next(null);
  }

  /** What shows the last change: the changed document, or before it the one that uses it. */
  #urgent(): string | null {
    const last = this.#order[this.#order.length - 1];
    const user = last === undefined ? null : (this.#documents.get(last)?.usedBy ?? null);
    if (user !== null && this.#isWaiting(user)) return user;
    return last !== undefined && this.#isWaiting(last) ? last : null;
  }

  #isWaiting(id: string): boolean {
    const document = this.#documents.get(id);
    return document?.stale === true && !document.died;
  }

  async #run(id: string, document: Document): Promise<void> {
    const { revision } = document;
    const restarts = this.#restarts;
    const revisions = new Map(
      [...this.#documents].map(([other, known]) => [other, known.revision]),
    );
    document.stale = false;
    if (document.usedBy === null) {
      this.#listener.onStatus(id, {
        state: "evaluating",
        root: id,
        role: document.role,
        error: null,
      });
    }
    const outcome = await this.#client.evaluate(
      document.path,
      this.#listener.roleOf(document.path),
      document.timeLimit,
    );
    if (this.#documents.get(id) !== document) return;
    // What began before a restart says nothing of after it.
    if (outcome.kind === "cancelled" || restarts !== this.#restarts) {
      document.stale = true;
      return;
    }
    if (document.revision !== revision) return;
    document.died = outcome.kind === "died";
    if (outcome.kind === "died") {
      this.#show(id, document, id, { revision, derivations: [], error: outcome.error });
      return;
    }
    const { result } = outcome;
    document.isRoot = result.isRoot;
    document.role = result.role;
    if (result.isRoot) document.usedBy = null;
    // What another evaluation found in it stays.
    if (document.usedBy === null) {
      const root = result.isRoot ? (result.through ?? id) : null;
      this.#show(id, document, root, viewOf(id, document, result), allErrors(result));
    }
    for (const [other, known] of this.#documents) {
      const isOlder = known.revision !== revisions.get(other);
      if (other === id || known.isRoot !== false || isOlder) continue;
      this.#showUse(id, other, known, result);
    }
  }

  /** Shows in a document that is no root what the evaluation of a root found in it. */
  #showUse(root: string, id: string, document: Document, result: RootResult): void {
    const { path, revision } = document;
    const derivations = result.derivations[path] ?? [];
    const errors = allErrors(result).filter((each) => isIn(each, path));
    if (derivations.length === 0 && errors.length === 0 && document.usedBy !== root) return;
    document.usedBy = root;
    const own = errors.map((each) => renamed(each, path, id));
    this.#show(id, document, root, { revision, derivations, ...errorsOf(own) });
  }

  #show(
    id: string,
    document: Document,
    root: string | null,
    view: EvaluationView,
    met: readonly EvaluationError[] = [],
  ): void {
    this.#listener.onEvaluated(id, view, met);
    document.settledRevision = view.revision;
    this.#listener.onStatus(id, statusOf(root, document.role, view));
    wake(document);
  }
}

function wake(document: Document): void {
  const { waiting } = document;
  document.waiting = [];
  for (const resolve of waiting) resolve();
}

function viewOf(id: string, document: Document, result: RootResult): EvaluationView {
  const { path, revision } = document;
  const own = ownErrors(result, path).map((each) => renamed(each, path, id));
  const derivations = result.derivations[path] ?? [];
  const unlocked = (result.unlocked ?? []).filter(({ file }) => file === path);
  return {
    revision,
    derivations,
    ...errorsOf(own),
    ...(unlocked.length > 0 ? { unlocked } : {}),
  };
}

function errorsOf(all: readonly EvaluationError[]): Pick<EvaluationView, "error" | "others"> {
  const [error, ...others] = all;
  return { error: error ?? null, ...(others.length > 0 ? { others } : {}) };
}

/** A document that is no file is evaluated under a path of its own; its places are the document's. */
function renamed(error: EvaluationError, path: string, id: string): EvaluationError {
  if (path === id) return error;
  const frame = (place: TraceFrame) => (place.file === path ? { ...place, file: id } : place);
  return { ...error, at: error.at && frame(error.at), trace: error.trace.map(frame) };
}

function statusOf(
  root: string | null,
  role: FileRole | null,
  view: EvaluationView,
): DocumentStatus {
  const error = view.error && (view.error.message.split("\n", 1)[0] ?? "");
  return {
    state: error === null ? (root === null ? "idle" : "ready") : "error",
    root,
    role,
    error,
  };
}
