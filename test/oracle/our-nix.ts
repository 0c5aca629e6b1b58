/** Our own `snowglobe instantiate`, in this process. */
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { instantiate } from "../../server/src/cli/instantiate.ts";
import { failure, type Mode, type Outcome } from "./outcome.ts";
import { modeOptions, operand } from "./real-nix.ts";

export interface OurRun {
  status: number;
  stdout: string;
  stderr: string;
}

/** Runs the command with these arguments. Paths are relative to the process's folder. */
export function runOurs(args: readonly string[]): OurRun {
  try {
    return runHere(args);
  } catch (error) {
    if (error instanceof RangeError) return runOnLargeStack(args);
    throw error;
  }
}

/** Throws RangeError when the stack is too small. */
export function runHere(args: readonly string[]): OurRun {
  let stdout = "";
  let stderr = "";
  const status = instantiate(args, {
    stdout: (text) => {
      stdout += text;
    },
    stderr: (text) => {
      stderr += text;
    },
  });
  return { status, stdout, stderr };
}

/** As much as the command line gives what is too deep for the stack of a process. */
const STACK_KB = 256 * 1024;

/** In a process of its own: the stack of this one cannot be changed from inside. */
function runOnLargeStack(args: readonly string[]): OurRun {
  const node = [
    process.execPath,
    `--stack-size=${STACK_KB}`,
    ...["--import", "tsx", join(import.meta.dirname, "run-instantiate.ts")],
  ];
  const limit = `ulimit -s ${2 * STACK_KB} && exec "$@"`;
  const { status, stdout, stderr } = spawnSync("sh", ["-c", limit, "sh", ...node, ...args], {
    encoding: "latin1",
    maxBuffer: 1 << 30,
  });
  return { status: status ?? 1, stdout, stderr };
}

export function evaluateOurs(mode: Mode, expression: string): Outcome {
  const { status, stdout, stderr } = runOurs([...modeOptions(mode), "-E", operand(expression)]);
  return status === 0
    ? { ok: true, text: stdout.replace(/<\/expr>\n$/, "").trim() }
    : failure(stderr);
}
