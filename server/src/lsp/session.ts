/**
 * One client's session: its documents, settings and evaluations, and what the server tells it by
 * itself (diagnostics, status, refreshes). Requests are answered in `requests.ts`.
 */

import type * as protocol from "vscode-languageserver";
import {
  type ClientCapabilities,
  CodeLensRefreshRequest,
  type Connection,
  type InitializeParams,
  MessageType,
  ShowMessageNotification,
  type TextDocumentContentChangeEvent,
} from "vscode-languageserver";
import type { ColumnUnit } from "../base/line-table.ts";
import { LineTable } from "../base/line-table.ts";
import { SourceText } from "../base/source-text.ts";
import {
  type AnalysisThread,
  answerText,
  type BehindId,
  type TextAnswer,
  type TextQuestion,
} from "../host/analysis-thread.ts";
import type {
  Availability,
  Baseline,
  EvaluationOptions,
  EvaluationProgress,
  StartEvaluationWorker,
} from "../host/evaluation-protocol.ts";
import { absoluteEntries, lookup } from "../host/lookup-path.ts";
import type { DiskFiles } from "../host/node-files.ts";
import type { RunProcess } from "../host/run-process.ts";
import { type Analysis, type AnalysisDependencies, AnalysisHost } from "../ide/analysis.ts";
import type { LensPlace } from "../ide/code-lenses.ts";
import type { Diagnostic, ForeignPlace } from "../ide/diagnostic.ts";
import type { TextProblems } from "../ide/diagnostics.ts";
import { evaluationProblems } from "../ide/evaluation-problems.ts";
import type { EvaluationError, EvaluationView } from "../ide/evaluation-view.ts";
import { SourceFile } from "../ide/source-file.ts";
import type { FileRole } from "../scope/file-role.ts";
import { Availabilities } from "./availabilities.ts";
import { Baselines } from "./baselines.ts";
import { Documents, type OpenDocument } from "./documents.ts";
import { EvaluationClient } from "./evaluation-client.ts";
import { type DocumentStatus, Evaluations } from "./evaluations.ts";
import { Fetches, type FetchSource } from "./fetches.ts";
import { ForeignProblems } from "./foreign-problems.ts";
import { LensRefresh } from "./lens-refresh.ts";
import { negotiateEncoding, toPosition } from "./positions.ts";
import { STATUS_METHOD, type StatusParams } from "./protocol.ts";
import { readSettings, type Settings } from "./settings.ts";
import { Converter, toDiagnostic } from "./to-protocol.ts";
import { pathOfUri, uriOfId, uriOfPath } from "./uri.ts";
import { beginWork, signalOf } from "./work-progress.ts";

/** All that a server needs of the world. */
export interface ServerDependencies {
  readonly version: string;
  readonly files: DiskFiles;
  readonly runProcess: RunProcess;
  readonly startEvaluationWorker: StartEvaluationWorker;
  /** Goes through large texts. */
  readonly analysisThread: AnalysisThread;
  readonly fetchSource: FetchSource;
  /** Tells when the user's store changes; gives what ends that. */
  readonly watchStore: (onChange: () => void) => () => void;
  /** Opens tolerant, incremental parses; null where they cannot be. */
  readonly openTolerant: AnalysisDependencies["openTolerant"];
  /** Entries of NIX_PATH and the defaults behind it, absolute: used after those of the settings. */
  readonly nixPath: readonly string[];
}

/**
 * Diagnostics of the text follow an edit so many milliseconds later. Of a large text the syntax errors
 * come at once, and the others when nobody types: while they are found out syntax errors would wait.
 */
const DIAGNOSTICS_DELAY = 40;
const LARGE_DIAGNOSTICS_DELAY = 1000;
const LARGE = 100_000;
/** An evaluation that takes shorter is not announced. */
const STATUS_DELAY = 100;
/** How many times as long an evaluation may take when the user says so. */
const LONGER = 10;
/** And of how much more memory. */
const MORE_MEMORY = 4;
const isMemoryLimit = ({ code }: Diagnostic) => code === "memory-limit";
/** Of the lenses of a document so many say what entering takes. */
const PLANNED_SHELLS = 20;
/** Files that a diagnostic's related places lie in are read up to this size. */
const LARGEST_RELATED = 4 * 1024 * 1024;

/** An answer about a text, and what converts between that text and the client. */
export interface Asked<Q extends TextQuestion> {
  readonly answer: TextAnswer<Q>;
  readonly document: OpenDocument;
  readonly to: Converter;
}

export class Session {
  readonly connection: Connection;
  readonly dependencies: ServerDependencies;
  readonly host: AnalysisHost;
  readonly documents: Documents;
  readonly evaluations: Evaluations;
  readonly client: EvaluationClient;
  readonly baselines: Baselines;
  readonly #fetches: Fetches;
  readonly availabilities: Availabilities;
  capabilities: ClientCapabilities = {};
  unit: ColumnUnit = "utf-16";
  settings: Settings = readSettings({}, true);
  /** Whether Markdown may link to commands. */
  commandLinks = false;
  #folders: string[] = [];
  #options: unknown = {};
  readonly #diagnosticTimers = new Map<string, NodeJS.Timeout>();
  readonly #statusTimers = new Map<string, NodeJS.Timeout>();
  readonly #lenses = new LensRefresh(() =>
    this.#send(this.connection.sendRequest(CodeLensRefreshRequest.type)),
  );
  /** Of expressions that were evaluated several times: how far from the first hover has gone, by document. */
  readonly calls = new Map<string, number>();
  readonly #foreignProblems = new ForeignProblems({
    isOurs: (file) => this.#folders.some((folder) => file.startsWith(`${folder}/`)),
    isOpen: (file) => this.documents.byId(file) !== null,
    show: (file, errors) => this.#publishForeign(file, errors),
  });
  /** What the user has said it is to be; null: what the settings say. */
  #reference: string | null = null;
  /** How often each document has been evaluated. */
  readonly #evaluated = new Map<string, number>();
  #endWatch: (() => void) | undefined;
  /** Hints that a client was given, by document: to know when they have to be asked for again. */
  readonly #shownHints = new Map<string, string>();

  constructor(connection: Connection, dependencies: ServerDependencies) {
    this.connection = connection;
    this.dependencies = dependencies;
    const { files } = dependencies;
    this.host = new AnalysisHost({
      openTolerant: dependencies.openTolerant,
      files: {
        home: files.home,
        kind: (path) => (this.documents.byId(path) ? "file" : files.kind(path)),
        lookup: (name) => lookup(this.#nixPath(), name, (path) => files.kind(path)),
      },
    });
    this.documents = new Documents(this.host, files);
    this.client = new EvaluationClient({
      start: dependencies.startEvaluationWorker,
      options: this.#evaluationOptions(),
      memoryLimit: this.settings.memoryLimit,
      log: (message) => connection.console.info(message),
      onProgress: (_root, progress) => this.#onProgress(progress),
    });
    this.baselines = new Baselines(
      (id) => this.#askBaseline(id),
      (id) => {
        this.#refreshHints(id);
        this.#refreshLenses();
      },
    );
    this.availabilities = new Availabilities({
      ask: (id, mayAsk) => this.#askAvailability(id, mayAsk),
      shown: (id) => this.#shownDerivations(id),
      allowed: () => {
        if (!this.settings.trusted) return "nothing";
        return this.settings.askCaches ? "caches" : "store";
      },
      onChange: (id) => {
        this.#refreshHints(id);
        this.#refreshLenses();
      },
    });
    this.evaluations = new Evaluations(this.client, {
      onEvaluated: (id, view, met) => {
        const shown = this.#fetches.evaluated(id, view);
        this.host.evaluated(id, shown);
        this.#foreignProblems.evaluated(id, met);
        this.#evaluated.set(id, (this.#evaluated.get(id) ?? 0) + 1);
        this.#publishEvaluated(id, shown);
        this.#refreshHints(id);
        this.#refreshLenses();
        this.baselines.evaluated(id);
        if (this.settings.fetchLocked && this.#fetches.lacksLocked(id)) this.#fetchLocked(id);
        this.#askAvailabilitySoon([id]);
      },
      onStatus: (id, status) => this.#onStatus(id, status),
      roleOf: (path) => this.#roleOf(path),
    });
    this.#fetches = new Fetches({
      fetchSource: dependencies.fetchSource,
      settled: (id) => this.evaluations.settled(id, this.settings.timeLimit * LONGER * 1000),
      evaluateAgain: () => this.evaluations.restart(),
      begin: () => beginWork(connection, "Snowglobe: Fetch"),
      failed: (message) => this.warn(message),
    });
  }

  /** Downloads what a document lacks. @returns whether nothing is lacking any more */
  async fetch(uri: string, token: protocol.CancellationToken): Promise<boolean> {
    const document = this.documents.get(uri);
    if (!document) return false;
    if (!this.mayDownload()) return false;
    return this.#fetches.fetch(document.id, signalOf(token));
  }

  /** Tells the user when not. */
  mayDownload(): boolean {
    const { trusted } = this.settings;
    if (!trusted) this.warn("Nothing is downloaded in a workspace that is not trusted.");
    return trusted;
  }

  #fetchLocked(id: string): void {
    this.#fetches
      .fetchLocked(id)
      .catch((error: unknown) => this.connection.console.error(String(error)));
  }

  /** Its last commit, when nothing of its own is evaluated by then. */
  #askBaseline(id: string): Promise<Baseline | null> {
    const document = this.documents.byId(id);
    if (!document?.id.startsWith("/")) return Promise.resolve(null);
    return this.client.baseline(document.path, this.#roleOf(document.path), this.reference);
  }

  /** What documents are compared with. */
  get reference(): string {
    return this.#reference ?? this.settings.baseline;
  }

  /** Compares with another commit from now on, if the repository of a document has it. */
  async compareWith(uri: string, reference: string): Promise<boolean> {
    const document = this.documents.get(uri);
    if (!document) return false;
    await this.evaluations.settled(document.id, this.settings.timeLimit * 1000);
    const role = this.#roleOf(document.path);
    const found = await this.client.baseline(document.path, role, reference);
    if (found === null) return false;
    this.#reference = reference;
    this.baselines.outdate(this.documents.all().map(({ id }) => id));
    return true;
  }

  async #askAvailability(id: string, mayAsk: boolean): Promise<Availability | null> {
    const { substituters, trustedPublicKeys } = this.settings;
    const uri = this.commandLinks ? this.documents.byId(id)?.uri : undefined;
    const places = uri === undefined ? [] : await this.lensPlaces(uri);
    return this.client.availability({
      derivations: this.#shownDerivations(id),
      shells: places.slice(0, PLANNED_SHELLS).map(({ derivation }) => derivation.drvPath),
      substituters,
      trustedPublicKeys,
      mayAsk,
    });
  }

  #shownDerivations(id: string): string[] {
    return [...new Set(this.analysis.derivations(id).map(({ drvPath }) => drvPath))];
  }

  /** The store is watched from the first time on. */
  #askAvailabilitySoon(ids: readonly string[]): void {
    if (!this.settings.trusted) return;
    this.#endWatch ??= this.dependencies.watchStore(() => {
      const all = this.documents.all().map((document) => document.id);
      this.availabilities.askSoon(all);
      // Where there is no commit, it is what was built last.
      this.baselines.outdate(all.filter((id) => !this.baselines.get(id)?.commit));
    });
    this.availabilities.askSoon(ids);
  }

  get analysis(): Analysis {
    return this.host.analysis();
  }

  /** The first workspace folder. */
  get folder(): string | null {
    return this.#folders[0] ?? null;
  }

  initialize(params: InitializeParams): void {
    this.capabilities = params.capabilities;
    this.unit = negotiateEncoding(params.capabilities);
    const folders = params.workspaceFolders?.map((folder) => folder.uri) ?? [];
    // Older clients send only this one.
    const root = params.rootUri;
    this.#folders = [...folders, ...(folders.length === 0 && root ? [root] : [])].flatMap(
      (uri) => pathOfUri(uri) ?? [],
    );
    const options: unknown = params.initializationOptions;
    this.commandLinks =
      typeof options === "object" &&
      options !== null &&
      "commandLinks" in options &&
      options.commandLinks === true;
    this.configure(options, true);
  }

  changeFolders(added: readonly string[], removed: readonly string[]): void {
    const gone = new Set(removed.map(pathOfUri));
    const kept = this.#folders.filter((folder) => !gone.has(folder));
    this.#folders = [...kept, ...added.flatMap((uri) => pathOfUri(uri) ?? [])];
    this.configure(this.#options, this.settings.trusted);
  }

  /**
   * @param options `SnowglobeOptions` as the client sent them
   * @param trusted whether the workspace is trusted when they do not say
   */
  configure(options: unknown, trusted: boolean): void {
    this.#options = options;
    const { roots, baseline } = this.settings;
    const caches = cacheSettings(this.settings);
    this.settings = readSettings(options, trusted);
    const changed = this.client.configure(this.#evaluationOptions(), this.settings.memoryLimit);
    const text = (all: Settings["roots"]) => JSON.stringify([...all]);
    if (changed || text(roots) !== text(this.settings.roots)) this.evaluations.restart();
    if (caches !== cacheSettings(this.settings)) this.availabilities.forget();
    if (baseline !== this.settings.baseline) {
      this.#reference = null;
      this.baselines.outdate(this.documents.all().map(({ id }) => id));
    }
    for (const document of this.documents.all()) this.#refreshHints(document.id);
    this.#askAvailabilitySoon(this.documents.all().map(({ id }) => id));
  }

  trust(trusted: boolean): void {
    const options = this.#options;
    const known = typeof options === "object" && options !== null ? options : {};
    this.configure({ ...known, trusted }, trusted);
  }

  stop(uri: string): void {
    const document = this.documents.get(uri);
    if (document) this.evaluations.stop(document.id);
  }

  /** After the call that is shown at first the others in their order. */
  nextCall(uri: string): void {
    const document = this.documents.get(uri);
    if (document) this.calls.set(document.id, (this.calls.get(document.id) ?? 0) + 1);
  }

  /** Also with more memory, where that was what it lacked. */
  runLonger(uri: string): void {
    const document = this.documents.get(uri);
    if (!document) return;
    const { memoryLimit, timeLimit } = this.settings;
    const lacksMemory = this.analysis.diagnostics(document.id).some(isMemoryLimit);
    if (lacksMemory && this.settings.trusted)
      this.client.configure(this.#evaluationOptions(), memoryLimit * MORE_MEMORY);
    this.evaluations.allowLonger(document.id, timeLimit * 1000 * LONGER);
  }

  #onProgress(progress: EvaluationProgress): void {
    const id = this.evaluations.running;
    if (id === null) return;
    const status = { state: "evaluating", root: id, role: null, error: null } as const;
    const { files, derivations, hashing } = progress;
    const shown = hashing && { hashing: { ...hashing, path: this.#shortPath(hashing.path) } };
    this.#sendStatus(id, status, { files, derivations, ...shown });
  }

  /** `./src` for what is in a folder of the workspace. */
  #shortPath(path: string): string {
    const folder = this.#folders.find((each) => path === each || path.startsWith(`${each}/`));
    return folder === undefined ? path : `.${path.slice(folder.length)}`;
  }

  open(uri: string, version: number, text: string): void {
    const document = this.documents.open(uri, version, text, this.folder);
    this.#evaluate(document);
    this.#moveLarge(document);
    this.#publishSoon(document.id, 0);
  }

  change(uri: string, version: number, events: readonly TextDocumentContentChangeEvent[]): void {
    const changed = this.documents.change(uri, version, events, this.unit);
    if (!changed) return;
    const { document, edits } = changed;
    const { id, revision } = document;
    const isLarge = this.#thread.has(id);
    if (isLarge) {
      this.#thread.edit(id, revision, edits);
      this.#findSyntaxErrors(document);
    }
    this.#evaluate(document);
    this.#moveLarge(document);
    this.#publishSoon(id, isLarge ? LARGE_DIAGNOSTICS_DELAY : DIAGNOSTICS_DELAY);
  }

  get #thread(): AnalysisThread {
    return this.dependencies.analysisThread;
  }

  /** Gives a document that is large now to the thread for such. */
  #moveLarge({ id, revision }: OpenDocument): void {
    const file = this.analysis.file(id);
    if (!file || this.#thread.has(id) || file.lines.byteLength <= LARGE) return;
    this.#thread.open(id, revision, file.text);
    this.host.isFoundElsewhere(id, true);
  }

  /**
   * Asks about a document's text: of a large one in the other thread, and again when it has changed
   * meanwhile. Null when it is not open.
   *
   * @param rest what belongs to the question, in terms of the text
   */
  async ask<Q extends TextQuestion>(
    uri: string,
    question: Q,
    rest: (to: Converter) => [...BehindId<Q>],
  ): Promise<Asked<Q> | null> {
    for (;;) {
      const document = this.documents.get(uri);
      const to = this.converter(uri);
      if (!document || !to) return null;
      const answer = this.#thread.has(document.id)
        ? await this.#askThread(document, question, ...rest(to))
        : answerText(this.analysis, document.id, question, ...rest(to));
      if (answer !== undefined) return { answer, document, to };
    }
  }

  /** Undefined when the text has changed meanwhile. */
  #askThread<Q extends TextQuestion>(
    document: Pick<OpenDocument, "id" | "revision">,
    question: Q,
    ...rest: BehindId<Q>
  ): Promise<TextAnswer<Q> | undefined> {
    const open = this.documents.all().map(({ id }) => id);
    return this.#thread.ask(document, { nixPath: this.#nixPath(), open }, question, ...rest);
  }

  async lensPlaces(uri: string): Promise<readonly LensPlace[]> {
    const { id } = this.documents.get(uri) ?? {};
    const asked =
      id === undefined
        ? null
        : await this.ask(uri, "lensPlaces", () => [this.analysis.derivations(id)]);
    return asked?.answer ?? [];
  }

  saved(uri: string): void {
    const document = this.documents.compare(uri);
    if (!document) return;
    this.evaluations.changedOnDisk([document.path]);
    this.#evaluate(document);
    this.baselines.outdate([document.id]);
  }

  close(uri: string): void {
    const document = this.documents.close(uri);
    if (!document) return;
    this.evaluations.closed(document.id);
    this.baselines.closed(document.id);
    this.#fetches.closed(document.id);
    this.availabilities.closed(document.id);
    for (const timers of [this.#diagnosticTimers, this.#statusTimers]) {
      clearTimeout(timers.get(document.id));
      timers.delete(document.id);
    }
    this.#shownHints.delete(document.id);
    this.#evaluated.delete(document.id);
    this.#thread.close(document.id);
    this.calls.delete(document.id);
    this.#send(this.connection.sendDiagnostics({ uri: document.uri, diagnostics: [] }));
    this.#foreignProblems.closed(document.id);
  }

  changedOnDisk(uris: readonly string[]): void {
    const changed = uris.flatMap((uri) => pathOfUri(uri) ?? []);
    const isGit = (path: string) => path.endsWith("/.git/logs/HEAD");
    if (changed.some(isGit)) this.baselines.outdate(this.documents.all().map(({ id }) => id));
    if (changed.length === 0) return;
    this.evaluations.changedOnDisk(changed);
    for (const path of changed) {
      const known = this.documents.byId(path);
      const document = known && this.documents.compare(known.uri);
      if (document) this.#evaluate(document);
    }
  }

  /** What converts between a document and this client, or null when it is not open. */
  converter(uri: string): Converter | null {
    const document = this.documents.get(uri);
    const file = document && this.analysis.file(document.id);
    return file ? new Converter(document.uri, file.lines, this.unit) : null;
  }

  /** Tells the user of something that did not work. */
  warn(message: string): void {
    const params = { type: MessageType.Warning, message };
    this.#send(this.connection.sendNotification(ShowMessageNotification.method, params));
  }

  /** Remembers what hints a client was given. */
  hintsShown(id: string): void {
    this.#shownHints.set(id, this.#hintsOf(id));
  }

  dispose(): void {
    this.#fetches.dispose();
    this.#thread.dispose();
    this.evaluations.dispose();
    this.baselines.dispose();
    this.availabilities.dispose();
    this.#endWatch?.();
    this.client.dispose();
    this.#lenses.dispose();
    for (const timers of [this.#diagnosticTimers, this.#statusTimers]) {
      for (const timer of timers.values()) clearTimeout(timer);
      timers.clear();
    }
  }

  #evaluate(document: OpenDocument): void {
    const { id, path, revision } = document;
    this.evaluations.changed(id, path, revision, this.documents.overlay(document));
  }

  #nixPath(): string[] {
    const own = absoluteEntries(this.settings.nixPath, this.folder);
    // The environment is the user's, and what it names is read only for a trusted workspace.
    return this.settings.trusted ? [...own, ...this.dependencies.nixPath] : own;
  }

  #roleOf(path: string): FileRole | null {
    for (const [written, role] of this.settings.roots) {
      const absolute = written.startsWith("/") ? written : `${this.folder ?? ""}/${written}`;
      if (absolute === path) return role;
    }
    return null;
  }

  #evaluationOptions(): EvaluationOptions {
    const { trusted, system, nixVersion, depth, timeLimit } = this.settings;
    return {
      trusted,
      system,
      nixVersion,
      depth,
      timeLimit: timeLimit * 1000,
      nixPath: this.#nixPath(),
      workspaceFolders: this.#folders,
    };
  }

  #publishSoon(id: string, delay: number): void {
    clearTimeout(this.#diagnosticTimers.get(id));
    const timer = setTimeout(() => {
      this.#diagnosticTimers.delete(id);
      this.#publish(id);
    }, delay);
    this.#diagnosticTimers.set(id, timer);
  }

  /** Errors that evaluations met in a file that is not open. */
  #publishForeign(path: string, [error, ...others]: readonly EvaluationError[]): void {
    const { files } = this.dependencies;
    const bytes = error ? files.read(path, LARGEST_RELATED) : null;
    const file = new SourceFile(path, 0, SourceText.ofBytes(bytes ?? ""));
    const found = error && bytes ? evaluationProblems(file, { error, others }, files) : [];
    const to = new Converter(uriOfPath(path), file.lines, this.unit);
    const diagnostics = found.map((each) => this.diagnosticOf(each, to));
    this.#send(this.connection.sendDiagnostics({ uri: to.uri, diagnostics }));
  }

  #publish(id: string): void {
    const document = this.documents.byId(id);
    if (!document) return;
    if (this.#thread.has(id)) this.#findTextProblems(document);
    else this.#tell(document);
  }

  #publishEvaluated(id: string, view: EvaluationView): void {
    const document = this.documents.byId(id);
    if (!document || !this.#thread.has(id)) {
      this.#publishSoon(id, 0);
      return;
    }
    this.#tell(document);
    const { error, others } = view;
    if (error === null) return;
    const { revision } = view;
    const errors = { error, others: others ?? [] };
    this.#askThread({ id, revision }, "evaluationProblems", errors).then(
      (problems) => {
        if (problems === undefined || this.documents.byId(id)?.revision !== revision) return;
        this.host.evaluationProblems(id, revision, problems);
        this.#tell(document);
      },
      () => {},
    );
  }

  #tell({ id, uri, version }: OpenDocument): void {
    const to = this.converter(uri);
    if (!to || !this.analysis.knowsSyntax(id)) return;
    const diagnostics = this.analysis.diagnostics(id).map((found) => this.diagnosticOf(found, to));
    this.#send(this.connection.sendDiagnostics({ uri, version, diagnostics }));
  }

  /** Of a large text the syntax errors are told before the rest is found out. */
  #findSyntaxErrors(document: OpenDocument): void {
    this.#askThread(document, "syntaxErrors").then(
      (syntax) => this.#found(document, syntax && { syntax }),
      () => {},
    );
  }

  #findTextProblems(document: OpenDocument): void {
    this.#askThread(document, "textProblems").then(
      (problems) => this.#found(document, problems),
      () => {},
    );
  }

  #found(document: OpenDocument, problems: Partial<TextProblems> | undefined): void {
    const { id, revision } = document;
    if (this.documents.byId(id)?.revision !== revision) return;
    if (problems) this.host.found(id, revision, problems);
    // The thread has died: what is wrong is found out here.
    else if (!this.#thread.has(id)) this.host.isFoundElsewhere(id, false);
    this.#tell(document);
  }

  /** A problem in the terms of this client. */
  diagnosticOf(found: Diagnostic, to: Converter): protocol.Diagnostic {
    const tables = new Map<string, LineTable | null>();
    return toDiagnostic(found, to, (place) => this.#locate(place, tables));
  }

  locate(place: ForeignPlace): protocol.Location {
    return this.#locate(place, new Map());
  }

  /** A place in a file that may not be open: its text is needed to count columns as the client does. */
  #locate(place: ForeignPlace, tables: Map<string, LineTable | null>): protocol.Location {
    const { file, line, column } = place;
    let lines = this.analysis.file(file)?.lines ?? tables.get(file);
    if (lines === undefined) {
      const bytes = this.dependencies.files.read(file, LARGEST_RELATED);
      lines = bytes === null ? null : LineTable.ofBytes(bytes);
      tables.set(file, lines);
    }
    const at = { line: line - 1, column: column - 1 };
    const position = lines
      ? toPosition(lines, lines.offsetAt(at, "utf-8"), this.unit)
      : { line: at.line, character: at.column };
    const uri = this.documents.byId(file)?.uri ?? uriOfPath(file);
    return { uri, range: { start: position, end: position } };
  }

  #onStatus(id: string, status: DocumentStatus): void {
    clearTimeout(this.#statusTimers.get(id));
    this.#statusTimers.delete(id);
    if (status.state !== "evaluating" || this.analysis.evaluatedRevision(id) === null) {
      this.#sendStatus(id, status);
      return;
    }
    const timer = setTimeout(() => this.#sendStatus(id, status), STATUS_DELAY);
    this.#statusTimers.set(id, timer);
  }

  #sendStatus(
    id: string,
    { state, root, role, error }: DocumentStatus,
    progress?: StatusParams["progress"],
  ): void {
    const document = this.documents.byId(id);
    if (!document) return;
    const { uri } = document;
    const params: StatusParams = {
      uri,
      root: root === null ? null : (this.documents.byId(root)?.uri ?? uriOfId(root)),
      role,
      state,
      derivations: this.analysis.derivations(id).length,
      ...(error === null ? {} : { error }),
      ...(this.analysis.isStale(id) ? { stale: true } : {}),
      ...(progress ? { progress } : {}),
    };
    this.#send(this.connection.sendNotification(STATUS_METHOD, params));
  }

  #refreshHints(id: string): void {
    if (this.capabilities.workspace?.inlayHint?.refreshSupport !== true) return;
    if (this.#hintsOf(id) === (this.#shownHints.get(id) ?? "")) return;
    // A request that waits for this evaluation is answered first, and then has the new ones.
    setImmediate(() => {
      if (this.#hintsOf(id) === (this.#shownHints.get(id) ?? "")) return;
      this.#send(this.connection.languages.inlayHint.refresh());
    });
  }

  #refreshLenses(): void {
    if (!this.commandLinks || this.capabilities.workspace?.codeLens?.refreshSupport !== true)
      return;
    const lenses = this.documents
      .all()
      .flatMap(({ id }) => {
        const { commit, members } = this.baselines.get(id) ?? {};
        const then = commit ?? JSON.stringify(members);
        const { states, shells } = this.availabilities;
        return this.analysis.derivations(id).map(({ start, drvPath }) => {
          const shell = JSON.stringify(shells.get(drvPath));
          return `${start} ${drvPath} ${then} ${states.get(drvPath)} ${shell}`;
        });
      })
      .join("\n");
    this.#lenses.changed(lenses);
  }

  #hintsOf(id: string): string {
    const { derivationHints, hintStyle } = this.settings;
    // Values are asked for with the hints: any evaluation may have changed them.
    const evaluations = hintStyle.values ? `${this.#evaluated.get(id) ?? 0}\n` : "";
    if (!derivationHints && evaluations === "") return "";
    const derivations = this.analysis.derivations(id);
    const closure = this.baselines.get(id)?.closure;
    const { states } = this.availabilities;
    const hints = derivations.map(({ end, drvPath }) =>
      [end, drvPath, closure?.has(drvPath), states.get(drvPath)].join(" "),
    );
    return evaluations + hints.join("\n");
  }

  /** What is sent without an answer fails only when the client is gone. */
  #send(sent: Promise<unknown>): void {
    sent.catch(() => {});
  }
}

function cacheSettings({ substituters, trustedPublicKeys, askCaches, trusted }: Settings): string {
  return JSON.stringify([substituters, trustedPublicKeys, askCaches, trusted]);
}
