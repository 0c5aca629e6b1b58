/** Ctrl-C and requests to end, for commands that have something to clean up. */
import { isMainThread, parentPort, type Worker } from "node:worker_threads";

const SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

const WANTED = "cancellation wanted";

function onSignal(action: () => void): void {
  // The second one ends the process as usual.
  for (const name of SIGNALS) process.once(name, action);
}

/** From now on these end the command by this signal, the first time. Also inside of the large stack's Worker. */
export function cancellation(): AbortSignal {
  const controller = new AbortController();
  const cancel = () => controller.abort(new Error("interrupted by the user"));
  if (isMainThread || parentPort === null) onSignal(cancel);
  else {
    parentPort.postMessage(WANTED);
    parentPort.once("message", cancel);
    parentPort.unref();
  }
  return controller.signal;
}

/** The main thread's part for a command in a Worker. */
export function forwardCancellation(worker: Worker): void {
  worker.on("message", (message) => {
    if (message === WANTED) onSignal(() => worker.postMessage("cancel"));
  });
}
