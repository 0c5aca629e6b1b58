/** The extension's settings in the shape the language server takes. */
import * as vscode from "vscode";
import type { SnowglobeOptions } from "../../server/src/lsp/protocol.ts";

/** In a workspace that is not trusted VS Code itself leaves out its values of restricted settings. */
export function serverOptions(): SnowglobeOptions {
  const settings = vscode.workspace.getConfiguration().get<SnowglobeOptions>("snowglobe");
  return { ...settings, trusted: vscode.workspace.isTrusted, commandLinks: true };
}
