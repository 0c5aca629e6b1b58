/** Read-only documents that show all of a value, and hovers on the next call of a function. */
import * as vscode from "vscode";
import type { ExpandedValueParams } from "../../server/src/lsp/protocol.ts";
import type { LanguageServer } from "./language-server.ts";

const SCHEME = "snowglobe-value";

export class ValueDocuments implements vscode.TextDocumentContentProvider, vscode.Disposable {
  readonly #server: LanguageServer;
  readonly #changed = new vscode.EventEmitter<vscode.Uri>();
  readonly #registrations: vscode.Disposable;

  readonly onDidChange = this.#changed.event;

  constructor(server: LanguageServer) {
    this.#server = server;
    const { registerCommand } = vscode.commands;
    this.#registrations = vscode.Disposable.from(
      this.#changed,
      vscode.workspace.registerTextDocumentContentProvider(SCHEME, this),
      registerCommand("snowglobe.showValue", (place: ExpandedValueParams) => this.#show(place)),
      registerCommand("snowglobe.nextCall", (place: ExpandedValueParams) => this.#next(place)),
    );
  }

  dispose(): void {
    this.#registrations.dispose();
  }

  async provideTextDocumentContent(uri: vscode.Uri): Promise<string> {
    const text = await this.#server.expandedValue(JSON.parse(uri.query) as ExpandedValueParams);
    return text ?? "# It has no value now: the text has changed, or the evaluation was stopped.\n";
  }

  async #show(place: ExpandedValueParams): Promise<void> {
    const file = vscode.Uri.parse(place.uri).path;
    const name = file.slice(file.lastIndexOf("/") + 1).replace(/\.nix$/, "");
    // Ends in .nix for its colours.
    const path = `/value in ${name} line ${place.position.line + 1}.nix`;
    const uri = vscode.Uri.from({ scheme: SCHEME, path, query: JSON.stringify(place) });
    this.#changed.fire(uri);
    const document = await vscode.workspace.openTextDocument(uri);
    await vscode.window.showTextDocument(document, { preview: true });
  }

  async #next({ uri, position }: ExpandedValueParams): Promise<void> {
    await this.#server.nextCall(uri);
    const document = await vscode.workspace.openTextDocument(vscode.Uri.parse(uri));
    const at = new vscode.Position(position.line, position.character);
    await vscode.window.showTextDocument(document, { selection: new vscode.Range(at, at) });
    // One that is open is not asked for again; older versions have no command for it.
    await vscode.commands.executeCommand("editor.action.hideHover").then(undefined, () => {});
    await vscode.commands.executeCommand("editor.action.showHover");
  }
}
