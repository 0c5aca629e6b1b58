/** The tab that shows the changed part of a closure as a picture; a click on a box shows the derivation. */
import { randomBytes } from "node:crypto";
import * as vscode from "vscode";
import type { Change } from "../../server/src/lsp/protocol.ts";
import { changeGraph, escaped } from "./change-graph.ts";

export class ChangeGraphPanel implements vscode.Disposable {
  #panel: vscode.WebviewPanel | null = null;

  show(change: Change, reference: string): void {
    const panel = this.#panel ?? this.#open();
    panel.title = `What changed in ${change.name}`;
    panel.webview.html = page(change, reference);
    panel.reveal(undefined, true);
  }

  dispose(): void {
    this.#panel?.dispose();
  }

  #open(): vscode.WebviewPanel {
    const panel = vscode.window.createWebviewPanel(
      "snowglobe.changeGraph",
      "What changed",
      vscode.ViewColumn.Active,
      { enableScripts: true, localResourceRoots: [] },
    );
    panel.onDidDispose(() => {
      this.#panel = null;
    });
    panel.webview.onDidReceiveMessage((drvPath: unknown) => {
      if (typeof drvPath === "string")
        void vscode.commands.executeCommand("snowglobe.showDerivation", drvPath);
    });
    this.#panel = panel;
    return panel;
  }
}

function page(change: Change, reference: string): string {
  const nonce = randomBytes(16).toString("hex");
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'nonce-${nonce}'; script-src 'nonce-${nonce}'">
<style nonce="${nonce}">
  body { margin: 0; padding: 8px; }
  g { cursor: pointer; outline: none; }
  rect { fill: var(--vscode-editorWidget-background); stroke: var(--vscode-widget-border, #888); }
  .reason rect { stroke: var(--vscode-editorWarning-foreground); stroke-width: 2; }
  g:hover rect, g:focus rect { stroke: var(--vscode-focusBorder); }
  text { fill: var(--vscode-editor-foreground); font: 12px var(--vscode-font-family); text-anchor: middle; }
  .why { fill: var(--vscode-descriptionForeground); font-size: 10px; }
  .edge { fill: none; stroke: var(--vscode-editorIndentGuide-activeBackground1, #888); }
</style>
</head>
<body>
<p>Derivations that are not those of ${escaped(reference)}. A box with a strong border differs by itself, the others because of what they are built on.</p>
${changeGraph(change)}
<script nonce="${nonce}">
  const vscode = acquireVsCodeApi();
  for (const box of document.querySelectorAll("[data-drv]")) {
    const open = () => vscode.postMessage(box.dataset.drv);
    box.addEventListener("click", open);
    box.addEventListener("keydown", (event) => { if (event.key === "Enter") open(); });
  }
</script>
</body>
</html>`;
}
