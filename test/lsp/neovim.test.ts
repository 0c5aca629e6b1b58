/** A second client: Neovim, headless, over `snowglobe lsp --stdio`. */
import { execFileSync } from "node:child_process";
import { cpSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { drvPath, program, shownHash } from "../command-line.ts";

interface Report {
  failure?: string;
  hints: { line: number; label: string }[];
  hover: string;
  broken: { line: number; message: string; source: string }[];
  misspelt: { line: number; message: string; source: string }[];
  completion: string[];
}

const root = join(import.meta.dirname, "../..");
const folder = mkdtempSync(join(tmpdir(), "snowglobe-neovim-"));
const text = readFileSync(join(root, "examples/shell.nix"), "utf8").split("\n");
let report: Report;

beforeAll(() => {
  cpSync(join(root, "examples"), folder, { recursive: true });
  const file = join(folder, "report.json");
  const script = join(import.meta.dirname, "neovim.lua");
  execFileSync(
    "nvim",
    ["--headless", "-u", "NONE", "-i", "NONE", "shell.nix", "-c", `luafile ${script}`],
    {
      cwd: folder,
      timeout: 120_000,
      stdio: "pipe",
      env: {
        ...process.env,
        // It keeps its log there.
        XDG_CACHE_HOME: join(folder, "cache"),
        XDG_STATE_HOME: join(folder, "state"),
        SNOWGLOBE_NODE: process.execPath,
        SNOWGLOBE_PROGRAM: program,
        SNOWGLOBE_REPORT: file,
      },
    },
  );
  report = JSON.parse(readFileSync(file, "utf8"));
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

test("the session came to its end", () => {
  expect(report.failure).toBeUndefined();
});

test("a hint holds the hash that the command line gives", () => {
  const line = lineOf("pkgs.hello");
  const hint = report.hints.find((candidate) => candidate.line === line);
  expect(hint?.label).toContain(`${shownHash(hello())} hello-2.12.1`);
});

test("hover shows the derivation's path", () => {
  expect(report.hover).toContain(hello());
});

test("a syntax error is told at its line", () => {
  expect(report.broken[0]).toMatchObject({ source: "snowglobe" });
  expect(report.broken[0]?.message).toContain("syntax error");
});

test("an evaluation error is told in the user's file, with a suggestion", () => {
  expect(report.misspelt).toMatchObject([{ line: lineOf("pkgs.hello"), source: "snowglobe" }]);
  expect(report.misspelt[0]?.message).toContain("attribute 'helo' missing");
  expect(report.misspelt[0]?.message).toContain("Did you mean hello?");
});

test("completion offers the attributes of a value", () => {
  expect(report.completion).toEqual(expect.arrayContaining(["hello", "jq", "nodejs"]));
});

function lineOf(code: string): number {
  return text.findIndex((line) => line.includes(code));
}

function hello(): string {
  return drvPath(folder, '(import <nixpkgs> { system = "x86_64-linux"; }).hello');
}
