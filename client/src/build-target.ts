/** What a command builds or enters: an attribute of a file. */
import { basename, dirname } from "node:path";
import * as vscode from "vscode";
import type { BuildTarget } from "../../server/src/lsp/protocol.ts";

/** Files that stand for a folder. */
const USUAL_FILES = ["flake.nix", "shell.nix", "default.nix"];

/** Settings of ours, and Nix's names of them. */
const CACHE_SETTINGS = [
  ["substituters", "substituters"],
  ["trustedPublicKeys", "trusted-public-keys"],
] as const;

/** The target that a lens names, or one that the user picks; undefined when there is none. */
export async function chooseTarget(
  given: unknown,
  command: "build" | "enterDevShell",
): Promise<BuildTarget | undefined> {
  if (isTarget(given)) return given;
  const verb = command === "build" ? "build" : "enter";
  const document = vscode.window.activeTextEditor?.document;
  const targets =
    document?.languageId === "nix" ? await targetsIn(document.uri, command) : await usualTargets();
  if (targets.length === 0) {
    void vscode.window.showInformationMessage(
      `There is nothing to ${verb} here. Open a shell.nix or another file that evaluates to a derivation.`,
    );
    return undefined;
  }
  if (targets.length === 1) return targets[0];
  const items = targets.map((target) => ({
    label: target.attributePath.join(".") || vscode.workspace.asRelativePath(target.file),
    description:
      target.attributePath.length > 0 ? vscode.workspace.asRelativePath(target.file) : "",
    target,
  }));
  return (await vscode.window.showQuickPick(items, { placeHolder: `What to ${verb}` }))?.target;
}

/** Those that have a lens. */
async function targetsIn(uri: vscode.Uri, what: string): Promise<BuildTarget[]> {
  const lenses = await vscode.commands.executeCommand<vscode.CodeLens[]>(
    "vscode.executeCodeLensProvider",
    uri,
    Number.MAX_SAFE_INTEGER,
  );
  return lenses
    .filter(({ command }) => command?.command === `snowglobe.${what}`)
    .flatMap(({ command }) => command?.arguments ?? [])
    .filter(isTarget);
}

async function usualTargets(): Promise<BuildTarget[]> {
  const found: BuildTarget[] = [];
  for (const folder of vscode.workspace.workspaceFolders ?? []) {
    for (const name of USUAL_FILES) {
      const uri = vscode.Uri.joinPath(folder.uri, name);
      const isThere = await vscode.workspace.fs.stat(uri).then(
        () => true,
        () => false,
      );
      if (isThere) found.push({ file: uri.fsPath, attributePath: [] });
    }
  }
  return found;
}

function isTarget(value: unknown): value is BuildTarget {
  return (
    typeof value === "object" &&
    value !== null &&
    typeof (value as BuildTarget).file === "string" &&
    Array.isArray((value as BuildTarget).attributePath)
  );
}

/** How a target is called: `shell.nix`, or `greeter`. */
export function targetName({ file, attributePath }: BuildTarget): string {
  return attributePath.join(".") || vscode.workspace.asRelativePath(file);
}

/** The folder that relative settings, outputs and terminals start from. */
export function targetFolder({ file }: BuildTarget): string {
  const uri = vscode.Uri.file(file);
  const folder = vscode.workspace.getWorkspaceFolder(uri)?.uri ?? vscode.Uri.joinPath(uri, "..");
  return folder.fsPath;
}

/** The target and the settings that decide its hash, as arguments of the command line. */
export function targetArguments({ file, attributePath }: BuildTarget): string[] {
  const settings = vscode.workspace.getConfiguration("snowglobe", vscode.Uri.file(file));
  const attribute = attributePath.map(attributeName).join(".");
  const args: string[] = [];
  if (isFlake(file)) args.push(dirname(file) + (attribute === "" ? "" : `#${attribute}`));
  else args.push("-f", file, ...(attribute === "" ? [] : [attribute]));
  for (const entry of settings.get<string[]>("nixPath") ?? []) args.push("-I", entry);
  const system = settings.get<string>("system");
  if (system) args.push("--system", system);
  for (const [setting, name] of CACHE_SETTINGS) {
    const list = settings.get<string[] | null>(setting);
    if (list) args.push("--option", name, list.join(" "));
  }
  return args;
}

/** What is named are outputs of the flake, not attributes of the file. */
function isFlake(file: string): boolean {
  return basename(file) === "flake.nix";
}

function attributeName(name: string): string {
  return /^[A-Za-z_][A-Za-z0-9_'-]*$/.test(name) ? name : `"${name}"`;
}

/** Nothing is run in a workspace that is not trusted. */
export async function askForTrust(verb: string): Promise<boolean> {
  if (vscode.workspace.isTrusted) return true;
  const manage = "Manage Workspace Trust";
  const answer = await vscode.window.showWarningMessage(
    `Snowglobe does not ${verb} anything of a workspace that is not trusted: it would run the programs that it names.`,
    manage,
  );
  if (answer === manage) await vscode.commands.executeCommand("workbench.trust.manage");
  return false;
}

/** What is on the screen is what is built. */
export async function saveFile({ file }: Pick<BuildTarget, "file">): Promise<void> {
  const open = vscode.workspace.textDocuments.find(
    (document) => document.uri.fsPath === file && document.isDirty,
  );
  await open?.save();
}
