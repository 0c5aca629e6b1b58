/** The extension's settings in the shape the language server takes. */
import * as vscode from "vscode";
import type { SnowglobeOptions } from "../../server/src/lsp/protocol.ts";

/** In a workspace that is not trusted VS Code itself leaves out its values of restricted settings. */
export function serverOptions(): SnowglobeOptions {
  const settings = vscode.workspace.getConfiguration().get<SnowglobeOptions>("snowglobe");
  // Editors cut the hints of a line; a server that knows where writes them shorter.
  const lineLength = vscode.workspace
    .getConfiguration("editor")
    .get<number>("inlayHints.maximumLength", 43);
  const hints = { ...settings?.hints, lineLength };
  return { ...settings, hints, trusted: vscode.workspace.isTrusted, commandLinks: true };
}
