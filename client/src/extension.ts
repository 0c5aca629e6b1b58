/** Entry point of the extension. */
import * as vscode from "vscode";
import { noticeOtherNixExtension } from "./coexistence.ts";
import { CommandLine } from "./command-line.ts";
import { registerCommands } from "./commands.ts";
import { DerivationDocuments } from "./derivation-documents.ts";
import { devShellProfile } from "./enter-dev-shell.ts";
import { LanguageServer } from "./language-server.ts";
import { StatusBar } from "./status-bar.ts";
import { ValueDocuments } from "./value-documents.ts";
import { WhatChanged } from "./what-changed.ts";

let running: LanguageServer | undefined;

export async function activate(context: vscode.ExtensionContext): Promise<void> {
  const server = new LanguageServer(context.asAbsolutePath("dist/server.cjs"));
  running = server;
  const commandLine = new CommandLine(context.asAbsolutePath("dist/cli.cjs"));
  const whatChanged = new WhatChanged(server);
  context.subscriptions.push(
    new StatusBar(server),
    new DerivationDocuments(server),
    new ValueDocuments(server),
    commandLine,
    whatChanged,
    registerCommands(server, commandLine, whatChanged),
    vscode.window.registerTerminalProfileProvider(
      "snowglobe.devShell",
      devShellProfile(commandLine),
    ),
    vscode.workspace.onDidGrantWorkspaceTrust(() => server.trustGranted()),
    vscode.workspace.onDidChangeConfiguration((change) => {
      // A running process keeps its program; everything else reaches the server as settings.
      if (change.affectsConfiguration("snowglobe.server.node")) void server.restart();
    }),
  );
  void noticeOtherNixExtension(context.globalState);
  await server.start();
}

export async function deactivate(): Promise<void> {
  await running?.stop();
}
