import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { bashArguments, type ShellTask, startUpFile } from "./start-up-file.ts";

const folder = mkdtempSync(join(tmpdir(), "snowglobe-start-"));
const file = join(folder, "it's rc");
afterAll(() => rmSync(folder, { recursive: true }));

const ENVIRONMENT = "FOO=bar\nrunHook() { echo hook $1; }\nshow() { echo shown $FOO; }\n";
const NO_PROMPT = { whole: "", prefix: "", suffix: "" };

/** What a bash with the file prints. */
function run(task: ShellTask, input = ""): string {
  writeFileSync(file, startUpFile(ENVIRONMENT, task, file, "/env/bash"));
  const { PATH = "" } = process.env;
  writeFileSync(join(folder, ".bashrc"), "alias show='echo alias'; PS1='user> '; MINE=1\n");
  const options = { env: { PATH, HOME: folder }, input, encoding: "utf8" } as const;
  const output = execFileSync("bash", bashArguments(task, file), {
    ...options,
    stdio: ["pipe", "pipe", "ignore"],
  });
  expect(existsSync(file)).toBe(false);
  return output;
}

test("a command gets its words as they are", () => {
  const words = ["printf", "%s|", "it's", "$FOO", "a b", ""];
  expect(run({ kind: "command", words })).toBe("it's|$FOO|a b||");
});

test("a phase", () => {
  expect(run({ kind: "phase", name: "build" })).toBe("hook buildPhase\n");
});

test("an interactive shell has the environment over the user's own start-up file", () => {
  const input = 'echo "$MINE $FOO $SHELL $PS1"\n';
  const prompt = { whole: "", prefix: "(dev) ", suffix: "$ " };
  expect(run({ kind: "interactive", prompt }, input)).toBe("1 bar /env/bash (dev) user> $ \n");
  expect(run({ kind: "interactive", prompt: { ...NO_PROMPT, whole: "mine> " } }, input)).toBe(
    "1 bar /env/bash mine> \n",
  );
  expect(run({ kind: "interactive", prompt: NO_PROMPT }, "'show'\n")).toBe("shown bar\n");
});
