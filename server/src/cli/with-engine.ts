/** The part of a command that builds: an engine, a log, the user's interruption, failures in Nix's words. */
import { type ByteString, bytesFromText } from "../base/bytes.ts";
import { BuildFailure } from "../build/build-error.ts";
import { DownloadError } from "../build/download.ts";
import { NoSandboxError } from "../build/launcher.ts";
import type { PrivateEngine } from "../build/private-engine.ts";
import type { BuildOptions } from "../build/store-engine.ts";
import { StoreWriteError } from "../build/write-object.ts";
import { ShellEnvironmentError } from "../shell/shell-environment.ts";
import { StoreError } from "../store/error.ts";
import { jsonLogger, plainLogger } from "./build-logger.ts";
import type { BuildCommandOptions } from "./build-options.ts";
import { cancellation } from "./cancellation.ts";
import { CliError } from "./cli-error.ts";
import { buildSettings, privateEngine } from "./engine.ts";
import type { Output } from "./output.ts";

/** Exit status: that of `work`, or 1 after a failure, which has been logged. */
export async function withEngine(
  options: BuildCommandOptions,
  output: Output,
  work: (engine: PrivateEngine, realise: BuildOptions) => Promise<number>,
): Promise<number> {
  const logger =
    options.logFormat === "internal-json"
      ? jsonLogger(output)
      : plainLogger(output, { logs: options.printBuildLogs, quiet: options.quiet });
  const engine = privateEngine(options, (message) => logger.observer({ kind: "warning", message }));
  const signal = cancellation();
  try {
    return await work(engine, {
      ...buildSettings(options),
      signal,
      observer: logger.observer,
      ...(options.keepGoing ? { keepGoing: true } : {}),
      ...(options.keepFailed ? { keepFailed: true } : {}),
      ...(options.fallback ? { fallback: true } : {}),
    });
  } catch (error) {
    for (const message of messagesOf(error, signal)) logger.error(message);
    return 1;
  } finally {
    engine.close();
  }
}

/** Throws what is none of the expected failures. */
function messagesOf(error: unknown, signal: AbortSignal): ByteString[] {
  if (signal.aborted) return ["interrupted by the user"];
  if (error instanceof BuildFailure)
    return error.failures.flatMap((each) => messagesOf(each, signal));
  if (
    error instanceof StoreError ||
    error instanceof DownloadError ||
    error instanceof ShellEnvironmentError ||
    (error as Error).name === "BuildError"
  )
    return [(error as Error).message];
  const { code } = error as NodeJS.ErrnoException;
  const expected =
    error instanceof NoSandboxError ||
    error instanceof StoreWriteError ||
    error instanceof CliError ||
    code !== undefined;
  if (expected) return [bytesFromText((error as Error).message)];
  throw error;
}
