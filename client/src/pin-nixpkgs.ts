/** The command Pin nixpkgs: which release, and the server does the rest. */
import * as vscode from "vscode";
import { NIXPKGS_RELEASES } from "../../server/src/lsp/protocol.ts";
import type { LanguageServer } from "./language-server.ts";

/**
 * @param uri of a document; without one it is the document in front
 * @param reference a branch, tag or commit; without one the user chooses
 */
export async function pinNixpkgs(
  server: LanguageServer,
  uri: unknown,
  reference: unknown,
): Promise<void> {
  const document = vscode.window.activeTextEditor?.document;
  const target =
    typeof uri === "string" ? uri : document?.languageId === "nix" ? server.uriOf(document) : null;
  if (target === null) {
    void vscode.window.showInformationMessage("Open a Nix file first.");
    return;
  }
  const chosen = typeof reference === "string" ? reference : await chooseRelease();
  if (chosen) await server.pinNixpkgs(target, chosen);
}

/** One of the list, or whatever is typed. */
function chooseRelease(): Promise<string | undefined> {
  const offered = NIXPKGS_RELEASES.map(({ name, about }) => ({ label: name, description: about }));
  const pick = vscode.window.createQuickPick();
  pick.placeholder = "Release of nixpkgs, or type a branch, a tag or a commit";
  pick.items = offered;
  return new Promise((resolve) => {
    pick.onDidChangeValue((value) => {
      const isOffered = offered.some(({ label }) => label.startsWith(value));
      const typed = value === "" || isOffered ? [] : [{ label: value, description: "as typed" }];
      pick.items = [...offered, ...typed];
    });
    pick.onDidAccept(() => {
      resolve(pick.selectedItems[0]?.label);
      pick.hide();
    });
    pick.onDidHide(() => {
      resolve(undefined);
      pick.dispose();
    });
    pick.show();
  });
}
