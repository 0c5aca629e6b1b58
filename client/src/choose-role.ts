/** What a file is evaluated as: the choice of the user, kept in the setting `snowglobe.roots`. */
import * as vscode from "vscode";

interface RoleItem extends vscode.QuickPickItem {
  /** Null: what the file looks like. */
  readonly role: string | null;
}

const CHOICES: readonly RoleItem[] = [
  { label: "Automatic", description: "what the file looks like", role: null },
  {
    label: "Expression",
    description: "a value, or a function without arguments",
    role: "expression",
  },
  { label: "Package", description: "called with the packages of <nixpkgs>", role: "package" },
  { label: "Overlay", description: "final: prev: { … }, applied to <nixpkgs>", role: "overlay" },
  { label: "Module", description: "of a NixOS configuration of its own", role: "module" },
  { label: "Home Manager module", description: "evaluated by <home-manager>", role: "home" },
  { label: "NixOps network", description: "machines, each a NixOS configuration", role: "network" },
  { label: "Library", description: "evaluated only where it is used", role: "library" },
];

/** The names of roles, as the status bar shows them. */
export function roleLabel(role: string): string {
  return (
    CHOICES.find((choice) => choice.role === role)?.label.replace(/^[A-Z](?=[a-z]+$)/, (c) =>
      c.toLowerCase(),
    ) ?? role
  );
}

export async function chooseRole(): Promise<void> {
  const document = vscode.window.activeTextEditor?.document;
  if (document?.languageId !== "nix") {
    void vscode.window.showInformationMessage("Open a Nix file first.");
    return;
  }
  const settings = vscode.workspace.getConfiguration("snowglobe", document.uri);
  const roots = settings.get<Record<string, string>>("roots") ?? {};
  const path = vscode.workspace.asRelativePath(document.uri, false);
  const current = roots[path] ?? null;
  const picked = await vscode.window.showQuickPick(
    CHOICES.map((choice) => ({ ...choice, picked: choice.role === current })),
    { placeHolder: `What is ${path}?` },
  );
  if (!picked) return;
  const { [path]: _before, ...others } = roots;
  const chosen = picked.role === null ? others : { ...others, [path]: picked.role };
  const target = vscode.workspace.workspaceFolders
    ? vscode.ConfigurationTarget.Workspace
    : vscode.ConfigurationTarget.Global;
  await settings.update("roots", chosen, target);
}
