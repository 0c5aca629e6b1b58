/** Which features are left to the extension "Nix IDE" when the user has it too. */
import * as vscode from "vscode";

const NIX_IDE = "jnoortheen.nix-ide";
const NOTICED = "noticedNixIde";

/** Nix IDE formats whether or not it runs a language server. */
export function formattingYields(): boolean {
  return vscode.extensions.getExtension(NIX_IDE) !== undefined;
}

/** Completion, definitions and symbols would appear twice beside Nix IDE's language server. */
export function navigationYields(): boolean {
  const nixIde = vscode.workspace.getConfiguration("nix");
  return formattingYields() && nixIde.get<boolean>("enableLanguageServer") === true;
}

/** Says once what is left to Nix IDE. @param memory lasts over sessions */
export async function noticeOtherNixExtension(memory: vscode.Memento): Promise<void> {
  if (!formattingYields() || memory.get<boolean>(NOTICED)) return;
  await memory.update(NOTICED, true);
  const left = navigationYields()
    ? "formatting, completion, go to definition and document symbols"
    : "formatting";
  await vscode.window.showInformationMessage(
    `Nix IDE is installed too: Snowglobe leaves ${left} to it, and adds hashes, values and errors.`,
  );
}
