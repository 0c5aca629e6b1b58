/** Read-only documents that show a derivation; paths of its inputs are links to theirs. */
import * as vscode from "vscode";
import type { LanguageServer } from "./language-server.ts";

const SCHEME = "snowglobe-drv";

/** A derivation's store path wherever the store is. */
const DRV_PATH = /\/[^\s"'<>()]*\/[0-9a-z]{32}-[^\s"'<>()/]+\.drv/g;

export class DerivationDocuments
  implements vscode.TextDocumentContentProvider, vscode.DocumentLinkProvider, vscode.Disposable
{
  readonly #server: LanguageServer;
  readonly #registrations: vscode.Disposable;

  constructor(server: LanguageServer) {
    this.#server = server;
    this.#registrations = vscode.Disposable.from(
      vscode.workspace.registerTextDocumentContentProvider(SCHEME, this),
      vscode.languages.registerDocumentLinkProvider({ scheme: SCHEME }, this),
    );
  }

  dispose(): void {
    this.#registrations.dispose();
  }

  async provideTextDocumentContent(uri: vscode.Uri): Promise<string> {
    const text = await this.#server.derivation(uri.path);
    return text ?? `${uri.path}\n\nNo evaluation of this session has made this derivation.\n`;
  }

  provideDocumentLinks(document: vscode.TextDocument): vscode.DocumentLink[] {
    return [...document.getText().matchAll(DRV_PATH)]
      .filter(([drvPath]) => drvPath !== document.uri.path)
      .map((match) => {
        const start = document.positionAt(match.index);
        const end = document.positionAt(match.index + match[0].length);
        return new vscode.DocumentLink(new vscode.Range(start, end), derivationUri(match[0]));
      });
  }
}

export function derivationUri(drvPath: string): vscode.Uri {
  return vscode.Uri.from({ scheme: SCHEME, path: drvPath });
}
