import { spawn } from "node:child_process";
import { constants } from "node:os";

/** Runs a command on this process's terminal to its end; gives its exit status. */
export function runInTerminal(
  [program = "", ...args]: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
): Promise<number> {
  // Ctrl-C is for what runs; this process only waits for it.
  const ignore = () => {};
  process.on("SIGINT", ignore);
  const child = spawn(program, args, { env, stdio: "inherit" });
  return new Promise<number>((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (code, signal) =>
      resolve(code ?? 128 + (signal === null ? 0 : constants.signals[signal])),
    );
  }).finally(() => process.off("SIGINT", ignore));
}
