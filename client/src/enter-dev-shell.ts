/** Enter Dev Shell: shows the plan, builds with progress, and opens a terminal in the shell. */
import * as vscode from "vscode";
import { shortPlan } from "./build-log.ts";
import {
  askForTrust,
  chooseTarget,
  saveFile,
  targetArguments,
  targetFolder,
  targetName,
} from "./build-target.ts";
import type { CommandLine } from "./command-line.ts";
import { runBuild, runPlan } from "./run-build.ts";

/** What `snowglobe develop --json` prints, with `--dry-run` and without. */
interface PlannedShell {
  readonly plan: string;
  readonly shellHook: string;
}

interface ReadyShell {
  readonly name: string;
  readonly command: readonly string[];
}

/** @param given by a lens; from the palette the user chooses */
export async function enterDevShell(commandLine: CommandLine, given: unknown): Promise<void> {
  const options = await prepareDevShell(commandLine, given);
  if (options) vscode.window.createTerminal(options).show();
}

/** The terminal profile: what is entered is chosen as in the palette. */
export function devShellProfile(commandLine: CommandLine): vscode.TerminalProfileProvider {
  return {
    async provideTerminalProfile() {
      const options = await prepareDevShell(commandLine, undefined);
      return options && new vscode.TerminalProfile(options);
    },
  };
}

/** Builds; undefined when the user did not want it in the end, or it failed, which has been said. */
async function prepareDevShell(
  commandLine: CommandLine,
  given: unknown,
): Promise<vscode.TerminalOptions | undefined> {
  if (!(await askForTrust("enter"))) return undefined;
  const target = await chooseTarget(given, "enterDevShell");
  if (!target) return undefined;
  await saveFile(target);
  const name = targetName(target);
  const cwd = targetFolder(target);
  const args = ["develop", ...targetArguments(target), "--json"];

  const planned = await runPlan(commandLine, name, [...args, "--dry-run"], cwd);
  if (!planned) return undefined;
  const { plan, shellHook }: PlannedShell = JSON.parse(planned.stdout);
  if (plan !== "" && !(await confirm(name, plan, shellHook))) return undefined;

  const built = await runBuild(commandLine, `Dev shell of ${name}`, args, cwd);
  if (!built) return undefined;
  const shell: ReadyShell = JSON.parse(built.stdout);
  const [shellPath = "", ...shellArgs] = shell.command;
  return { name: shell.name, shellPath, shellArgs, cwd, iconPath: new vscode.ThemeIcon("beaker") };
}

async function confirm(name: string, plan: string, shellHook: string): Promise<boolean> {
  const enter = "Enter";
  const hook = shellHook.trim();
  const detail = [shortPlan(plan), ...(hook === "" ? [] : [`Then the shell runs:\n${hook}`])];
  const answer = await vscode.window.showInformationMessage(
    `Enter the dev shell of ${name}?`,
    { modal: true, detail: detail.join("\n\n") },
    enter,
  );
  return answer === enter;
}
