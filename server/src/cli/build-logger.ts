/** How the progress of a build is printed: for people, or for programs as Nix's `internal-json`. */
import { type ByteString, bytesFromText } from "../base/bytes.ts";
import type { BuildEvent, BuildObserver } from "../build/build-events.ts";
import type { Output } from "./output.ts";

export interface BuildLogger {
  readonly observer: BuildObserver;
  error(message: ByteString): void;
}

/** Nix's numbers of activities and results. */
const ACTIVITY = { copyPath: 100, builds: 104, build: 105, copyPaths: 103 } as const;
const RESULT = { buildLogLine: 101, setPhase: 104, progress: 105, setExpected: 106 } as const;
const LEVEL = { error: 0, warning: 1, info: 3 } as const;

/** Text that a terminal shows as it is: what moves the cursor or sets a title is left out, colours stay. */
export function sanitised(text: ByteString): ByteString {
  return (
    text
      // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is looked for
      .replace(/\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)?|\x1b\[[0-9;?]*[^0-9;?m]|\x1b[^[\]]/g, "")
      // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is looked for
      .replace(/[\x00-\x08\x0b-\x1a\x1c-\x1f\x7f]/g, "")
  );
}

export function plainLogger(
  output: Output,
  options: { readonly logs: boolean; readonly quiet: boolean },
): BuildLogger {
  const names = new Map<number, ByteString>();
  const info = (line: ByteString) => {
    if (!options.quiet) output.stderr(`${line}\n`);
  };
  const observer = (event: BuildEvent) => {
    switch (event.kind) {
      case "build-started": {
        const base = event.drvPath.slice(event.drvPath.lastIndexOf("/") + 34);
        names.set(event.id, base.replace(/\.drv$/, ""));
        const doing = event.again === true ? "checking outputs of" : "building";
        return info(`${doing} '${event.drvPath}'...`);
      }
      case "fetch-started":
        return info(`copying path '${event.path}' from '${event.from}'...`);
      case "log-line":
        if (options.logs) output.stderr(`${names.get(event.id)}> ${sanitised(event.line)}\n`);
        return;
      case "warning":
        return output.stderr(`warning: ${event.message}\n`);
    }
  };
  return { observer, error: (message) => output.stderr(`error: ${sanitised(message)}\n`) };
}

export function jsonLogger(output: Output): BuildLogger {
  const say = (message: Record<string, unknown>) =>
    output.stderr(`@nix ${bytesFromText(JSON.stringify(message))}\n`);
  const text = (bytes: ByteString) => Buffer.from(bytes, "latin1").toString("utf8");
  const start = (id: number, type: number, what: string, fields: unknown[]) =>
    say({ action: "start", id, level: LEVEL.info, parent: 0, text: what, type, fields });
  const result = (id: number, type: number, fields: unknown[]) =>
    say({ action: "result", id, type, fields });
  // Above every number of a build or download.
  const [builds, copies] = [2 ** 40, 2 ** 40 + 1];
  const sizes = new Map<number, number>();
  const progress = { done: 0, expected: 0, running: 0, failed: 0 };
  const counted = (change: Partial<typeof progress>) => {
    for (const [name, by] of Object.entries(change)) progress[name as keyof typeof progress] += by;
    const { done, expected, running, failed } = progress;
    result(builds, RESULT.progress, [done, expected, running, failed]);
  };
  const observer = (event: BuildEvent) => {
    switch (event.kind) {
      case "planned":
        progress.expected = event.builds;
        start(builds, ACTIVITY.builds, "", []);
        start(copies, ACTIVITY.copyPaths, "", []);
        result(copies, RESULT.progress, [0, event.fetches, 0, 0]);
        return counted({});
      case "build-started": {
        const drvPath = text(event.drvPath);
        start(event.id, ACTIVITY.build, `building '${drvPath}'`, [drvPath, "", 1, 1]);
        return counted({ running: 1 });
      }
      case "log-line":
        return result(event.id, RESULT.buildLogLine, [text(event.line)]);
      case "phase":
        return result(event.id, RESULT.setPhase, [text(event.name)]);
      case "build-ended":
        say({ action: "stop", id: event.id });
        return counted({ running: -1, [event.ok ? "done" : "failed"]: 1 });
      case "fetch-started": {
        const [path, from] = [text(event.path), text(event.from)];
        sizes.set(event.id, event.size ?? 0);
        return start(event.id, ACTIVITY.copyPath, `copying path '${path}' from '${from}'`, [
          path,
          from,
          "local",
        ]);
      }
      case "fetch-progress": {
        const expected = Math.max(sizes.get(event.id) ?? 0, event.received);
        return result(event.id, RESULT.progress, [event.received, expected, 0, 0]);
      }
      case "fetch-ended":
        return say({ action: "stop", id: event.id });
      case "warning":
        return say({
          action: "msg",
          level: LEVEL.warning,
          msg: `warning: ${text(event.message)}`,
        });
    }
  };
  return {
    observer,
    error: (message) => say({ action: "msg", level: LEVEL.error, msg: `error: ${text(message)}` }),
  };
}
