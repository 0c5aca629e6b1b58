/** What the server does that takes long, shown by the client where it can. */
import type { CancellationToken, Connection } from "vscode-languageserver";

export interface Work {
  /** Aborts when the user cancels it. */
  readonly signal: AbortSignal;
  report(message: string): void;
  done(): void;
}

export async function beginWork(connection: Connection, title: string): Promise<Work> {
  const reporter = await connection.window.createWorkDoneProgress();
  reporter.begin(title, undefined, undefined, true);
  return {
    signal: signalOf(reporter.token),
    report: (message) => reporter.report(message),
    done: () => reporter.done(),
  };
}

export function signalOf(token: CancellationToken): AbortSignal {
  const controller = new AbortController();
  if (token.isCancellationRequested) controller.abort();
  else token.onCancellationRequested(() => controller.abort());
  return controller.signal;
}
