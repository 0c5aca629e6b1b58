/** The command line that comes with the extension, run as a process of its own. */
import { spawn } from "node:child_process";
import * as vscode from "vscode";
import { BuildLogReader } from "./build-log.ts";

export interface CommandResult {
  /** Null when a signal ended it. */
  readonly status: number | null;
  readonly stdout: string;
  /** Everything on stderr that is no message for programs. */
  readonly stderr: string;
  readonly errors: readonly string[];
}

/** What cancelling may take before the process is ended without more ado. */
const PATIENCE_MS = 5000;

export class CommandLine implements vscode.Disposable {
  /** What builds print. */
  readonly log = vscode.window.createOutputChannel("Snowglobe Builds");
  readonly #program: string;

  /** @param program path of the command line's bundle */
  constructor(program: string) {
    this.#program = program;
  }

  dispose(): void {
    this.log.dispose();
  }

  /**
   * Runs a command to its end. Cancelling ends it and all that it has started; the builders' parent
   * is that process, and they do not outlive it.
   */
  run(
    args: readonly string[],
    cwd: string,
    token: vscode.CancellationToken,
    progress: (text: string) => void,
  ): Promise<CommandResult> {
    const node = vscode.workspace.getConfiguration("snowglobe").get<string>("server.node");
    const child = spawn(node || process.execPath, [this.#program, ...args], {
      cwd,
      // VS Code's own program is a Node only when it is told so.
      env: { ...process.env, ELECTRON_RUN_AS_NODE: "1" },
      stdio: ["ignore", "pipe", "pipe"],
    });
    let [stdout, stderr] = ["", ""];
    const reader = new BuildLogReader({
      progress,
      line: (text) => {
        stderr += `${text}\n`;
        this.log.appendLine(text);
      },
    });
    child.stdout.setEncoding("utf8").on("data", (text: string) => {
      stdout += text;
    });
    child.stderr.setEncoding("utf8").on("data", (text: string) => reader.push(text));
    let last: NodeJS.Timeout | undefined;
    const cancel = () => {
      child.kill("SIGTERM");
      last = setTimeout(() => child.kill("SIGKILL"), PATIENCE_MS);
    };
    const cancelling = token.onCancellationRequested(cancel);
    if (token.isCancellationRequested) cancel();
    return new Promise<CommandResult>((resolve, reject) => {
      child.on("error", reject);
      child.on("close", (status) => {
        reader.end();
        resolve({ status, stdout, stderr, errors: reader.errors });
      });
    }).finally(() => {
      clearTimeout(last);
      cancelling.dispose();
    });
  }
}
