/** Our own `snowglobe instantiate`, in this process. */
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

export function evaluateOurs(mode: Mode, expression: string): Outcome {
  const { status, stdout, stderr } = runOurs([...modeOptions(mode), "-E", operand(expression)]);
  return status === 0
    ? { ok: true, text: stdout.replace(/<\/expr>\n$/, "").trim() }
    : failure(stderr);
}
