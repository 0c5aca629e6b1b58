/** The status bar item: what the evaluation of the file in front is doing. */
import * as vscode from "vscode";
import type { StatusParams } from "../../server/src/lsp/protocol.ts";
import { roleLabel } from "./choose-role.ts";
import type { LanguageServer } from "./language-server.ts";

export class StatusBar implements vscode.Disposable {
  readonly #item: vscode.StatusBarItem;
  readonly #status = new Map<string, StatusParams>();
  readonly #subscriptions: vscode.Disposable;

  constructor(server: LanguageServer) {
    this.#item = vscode.window.createStatusBarItem("snowglobe", vscode.StatusBarAlignment.Left);
    this.#item.name = "Snowglobe";
    this.#item.command = "snowglobe.chooseRole";
    this.#subscriptions = vscode.Disposable.from(
      this.#item,
      server.onStatus((status) => {
        // The server's spelling of a URI may differ in what is escaped.
        this.#status.set(vscode.Uri.parse(status.uri).toString(), status);
        this.#show();
      }),
      server.onRestart(() => {
        this.#status.clear();
        this.#show();
      }),
      vscode.workspace.onDidCloseTextDocument((document) => {
        this.#status.delete(document.uri.toString());
      }),
      vscode.workspace.onDidGrantWorkspaceTrust(() => this.#show()),
      vscode.window.onDidChangeActiveTextEditor(() => this.#show()),
    );
    this.#show();
  }

  dispose(): void {
    this.#subscriptions.dispose();
  }

  #show(): void {
    const document = vscode.window.activeTextEditor?.document;
    if (document?.languageId !== "nix") {
      this.#item.hide();
      return;
    }
    const { text, tooltip, failed } = describe(this.#status.get(document.uri.toString()));
    const state = this.#status.get(document.uri.toString())?.state;
    this.#item.command =
      state === "evaluating" ? "snowglobe.stopEvaluation" : "snowglobe.chooseRole";
    const click = state === "evaluating" ? "stop it" : "say what this file is";
    const trust = vscode.workspace.isTrusted
      ? ""
      : "\n\nThe workspace is not trusted: files outside of it, the environment and programs are out of reach.";
    this.#item.text = text;
    this.#item.tooltip = `Snowglobe: ${tooltip}${trust}\n\nClick to ${click}.`;
    this.#item.backgroundColor = failed
      ? new vscode.ThemeColor("statusBarItem.warningBackground")
      : undefined;
    this.#item.show();
  }
}

function describe(status: StatusParams | undefined): {
  text: string;
  tooltip: string;
  failed?: boolean;
} {
  switch (status?.state) {
    case "evaluating":
      return evaluating(status);
    case "ready": {
      const count = `${status.derivations} derivation${status.derivations === 1 ? "" : "s"}`;
      const role = roleOf(status);
      return {
        text: `$(package) ${count}${role === "" ? "" : ` · ${role}`}`,
        tooltip: `${count} in this file${role === "" ? "" : `, evaluated as ${role}`}`,
      };
    }
    case "error": {
      const stale = status.stale ? " · hints of before" : "";
      const note = status.stale ? "\n\nThe hints are those of the text before it was broken." : "";
      return {
        text: `$(error) ${roleOf(status) || "Nix"}${stale}`,
        tooltip: `${status.error ?? "the evaluation failed"}${note}`,
        failed: true,
      };
    }
    default:
      return {
        text: `$(package) ${status && roleOf(status) ? roleOf(status) : "Nix"}`,
        tooltip: "nothing evaluated in this file",
      };
  }
}

function evaluating({ progress }: StatusParams): { text: string; tooltip: string } {
  if (!progress) return { text: "$(sync~spin) Nix", tooltip: "evaluating" };
  const { files, derivations, hashing } = progress;
  const done = `${files} files read, ${derivations} derivations made`;
  if (hashing) {
    return {
      text: `$(sync~spin) Nix: hashing ${hashing.path}, ${hashing.files} files`,
      tooltip: `evaluating: hashing ${hashing.path}, ${hashing.files} files so far; ${done}`,
    };
  }
  return {
    text: `$(sync~spin) Nix: ${derivations} derivations`,
    tooltip: `evaluating: ${done}`,
  };
}

/** What the file is evaluated as, and through which other file; empty for plain expressions. */
function roleOf({ role, root, uri }: StatusParams): string {
  if (role === null || role === "expression") return "";
  const label = roleLabel(role);
  if (root === null || root === uri) return label;
  return `${label} through ${decodeURIComponent(root.slice(root.lastIndexOf("/") + 1))}`;
}
