/** The language server's process and the connection to it. */
import * as vscode from "vscode";
import {
  LanguageClient,
  type LanguageClientOptions,
  type NodeModule,
  RevealOutputChannelOn,
  type ServerOptions,
  TransportKind,
} from "vscode-languageclient/node";
import {
  CHANGED_DERIVATIONS_METHOD,
  CHANGES_METHOD,
  type Change,
  type ChangedDerivation,
  type ChangedDerivationsParams,
  type ChangesParams,
  COMPARE_WITH_METHOD,
  type CompareWithParams,
  DERIVATION_METHOD,
  DERIVATIONS_METHOD,
  type DerivationItem,
  type DerivationParams,
  type DerivationResult,
  type DerivationsParams,
  type DocumentParams,
  EXPANDED_VALUE_METHOD,
  type ExpandedValue,
  type ExpandedValueParams,
  FETCH_COMMAND,
  NEXT_CALL_METHOD,
  PAST_FILES_METHOD,
  type PastFile,
  type PastFilesParams,
  PIN_NIXPKGS_COMMAND,
  RUN_LONGER_METHOD,
  STATUS_METHOD,
  STOP_METHOD,
  type StatusParams,
  TRUST_METHOD,
  type TrustParams,
} from "../../server/src/lsp/protocol.ts";
import { formattingYields, navigationYields } from "./coexistence.ts";
import { serverOptions } from "./settings.ts";

/** Commands that a link in the server's Markdown may run: all only show or copy text. */
const LINKED_COMMANDS = [
  "snowglobe.showDerivation",
  "snowglobe.copyStorePath",
  "snowglobe.showValue",
  "snowglobe.nextCall",
];

export class LanguageServer {
  readonly #client: LanguageClient;
  readonly #program: NodeModule;
  /** Our own, because the client's would end with each stop. */
  readonly #log = vscode.window.createOutputChannel("Snowglobe", { log: true });
  readonly #status = new vscode.EventEmitter<StatusParams>();
  readonly #restarted = new vscode.EventEmitter<void>();

  /** What the evaluation of each open file is doing. */
  readonly onStatus = this.#status.event;
  /** What was known of the files is gone. */
  readonly onRestart = this.#restarted.event;

  /** @param module path of the server's bundle */
  constructor(module: string) {
    this.#program = { module, transport: TransportKind.ipc };
    const program: ServerOptions = this.#program;
    this.#client = new LanguageClient("snowglobe", "Snowglobe", program, {
      ...clientOptions(),
      outputChannel: this.#log,
    });
    this.#client.onNotification(STATUS_METHOD, (status: StatusParams) => this.#status.fire(status));
  }

  async start(): Promise<void> {
    this.#chooseNode();
    await this.#client.start();
  }

  async restart(): Promise<void> {
    this.#restarted.fire();
    // What the editor has asked in this turn is only on its way, and would fail without a server.
    await new Promise((resolve) => setTimeout(resolve));
    try {
      await this.#client.stop();
    } catch (error) {
      // A server that hangs or has not started well is the reason to restart; its process is ended.
      this.#log.warn(String(error));
    }
    await this.start();
  }

  async stop(): Promise<void> {
    await this.#client.dispose();
    this.#log.dispose();
  }

  showLog(): void {
    this.#log.show();
  }

  /** The text of a derivation, undefined when the server does not know it. */
  async derivation(drvPath: string): Promise<string | undefined> {
    const result = await this.#request<DerivationParams, DerivationResult>(DERIVATION_METHOD, {
      drvPath,
    });
    return result?.text;
  }

  /** The derivations of a document, or those whose value covers a position of it. */
  async derivations(
    document: vscode.TextDocument,
    position?: vscode.Position,
  ): Promise<readonly DerivationItem[]> {
    const uri = this.uriOf(document);
    const at = position && { line: position.line, character: position.character };
    const result = await this.#request<DerivationsParams, readonly DerivationItem[]>(
      DERIVATIONS_METHOD,
      { uri, ...(at && { position: at }) },
    );
    return result ?? [];
  }

  /** All of the value at a place, undefined when there is none. */
  async expandedValue(place: ExpandedValueParams): Promise<string | undefined> {
    const result = await this.#request<ExpandedValueParams, ExpandedValue>(
      EXPANDED_VALUE_METHOD,
      place,
    );
    return result?.text;
  }

  /** Hovers show the next of several calls of a document's functions. */
  async nextCall(uri: string): Promise<void> {
    const params: DocumentParams = { uri };
    if (this.#client.isRunning()) await this.#client.sendNotification(NEXT_CALL_METHOD, params);
  }

  async changes(pair: ChangesParams): Promise<Change | null> {
    return this.#request<ChangesParams, Change>(CHANGES_METHOD, pair);
  }

  /** Compares all files with another commit; false when there is none of that name. */
  async compareWith(document: vscode.TextDocument, revision: string): Promise<boolean> {
    const params: CompareWithParams = { uri: this.uriOf(document), revision };
    return (await this.#request<CompareWithParams, boolean>(COMPARE_WITH_METHOD, params)) === true;
  }

  /** Files that are not what they were. */
  async pastFiles(path: string): Promise<readonly PastFile[]> {
    const params: PastFilesParams = { path };
    return (await this.#request<PastFilesParams, PastFile[]>(PAST_FILES_METHOD, params)) ?? [];
  }

  /** Null when there is nothing to compare with. */
  async changedDerivations(
    document: vscode.TextDocument,
  ): Promise<readonly ChangedDerivation[] | null> {
    const uri = this.uriOf(document);
    return this.#request<ChangedDerivationsParams, readonly ChangedDerivation[]>(
      CHANGED_DERIVATIONS_METHOD,
      { uri },
    );
  }

  /** Stops the evaluation of a document, or lets it run longer. */
  async evaluation(what: "stop" | "runLonger", document: vscode.TextDocument): Promise<void> {
    const uri = this.uriOf(document);
    const method = what === "stop" ? STOP_METHOD : RUN_LONGER_METHOD;
    const params: DocumentParams = { uri };
    if (this.#client.isRunning()) await this.#client.sendNotification(method, params);
  }

  /** Downloads what the evaluation of a document lacks; the server shows how far it is. */
  async fetch(uri: string): Promise<void> {
    await this.#request("workspace/executeCommand", { command: FETCH_COMMAND, arguments: [uri] });
  }

  /** @param reference a branch, tag or commit of nixpkgs */
  async pinNixpkgs(uri: string, reference: string): Promise<void> {
    const params = { command: PIN_NIXPKGS_COMMAND, arguments: [uri, reference] };
    await this.#request("workspace/executeCommand", params);
  }

  /** The URI by which the server knows a document. */
  uriOf(document: vscode.TextDocument): string {
    return this.#client.code2ProtocolConverter.asUri(document.uri);
  }

  async trustGranted(): Promise<void> {
    const params: TrustParams = { trusted: true };
    if (this.#client.isRunning()) await this.#client.sendNotification(TRUST_METHOD, params);
  }

  async #request<P, R>(method: string, params: P): Promise<R | null> {
    return this.#client.isRunning() ? this.#client.sendRequest<R | null>(method, params) : null;
  }

  #chooseNode(): void {
    const node = vscode.workspace.getConfiguration("snowglobe").get<string>("server.node");
    if (node) this.#program.runtime = node;
    else delete this.#program.runtime;
  }
}

function clientOptions(): LanguageClientOptions {
  return {
    documentSelector: [
      { language: "nix", scheme: "file" },
      { language: "nix", scheme: "untitled" },
    ],
    synchronize: { configurationSection: "snowglobe" },
    initializationOptions: serverOptions,
    revealOutputChannelOn: RevealOutputChannelOn.Never,
    markdown: { isTrusted: { enabledCommands: LINKED_COMMANDS }, supportHtml: false },
    middleware: {
      provideCompletionItem: (document, position, context, token, next) =>
        navigationYields() ? undefined : next(document, position, context, token),
      provideDefinition: (document, position, token, next) =>
        navigationYields() ? undefined : next(document, position, token),
      provideDocumentSymbols: (document, token, next) =>
        navigationYields() ? undefined : next(document, token),
      provideDocumentFormattingEdits: (document, options, token, next) =>
        formattingYields() ? undefined : next(document, options, token),
    },
  };
}
