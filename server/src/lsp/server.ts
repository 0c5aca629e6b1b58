/**
 * The language server over any connection: what it can do, and which function answers what. Reads
 * like a list of features.
 */
import {
  CodeActionKind,
  type Connection,
  DidChangeWatchedFilesNotification,
  type InitializeResult,
  TextDocumentSyncKind,
} from "vscode-languageserver";
import {
  CHANGED_DERIVATIONS_METHOD,
  CHANGES_METHOD,
  type ChangedDerivationsParams,
  type ChangesParams,
  COMPARE_WITH_METHOD,
  type CompareWithParams,
  DERIVATION_METHOD,
  DERIVATIONS_METHOD,
  type DerivationParams,
  type DerivationsParams,
  type DocumentParams,
  EXPANDED_VALUE_COMMAND,
  EXPANDED_VALUE_METHOD,
  type ExpandedValueParams,
  FETCH_COMMAND,
  NEXT_CALL_METHOD,
  PAST_FILES_METHOD,
  type PastFilesParams,
  PIN_NIXPKGS_COMMAND,
  RUN_LONGER_METHOD,
  STOP_METHOD,
  TRUST_METHOD,
  type TrustParams,
} from "./protocol.ts";
import * as requests from "./requests.ts";
import { type ServerDependencies, Session } from "./session.ts";
import { SEMANTIC_TOKENS_LEGEND } from "./to-protocol.ts";

/** For clients without commands of their own. */
const OWN_COMMANDS = [FETCH_COMMAND, PIN_NIXPKGS_COMMAND, EXPANDED_VALUE_COMMAND];
/** Files whose changes on disk may change what an evaluation gives. */
const WATCHED = "**/*.{nix,lock,json,toml,patch,diff,sh,txt}";
/** Grows with every commit, checkout and reset: what the baselines are made of may be another. */
const WATCHED_GIT = "**/.git/logs/HEAD";

export function startServer(connection: Connection, dependencies: ServerDependencies): void {
  const session = new Session(connection, dependencies);

  connection.onInitialize((params): InitializeResult => {
    session.initialize(params);
    return {
      serverInfo: { name: "snowglobe", version: dependencies.version },
      capabilities: {
        positionEncoding: session.unit,
        textDocumentSync: {
          openClose: true,
          change: TextDocumentSyncKind.Incremental,
          save: { includeText: false },
        },
        codeActionProvider: { codeActionKinds: [CodeActionKind.QuickFix] },
        // A client with commands of its own sends these by itself.
        ...(session.commandLinks
          ? { codeLensProvider: {} }
          : { executeCommandProvider: { commands: OWN_COMMANDS } }),
        completionProvider: { triggerCharacters: ["."], resolveProvider: true },
        definitionProvider: true,
        documentFormattingProvider: true,
        documentHighlightProvider: true,
        documentLinkProvider: {},
        documentSymbolProvider: true,
        foldingRangeProvider: true,
        hoverProvider: true,
        inlayHintProvider: true,
        referencesProvider: true,
        renameProvider: { prepareProvider: true },
        selectionRangeProvider: true,
        semanticTokensProvider: { legend: SEMANTIC_TOKENS_LEGEND, full: true, range: true },
        workspace: { workspaceFolders: { supported: true, changeNotifications: true } },
      },
    };
  });
  connection.onInitialized(() => {
    session.client.warmUp();
    const { workspace } = session.capabilities;
    if (workspace?.didChangeWatchedFiles?.dynamicRegistration === true) {
      const watchers = [{ globPattern: WATCHED }, { globPattern: WATCHED_GIT }];
      connection.client
        .register(DidChangeWatchedFilesNotification.type, { watchers })
        .catch((error: unknown) => connection.console.warn(String(error)));
    }
    if (workspace?.workspaceFolders === true) {
      connection.workspace.onDidChangeWorkspaceFolders(({ added, removed }) =>
        session.changeFolders(
          added.map(({ uri }) => uri),
          removed.map(({ uri }) => uri),
        ),
      );
    }
  });
  connection.onShutdown(() => session.dispose());

  connection.onDidOpenTextDocument(({ textDocument: { uri, version, text } }) =>
    session.open(uri, version, text),
  );
  connection.onDidChangeTextDocument(({ textDocument: { uri, version }, contentChanges }) =>
    session.change(uri, version, contentChanges),
  );
  connection.onDidSaveTextDocument(({ textDocument }) => session.saved(textDocument.uri));
  connection.onDidCloseTextDocument(({ textDocument }) => session.close(textDocument.uri));
  connection.onDidChangeWatchedFiles(({ changes }) =>
    session.changedOnDisk(changes.map(({ uri }) => uri)),
  );
  connection.onDidChangeConfiguration(({ settings }) => {
    const own = (settings as { snowglobe?: unknown } | null)?.snowglobe;
    if (own !== undefined) session.configure(own, session.settings.trusted);
  });
  connection.onNotification(STOP_METHOD, ({ uri }: DocumentParams) => session.stop(uri));
  connection.onNotification(RUN_LONGER_METHOD, ({ uri }: DocumentParams) => session.runLonger(uri));
  connection.onNotification(TRUST_METHOD, ({ trusted }: TrustParams) =>
    session.trust(trusted === true),
  );

  connection.onNotification(NEXT_CALL_METHOD, ({ uri }: DocumentParams) => session.nextCall(uri));

  connection.onCodeAction((params) => requests.codeActions(session, params));
  connection.onCodeLens((params) => requests.codeLenses(session, params));
  connection.onCompletion((params, token) => requests.completion(session, params, token));
  connection.onCompletionResolve((item) => requests.resolveCompletion(session, item));
  connection.onDefinition((params) => requests.definition(session, params));
  connection.onDocumentFormatting((params) => requests.formatting(session, params));
  connection.onDocumentHighlight((params) => requests.documentHighlight(session, params));
  connection.onDocumentLinks((params) => requests.documentLinks(session, params));
  connection.onDocumentSymbol((params) => requests.documentSymbol(session, params));
  connection.onExecuteCommand((params, token) => requests.executeCommand(session, params, token));
  connection.onFoldingRanges((params) => requests.foldingRange(session, params));
  connection.onHover((params, token) => requests.hover(session, params, token));
  connection.onPrepareRename((params) => requests.prepareRename(session, params));
  connection.onReferences((params) => requests.references(session, params));
  connection.onRenameRequest((params) => requests.rename(session, params));
  connection.onSelectionRanges((params) => requests.selectionRange(session, params));
  connection.languages.inlayHint.on((params) => requests.inlayHints(session, params));
  connection.languages.semanticTokens.on((params) => requests.semanticTokens(session, params));
  connection.languages.semanticTokens.onRange((params) =>
    requests.semanticTokens(session, params, params.range),
  );
  connection.onRequest(EXPANDED_VALUE_METHOD, (params: ExpandedValueParams) =>
    requests.expandedValue(session, params),
  );
  connection.onRequest(DERIVATION_METHOD, (params: DerivationParams) =>
    requests.derivation(session, params),
  );
  connection.onRequest(CHANGES_METHOD, (params: ChangesParams) =>
    requests.changes(session, params),
  );
  connection.onRequest(
    COMPARE_WITH_METHOD,
    (params: CompareWithParams): Promise<unknown> =>
      session.compareWith(params.uri, params.revision),
  );
  connection.onRequest(PAST_FILES_METHOD, (params: PastFilesParams) =>
    requests.pastFiles(session, params),
  );
  connection.onRequest(CHANGED_DERIVATIONS_METHOD, (params: ChangedDerivationsParams) =>
    requests.changedDerivations(session, params),
  );
  connection.onRequest(DERIVATIONS_METHOD, (params: DerivationsParams) =>
    requests.derivations(session, params),
  );

  connection.listen();
}
