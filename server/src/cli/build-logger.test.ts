import { expect, test } from "vitest";
import { type BuildLogger, jsonLogger, plainLogger } from "./build-logger.ts";
import type { Output } from "./output.ts";

const DRV = "/nix/store/0c8vzgfd5ga9ip67q8r8v8rphvr9ngqx-hello.drv";

/** What is printed of one build. */
function printed(logger: (output: Output) => BuildLogger): string {
  let text = "";
  const { observer, error } = logger({
    stdout: () => {},
    stderr: (part) => {
      text += part;
    },
  });
  observer({ kind: "planned", builds: 1, fetches: 0 });
  observer({ kind: "build-started", id: 7, drvPath: DRV });
  observer({ kind: "phase", id: 7, name: "buildPhase" });
  observer({ kind: "log-line", id: 7, line: "\x1b]0;title\x07\x1b[2J\x1b[31mred \xc3\xa9" });
  observer({ kind: "build-ended", id: 7, ok: true });
  error("failed");
  return text;
}

test("for people: no escape sequence but colours reaches the terminal", () => {
  expect(printed((output) => plainLogger(output, { logs: true, quiet: false }))).toBe(
    `building '${DRV}'...\nhello> \x1b[31mred \xc3\xa9\nerror: failed\n`,
  );
});

test("for programs: Nix's internal JSON", () => {
  const lines = printed(jsonLogger).trimEnd().split("\n");
  const messages = lines.map((line) => JSON.parse(line.replace(/^@nix /, "")));
  expect(messages).toContainEqual({
    ...{ action: "start", id: 7, level: 3, parent: 0, type: 105 },
    ...{ text: `building '${DRV}'`, fields: [DRV, "", 1, 1] },
  });
  expect(messages).toContainEqual({ action: "result", id: 7, type: 104, fields: ["buildPhase"] });
  expect(messages.find(({ type }) => type === 101).fields[0]).toContain("red");
  expect(messages.at(-1)).toEqual({ action: "msg", level: 0, msg: "error: failed" });
});
