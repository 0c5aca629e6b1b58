/** A language client for tests: starts the built server as a process and speaks to it over stdio. */
import { type ChildProcess, spawn } from "node:child_process";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import {
  type ApplyWorkspaceEditParams,
  type ClientCapabilities,
  createProtocolConnection,
  type InitializeResult,
  type MessageConnection,
  type ProtocolConnection,
  type PublishDiagnosticsParams,
  StreamMessageReader,
  StreamMessageWriter,
  type WorkspaceEdit,
} from "vscode-languageserver/node";
import { STATUS_METHOD, type StatusParams } from "../../server/src/lsp/protocol.ts";

const root = join(import.meta.dirname, "../..");

export interface ClientConfig {
  readonly folder: string;
  readonly capabilities: ClientCapabilities;
  readonly initializationOptions: unknown;
  readonly environment: Readonly<Record<string, string>>;
}

const DEFAULTS: ClientConfig = {
  folder: root,
  capabilities: {},
  initializationOptions: undefined,
  environment: {},
};

/** Of a request: all of a document. */
export const WHOLE = {
  range: { start: { line: 0, character: 0 }, end: { line: 100_000, character: 0 } },
};

export class TestClient {
  readonly connection: ProtocolConnection;
  readonly process: ChildProcess;
  initialized: InitializeResult | null = null;
  /** The newest of each document. */
  readonly diagnostics = new Map<string, PublishDiagnosticsParams>();
  readonly statuses = new Map<string, StatusParams>();
  readonly shown: string[] = [];
  readonly log: string[] = [];
  /** What the server has asked to be changed. */
  readonly edits: WorkspaceEdit[] = [];
  /** What the server has said of its long work, oldest first. */
  readonly work: { token: string | number; kind: string; message?: string }[] = [];
  hintRefreshes = 0;
  stderr = "";
  readonly #versions = new Map<string, number>();
  readonly #wakers = new Set<() => void>();

  private constructor(child: ChildProcess, connection: ProtocolConnection) {
    this.process = child;
    this.connection = connection;
  }

  static async start(config: Partial<ClientConfig> = {}): Promise<TestClient> {
    const { folder, capabilities, initializationOptions, environment } = { ...DEFAULTS, ...config };
    const child = spawn(process.execPath, [join(root, "bin/snowglobe.js"), "lsp", "--stdio"], {
      stdio: ["pipe", "pipe", "pipe"],
      // Of this machine's Nix nothing is seen, but of this test's.
      env: { PATH: process.env["PATH"], HOME: folder, ...environment },
    });
    const connection = createProtocolConnection(
      new StreamMessageReader(child.stdout),
      new StreamMessageWriter(child.stdin),
    );
    const client = new TestClient(child, connection);
    child.stderr.on("data", (data: Buffer) => {
      client.stderr += data.toString();
    });
    client.#listen();
    const uri = pathToFileURL(folder).href;
    client.initialized = await connection.sendRequest<InitializeResult>("initialize", {
      processId: process.pid,
      rootUri: uri,
      workspaceFolders: [{ uri, name: "test" }],
      capabilities,
      initializationOptions,
    });
    await connection.sendNotification("initialized", {});
    return client;
  }

  #listen(): void {
    const { connection } = this;
    const wakeAll = () => {
      for (const wake of this.#wakers) wake();
    };
    connection.onNotification(
      "textDocument/publishDiagnostics",
      (params: PublishDiagnosticsParams) => {
        this.diagnostics.set(params.uri, params);
        wakeAll();
      },
    );
    connection.onNotification(STATUS_METHOD, (params: StatusParams) => {
      this.statuses.set(params.uri, params);
      wakeAll();
    });
    connection.onNotification("window/showMessage", ({ message }: { message: string }) => {
      this.shown.push(message);
      wakeAll();
    });
    connection.onNotification("window/logMessage", ({ message }: { message: string }) => {
      this.log.push(message);
    });
    connection.onRequest("workspace/inlayHint/refresh", () => {
      this.hintRefreshes += 1;
      wakeAll();
      return null;
    });
    connection.onRequest("client/registerCapability", () => null);
    connection.onRequest("workspace/applyEdit", ({ edit }: ApplyWorkspaceEditParams) => {
      this.edits.push(edit);
      return { applied: true };
    });
    connection.onRequest("window/workDoneProgress/create", () => null);
    (connection as unknown as MessageConnection).onUnhandledProgress(({ token, value }) => {
      this.work.push({ token, ...(value as { kind: string }) });
      wakeAll();
    });
    connection.listen();
  }

  async stop(): Promise<void> {
    if (this.process.exitCode !== null) return;
    const exited = new Promise((resolve) => this.process.once("exit", resolve));
    await this.connection.sendRequest("shutdown");
    await this.connection.sendNotification("exit");
    await exited;
    this.connection.dispose();
  }

  get exitCode(): number | null {
    return this.process.exitCode;
  }

  async open(uri: string, text: string): Promise<void> {
    this.#versions.set(uri, 1);
    const textDocument = { uri, languageId: "nix", version: 1, text };
    await this.connection.sendNotification("textDocument/didOpen", { textDocument });
  }

  /** Replaces a range, or without one all of it. */
  async change(
    uri: string,
    text: string,
    range?: [line: number, character: number, endLine: number, endCharacter: number],
  ): Promise<number> {
    const version = (this.#versions.get(uri) ?? 0) + 1;
    this.#versions.set(uri, version);
    const [line, character, endLine, endCharacter] = range ?? [];
    const change =
      range === undefined
        ? { text }
        : {
            text,
            range: {
              start: { line, character },
              end: { line: endLine, character: endCharacter },
            },
          };
    const textDocument = { uri, version };
    const params = { textDocument, contentChanges: [change] };
    await this.connection.sendNotification("textDocument/didChange", params);
    return version;
  }

  async close(uri: string): Promise<void> {
    await this.connection.sendNotification("textDocument/didClose", { textDocument: { uri } });
  }

  request<T>(method: string, params: unknown): Promise<T> {
    return this.connection.sendRequest<T>(method, params);
  }

  /** A request about a place. */
  at<T>(method: string, uri: string, line: number, character: number, more = {}): Promise<T> {
    const place = { textDocument: { uri }, position: { line, character } };
    return this.request(`textDocument/${method}`, { ...place, ...more });
  }

  /** A request about a document. */
  of<T>(method: string, uri: string, more = {}): Promise<T> {
    return this.request(`textDocument/${method}`, { textDocument: { uri }, ...more });
  }

  /** Waits until something is there; looks again after every message of the server. */
  async until<T>(what: string, find: () => T | null | undefined | false): Promise<T> {
    const deadline = Date.now() + 20_000;
    for (;;) {
      const found = find();
      if (found !== null && found !== undefined && found !== false) return found;
      if (this.exitCode !== null) throw new Error(`the server has exited: ${this.stderr}`);
      if (Date.now() > deadline)
        throw new Error(`waited in vain for ${what}\n${this.log.join("\n")}`);
      await new Promise<void>((resolve) => {
        const done = () => {
          clearTimeout(timer);
          this.#wakers.delete(done);
          resolve();
        };
        const timer = setTimeout(done, 1000);
        this.#wakers.add(done);
      });
    }
  }

  /** Messages of the diagnostics of a version of a document, once they are there. */
  async problems(uri: string, version = 1): Promise<string[]> {
    const found = await this.until(`diagnostics of ${uri} version ${version}`, () => {
      const known = this.diagnostics.get(uri);
      return known?.version === version ? known : null;
    });
    return found.diagnostics.map(({ message }) => String(message));
  }

  async status(uri: string, state: StatusParams["state"]): Promise<StatusParams> {
    return this.until(`${uri} to be ${state}`, () => {
      const known = this.statuses.get(uri);
      return known?.state === state ? known : null;
    });
  }
}
