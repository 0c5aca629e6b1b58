/** Runs a program to its end with a text on its standard input. */
import { spawn } from "node:child_process";

export interface ProcessResult {
  /** Null when it was ended by a signal or by the time limit. */
  readonly exitCode: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface ProcessOptions {
  readonly input: string;
  readonly cwd: string | null;
  /** Milliseconds. */
  readonly timeLimit: number;
}

export type RunProcess = (
  command: readonly string[],
  options: ProcessOptions,
) => Promise<ProcessResult>;

/** Rejects when the program cannot be started. */
export function runProcess(
  command: readonly string[],
  { input, cwd, timeLimit }: ProcessOptions,
): Promise<ProcessResult> {
  const [program, ...args] = command;
  if (program === undefined) return Promise.reject(new Error("no program is named"));
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, {
      ...(cwd === null ? {} : { cwd }),
      stdio: ["pipe", "pipe", "pipe"],
      timeout: timeLimit,
      windowsHide: true,
    });
    const stdout: Buffer[] = [];
    const stderr: Buffer[] = [];
    child.stdout.on("data", (data: Buffer) => stdout.push(data));
    child.stderr.on("data", (data: Buffer) => stderr.push(data));
    child.on("error", reject);
    child.on("close", (exitCode) =>
      resolve({
        exitCode,
        stdout: Buffer.concat(stdout).toString("utf8"),
        stderr: Buffer.concat(stderr).toString("utf8"),
      }),
    );
    // A program may end without reading its input.
    child.stdin.on("error", () => {});
    child.stdin.end(input);
  });
}
