/** The commands that write flake.lock: of the flake that the file in front belongs to. */
import * as path from "node:path";
import * as vscode from "vscode";
import { askForTrust, saveFile } from "./build-target.ts";
import type { CommandLine } from "./command-line.ts";
import { runShown } from "./run-build.ts";

/** @param what `lock`: inputs that have no entry yet; `update`: all of them anew */
export async function lockFlake(commandLine: CommandLine, what: "lock" | "update"): Promise<void> {
  const document = vscode.window.activeTextEditor?.document;
  if (document?.languageId !== "nix" || document.uri.scheme !== "file") {
    void vscode.window.showInformationMessage("Open a file of a flake first.");
    return;
  }
  if (!(await askForTrust("lock"))) return;
  const cwd = path.dirname(document.uri.fsPath);
  await saveFile({ file: document.uri.fsPath });
  const title = what === "lock" ? "Locking the inputs" : "Updating the inputs";
  const done = await runShown(commandLine, title, ["flake", what], cwd);
  if (!done) return;
  const changes = done.stderr.split("\n").filter((line) => line.startsWith("\u2022"));
  void vscode.window.showInformationMessage(
    changes.length === 0
      ? "flake.lock is as it should be: nothing has changed."
      : `flake.lock is written: ${changes.map((line) => line.slice(2).replace(/:$/, "")).join(", ")}.`,
  );
}
