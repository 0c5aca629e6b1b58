/** Builds and plans with what the user sees of them: progress, cancel, the log of a failure. */
import * as vscode from "vscode";
import type { CommandLine, CommandResult } from "./command-line.ts";

/** What would be done; undefined when that could not be told, which has been said. */
export async function runPlan(
  commandLine: CommandLine,
  name: string,
  args: readonly string[],
  cwd: string,
): Promise<CommandResult | undefined> {
  return await run(commandLine, `Evaluating ${name}`, args, cwd, vscode.ProgressLocation.Window);
}

/** Builds under a notification that can cancel it; undefined when it failed or was cancelled. */
export async function runBuild(
  commandLine: CommandLine,
  title: string,
  args: readonly string[],
  cwd: string,
): Promise<CommandResult | undefined> {
  return await runShown(commandLine, title, [...args, "--log-format", "internal-json"], cwd);
}

/** Runs a command under a notification that can cancel it; undefined when it failed or was cancelled. */
export async function runShown(
  commandLine: CommandLine,
  title: string,
  args: readonly string[],
  cwd: string,
): Promise<CommandResult | undefined> {
  return await run(commandLine, title, args, cwd, vscode.ProgressLocation.Notification);
}

async function run(
  commandLine: CommandLine,
  title: string,
  args: readonly string[],
  cwd: string,
  location: vscode.ProgressLocation,
): Promise<CommandResult | undefined> {
  const { log } = commandLine;
  log.appendLine(`> ${title}`);
  const cancellable = location === vscode.ProgressLocation.Notification;
  const result = await vscode.window.withProgress(
    { location, title, cancellable },
    async (progress, token) => {
      const show = (message: string) => progress.report({ message });
      const finished = await commandLine.run(args, cwd, token, show);
      return token.isCancellationRequested ? undefined : finished;
    },
  );
  if (result === undefined) {
    log.appendLine(`${title}: cancelled`);
    return undefined;
  }
  if (result.status === 0) return result;
  const [first = lastError(result.stderr)] = result.errors;
  log.show(true);
  void vscode.window.showErrorMessage(`${title} failed: ${first.split("\n")[0]}`);
  return undefined;
}

/** The message of a report whose trace comes before it or after it. */
function lastError(stderr: string): string {
  const errors = [...stderr.matchAll(/^ *error: (.+)$/gm)];
  return errors.at(-1)?.[1] ?? "see the log";
}
