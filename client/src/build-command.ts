/** Build: shows the plan, builds with progress, and tells the store paths. */
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

/** @param given by a lens; from the palette the user chooses */
export async function buildCommand(commandLine: CommandLine, given: unknown): Promise<void> {
  if (!(await askForTrust("build"))) return;
  const target = await chooseTarget(given, "build");
  if (!target) return;
  await saveFile(target);
  const name = targetName(target);
  const cwd = targetFolder(target);
  const args = ["build", ...targetArguments(target), "--no-link"];

  const planned = await runPlan(commandLine, name, [...args, "--dry-run"], cwd);
  if (!planned || !(await confirm(name, planned.stderr))) return;
  const built = await runBuild(
    commandLine,
    `Build of ${name}`,
    [...args, "--print-out-paths"],
    cwd,
  );
  if (!built) return;
  const paths = built.stdout.trim();
  const copy = "Copy Path";
  const answer = await vscode.window.showInformationMessage(
    `Built ${paths.split("\n").join(", ")}`,
    copy,
  );
  if (answer === copy) await vscode.env.clipboard.writeText(paths);
}

async function confirm(name: string, plan: string): Promise<boolean> {
  if (plan.trim() === "") return true;
  const build = "Build";
  const answer = await vscode.window.showInformationMessage(
    `Build ${name}?`,
    { modal: true, detail: shortPlan(plan) },
    build,
  );
  return answer === build;
}
