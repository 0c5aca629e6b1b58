/** The commands of the palette. Their names are contributed in package.json. */
import * as vscode from "vscode";
import type { DerivationItem } from "../../server/src/lsp/protocol.ts";
import { buildCommand } from "./build-command.ts";
import { chooseRole } from "./choose-role.ts";
import type { CommandLine } from "./command-line.ts";
import { derivationUri } from "./derivation-documents.ts";
import { enterDevShell } from "./enter-dev-shell.ts";
import type { LanguageServer } from "./language-server.ts";
import { lockFlake } from "./lock-flake.ts";
import { pinNixpkgs } from "./pin-nixpkgs.ts";
import type { WhatChanged } from "./what-changed.ts";

export function registerCommands(
  server: LanguageServer,
  commandLine: CommandLine,
  whatChanged: WhatChanged,
): vscode.Disposable {
  const { registerCommand } = vscode.commands;
  return vscode.Disposable.from(
    registerCommand("snowglobe.restartServer", () => server.restart()),
    registerCommand("snowglobe.chooseRole", chooseRole),
    registerCommand("snowglobe.stopEvaluation", () => ofActiveDocument(server, "stop")),
    registerCommand("snowglobe.runLonger", () => ofActiveDocument(server, "runLonger")),
    registerCommand("snowglobe.fetch", (uri?: unknown) => fetchSources(server, uri)),
    registerCommand("snowglobe.pinNixpkgs", (uri?: unknown, reference?: unknown) =>
      pinNixpkgs(server, uri, reference),
    ),
    registerCommand("snowglobe.lockFlake", () => lockFlake(commandLine, "lock")),
    registerCommand("snowglobe.updateFlake", () => lockFlake(commandLine, "update")),
    registerCommand(
      "snowglobe.whatChanged",
      (before?: unknown, after?: unknown, _name?: unknown, reference?: unknown) =>
        whatChanged.show(before, after, reference),
    ),
    registerCommand("snowglobe.showChangeGraph", () => whatChanged.showGraph()),
    registerCommand("snowglobe.compareWith", () => whatChanged.compareWith()),
    registerCommand("snowglobe.copyWhyChanged", () => whatChanged.copyCommand()),
    registerCommand("snowglobe.showLog", () => server.showLog()),
    registerCommand("snowglobe.showDerivation", (drvPath?: unknown) =>
      showDerivation(server, drvPath),
    ),
    registerCommand("snowglobe.copyStorePath", (path?: unknown) => copyStorePath(server, path)),
    registerCommand("snowglobe.enterDevShell", (target?: unknown) =>
      enterDevShell(commandLine, target),
    ),
    registerCommand("snowglobe.build", (target?: unknown) => buildCommand(commandLine, target)),
  );
}

async function ofActiveDocument(server: LanguageServer, what: "stop" | "runLonger"): Promise<void> {
  const document = vscode.window.activeTextEditor?.document;
  if (document?.languageId === "nix") await server.evaluation(what, document);
}

/** @param uri given by quick fixes; from the palette it is the document in front */
async function fetchSources(server: LanguageServer, uri: unknown): Promise<void> {
  const document = vscode.window.activeTextEditor?.document;
  if (typeof uri === "string") await server.fetch(uri);
  else if (document?.languageId === "nix") await server.fetch(server.uriOf(document));
}

/** @param drvPath given by links; from the palette the user chooses */
async function showDerivation(server: LanguageServer, drvPath: unknown): Promise<void> {
  const chosen = typeof drvPath === "string" ? drvPath : (await chooseDerivation(server))?.drvPath;
  if (chosen === undefined) return;
  const document = await vscode.workspace.openTextDocument(derivationUri(chosen));
  await vscode.window.showTextDocument(document, { preview: true });
}

/** @param path given by links; from the palette the user chooses */
async function copyStorePath(server: LanguageServer, path: unknown): Promise<void> {
  const chosen = typeof path === "string" ? path : await chooseOutput(server);
  if (chosen === undefined) return;
  await vscode.env.clipboard.writeText(chosen);
  vscode.window.setStatusBarMessage(`Copied ${chosen}`, 4000);
}

async function chooseOutput(server: LanguageServer): Promise<string | undefined> {
  const derivation = await chooseDerivation(server);
  if (derivation === undefined) return undefined;
  const outputs = Object.entries(derivation.outputs).map(([label, description]) => ({
    label,
    description,
  }));
  if (outputs.length === 1) return outputs[0]?.description;
  const picked = await vscode.window.showQuickPick(outputs, {
    placeHolder: `Output of ${derivation.name}`,
  });
  return picked?.description;
}

/** The derivation at the cursor, or one that the user picks from those of the file. */
async function chooseDerivation(server: LanguageServer): Promise<DerivationItem | undefined> {
  const editor = vscode.window.activeTextEditor;
  if (editor?.document.languageId !== "nix") {
    void vscode.window.showInformationMessage("Open a Nix file first.");
    return undefined;
  }
  const { document, selection } = editor;
  const innermost = (await server.derivations(document, selection.active)).at(-1);
  if (innermost !== undefined) return innermost;
  const offered = await server.derivations(document);
  if (offered.length === 0) {
    void vscode.window.showInformationMessage("The evaluation of this file gave no derivations.");
    return undefined;
  }
  if (offered.length === 1) return offered[0];
  const items = offered.map((derivation) => ({
    label: derivation.name,
    description: derivation.drvPath,
    derivation,
  }));
  const picked = await vscode.window.showQuickPick(items, { placeHolder: "Derivation" });
  return picked?.derivation;
}
