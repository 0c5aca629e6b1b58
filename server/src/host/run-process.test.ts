import { expect, test } from "vitest";
import { runProcess } from "./run-process.ts";

const node = (code: string) => [process.execPath, "-e", code];

test("input, output and exit code", async () => {
  const echo = node("process.stdin.pipe(process.stdout); process.exitCode = 3");
  const result = await runProcess(echo, { input: "ä\n", cwd: "/", timeLimit: 10_000 });
  expect(result).toEqual({ exitCode: 3, stdout: "ä\n", stderr: "" });
});

test("a program that does not read its input", async () => {
  const input = "x".repeat(1_000_000);
  const result = await runProcess(node("console.error('no')"), {
    input,
    cwd: null,
    timeLimit: 10_000,
  });
  expect(result).toEqual({ exitCode: 0, stdout: "", stderr: "no\n" });
});

test("a program that hangs is ended", async () => {
  const hang = node("setInterval(() => {}, 1000)");
  const result = await runProcess(hang, { input: "", cwd: null, timeLimit: 300 });
  expect(result.exitCode).toBeNull();
});

test("a program that does not exist", async () => {
  const run = runProcess(["/no/such/program"], { input: "", cwd: null, timeLimit: 1000 });
  await expect(run).rejects.toThrow(/ENOENT/);
});
