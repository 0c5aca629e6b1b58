/** The view "What changed": why a derivation is not the one of the last commit, as a tree. */
import * as vscode from "vscode";
import type { Change, ChangeReason } from "../../server/src/lsp/protocol.ts";
import { ChangeGraphPanel } from "./change-graph-panel.ts";
import type { LanguageServer } from "./language-server.ts";
import { whyChangedCommand } from "./why-changed-command.ts";

const VIEW = "snowglobe.whatChanged";
const SCHEME = "snowglobe-text";
/** As the setting `snowglobe.baseline` names it. */
const LAST_BUILD = "lastBuild";

type Node =
  | { readonly kind: "derivation"; readonly change: Change }
  | { readonly kind: "reason"; readonly reason: ChangeReason }
  | { readonly kind: "message"; readonly text: string };

export class WhatChanged
  implements vscode.TreeDataProvider<Node>, vscode.TextDocumentContentProvider, vscode.Disposable
{
  readonly #server: LanguageServer;
  readonly #changed = new vscode.EventEmitter<undefined>();
  readonly #registrations: vscode.Disposable;
  /** Texts of the documents that a comparison shows, by the path of their URI. */
  readonly #texts = new Map<string, string>();
  readonly #graph = new ChangeGraphPanel();
  /** What is compared with. */
  #reference = "HEAD";
  #root: Change | null = null;
  #message = "Nothing has been compared yet.";

  readonly #textChanged = new vscode.EventEmitter<vscode.Uri>();

  readonly onDidChangeTreeData = this.#changed.event;
  readonly onDidChange = this.#textChanged.event;

  constructor(server: LanguageServer) {
    this.#server = server;
    const { registerCommand } = vscode.commands;
    this.#registrations = vscode.Disposable.from(
      this.#graph,
      server.onRestart(() => {
        this.#reference = "HEAD";
      }),
      vscode.window.registerTreeDataProvider(VIEW, this),
      vscode.workspace.registerTextDocumentContentProvider(SCHEME, this),
      registerCommand("snowglobe.compareChange", (reason: ChangeReason) => this.#compare(reason)),
    );
  }

  dispose(): void {
    this.#registrations.dispose();
    this.#changed.dispose();
    this.#textChanged.dispose();
  }

  getChildren(node?: Node): Node[] {
    if (!node) {
      if (this.#root) return [{ kind: "derivation", change: this.#root }];
      return [{ kind: "message", text: this.#message }];
    }
    if (node.kind !== "derivation") return [];
    const { reasons, inputs } = node.change;
    return [
      ...reasons.map((reason): Node => ({ kind: "reason", reason })),
      ...inputs.map((change): Node => ({ kind: "derivation", change })),
    ];
  }

  getTreeItem(node: Node): vscode.TreeItem {
    switch (node.kind) {
      case "message":
        return new vscode.TreeItem(node.text);
      case "derivation":
        return derivationItem(node.change);
      case "reason":
        return reasonItem(node.reason);
    }
  }

  provideTextDocumentContent(uri: vscode.Uri): string {
    return this.#texts.get(uri.path) ?? "";
  }

  /** @param before given by lenses of what has changed; otherwise the user chooses */
  async show(before: unknown, after: unknown, reference: unknown): Promise<void> {
    if (typeof reference === "string") this.#reference = reference;
    const pair =
      typeof before === "string" && typeof after === "string" && typeof reference === "string"
        ? { before, after, reference }
        : await this.#choose();
    if (pair) this.#reference = pair.reference;
    this.#root = pair ? await this.#server.changes(pair) : null;
    this.#changed.fire(undefined);
    await vscode.commands.executeCommand(`${VIEW}.focus`);
  }

  async #choose(): Promise<{ before: string; after: string; reference: string } | undefined> {
    const document = vscode.window.activeTextEditor?.document;
    const changed =
      document?.languageId === "nix" ? await this.#server.changedDerivations(document) : null;
    this.#message =
      changed === null
        ? "There is no commit and no build to compare this file with."
        : `Same derivations as ${this.#reference}: nothing to rebuild.`;
    if (changed === null || changed.length < 2) return changed?.[0];
    const items = changed.map((each) => ({ label: each.name, description: each.after, each }));
    return (await vscode.window.showQuickPick(items, { placeHolder: "Derivation" }))?.each;
  }

  async #compare({ kind, name, before, after, origin }: ChangeReason): Promise<void> {
    if (kind === "source" && origin !== null) {
      await this.#compareFiles(origin);
      return;
    }
    await this.#diff(name, this.#side(name, before), this.#side(name, after, "now"));
  }

  /** Of a source the files that are others now: one at once, of several the one that is chosen. */
  async #compareFiles(origin: string): Promise<void> {
    const files = await this.#server.pastFiles(origin);
    const items = files.map((file) => ({
      label: vscode.workspace.asRelativePath(file.path),
      file,
    }));
    const [first] = items;
    if (!first) {
      await vscode.commands.executeCommand("revealInExplorer", vscode.Uri.file(origin));
      return;
    }
    const chosen =
      items.length === 1
        ? first
        : await vscode.window.showQuickPick(items, { placeHolder: "Changed file" });
    if (!chosen) return;
    const now = vscode.Uri.file(chosen.file.path);
    await this.#diff(chosen.label, this.#side(chosen.label, chosen.file.before), now);
  }

  /** A document with the text of one side of a comparison. */
  #side(name: string, text: string | null, title = this.#reference): vscode.Uri {
    const uri = vscode.Uri.from({ scheme: SCHEME, path: `/${title}/${name}` });
    this.#texts.set(uri.path, text ?? "");
    this.#textChanged.fire(uri);
    return uri;
  }

  async #diff(name: string, left: vscode.Uri, right: vscode.Uri): Promise<void> {
    const title = `${name} (${this.#reference} ↔ now)`;
    await vscode.commands.executeCommand("vscode.diff", left, right, title);
  }

  async showGraph(): Promise<void> {
    if (!this.#root) await this.show(null, null, null);
    if (this.#root) this.#graph.show(this.#root, this.#reference);
  }

  async compareWith(): Promise<void> {
    const document = vscode.window.activeTextEditor?.document;
    if (document?.languageId !== "nix") {
      void vscode.window.showInformationMessage("Open a Nix file first.");
      return;
    }
    const revision = await chooseReference();
    if (!revision) return;
    if (await this.#server.compareWith(document, revision)) return;
    void vscode.window.showWarningMessage(
      revision === LAST_BUILD
        ? "Nothing of this file has been built or entered, or it is not in the store any more."
        : `The repository of this file has no commit '${revision}' to compare with.`,
    );
  }

  async copyCommand(): Promise<void> {
    const document = vscode.window.activeTextEditor?.document;
    if (document?.languageId !== "nix") return;
    const changed = await this.#server.changedDerivations(document);
    const shown = this.#root?.after;
    const found = changed?.find(({ after }) => after === shown) ?? changed?.[0];
    const command = whyChangedCommand(
      vscode.workspace.asRelativePath(document.uri, false),
      found ?? { reference: "HEAD", before: "", attributePath: [] },
    );
    await vscode.env.clipboard.writeText(command);
    vscode.window.setStatusBarMessage(`Copied ${command}`, 4000);
  }
}

async function chooseReference(): Promise<string | undefined> {
  const items = [
    { label: "HEAD", description: "the last commit", reference: "HEAD" },
    {
      label: "The last build",
      description: "what was last built or entered",
      reference: LAST_BUILD,
    },
    { label: "Another revision…", reference: null },
  ];
  const chosen = await vscode.window.showQuickPick(items, {
    placeHolder: "What derivations are compared with",
  });
  if (!chosen || chosen.reference !== null) return chosen?.reference;
  return vscode.window.showInputBox({ prompt: "Commit, branch or tag to compare with" });
}

/** A tree with no more nodes than these is shown whole. */
const SHOWN_AT_ONCE = 30;

function derivationItem(change: Change): vscode.TreeItem {
  const { name, reasons, inputs, after } = change;
  const { TreeItemCollapsibleState: state } = vscode;
  const hasChildren = reasons.length + inputs.length > 0;
  const open = sizeOf(change) <= SHOWN_AT_ONCE || inputs.length === 1;
  const item = new vscode.TreeItem(
    name,
    hasChildren ? (open ? state.Expanded : state.Collapsed) : state.None,
  );
  item.iconPath = new vscode.ThemeIcon("package");
  item.tooltip = after;
  if (!hasChildren) item.description = "shown above";
  else if (reasons.length === 0) item.description = "because of its inputs";
  return item;
}

function sizeOf({ reasons, inputs }: Change): number {
  return inputs.reduce((sum, input) => sum + sizeOf(input), 1 + reasons.length);
}

function reasonItem(reason: ChangeReason): vscode.TreeItem {
  const { kind, name, before, after, origin } = reason;
  const item = new vscode.TreeItem(`${kind} ${name}`);
  item.iconPath = new vscode.ThemeIcon(
    before === null ? "diff-added" : after === null ? "diff-removed" : "diff-modified",
  );
  item.description = origin ?? shortChange(before, after);
  item.tooltip = `${before ?? "(nothing)"}\n→\n${after ?? "(nothing)"}`;
  item.command = { command: "snowglobe.compareChange", title: "Compare", arguments: [reason] };
  return item;
}

/** Around the place where two texts begin to differ: the view is narrow. */
function shortChange(before: string | null, after: string | null): string {
  if (before === null || after === null) return `${oneLine(before)} → ${oneLine(after)}`;
  const length = Math.min(before.length, after.length);
  let common = 0;
  while (common < length && before[common] === after[common]) common++;
  const start = common < KEPT_IN_FRONT ? 0 : before.slice(0, common).search(/\S*\s*$/);
  const from = common - start > KEPT_IN_FRONT ? common - KEPT_IN_FRONT : start;
  const part = (text: string) => `${from > 0 ? "…" : ""}${oneLine(text.slice(from))}`;
  return `${part(before)} → ${part(after)}`;
}

/** Characters of what is the same that are shown before what is not. */
const KEPT_IN_FRONT = 12;

function oneLine(text: string | null): string {
  if (text === null) return "nothing";
  const line = text.trim().replaceAll(/\s+/g, " ");
  return line.length > 60 ? `${line.slice(0, 60)}…` : line;
}
