import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { afterAll, expect, test } from "vitest";
import { checkFiles } from "./check.ts";

const directory = fs.mkdtempSync(path.join(os.tmpdir(), "snowglobe-check-"));
afterAll(() => fs.rmSync(directory, { recursive: true }));

function check(text: string, ...flags: string[]) {
  const file = path.join(directory, "a.nix");
  fs.writeFileSync(file, text);
  let stdout = "";
  const status = checkFiles([...flags, file], {
    stdout: (part) => {
      stdout += part;
    },
    stderr: () => {},
  });
  return { status, stdout: stdout.replaceAll(file, "a.nix") };
}

test("a good file prints nothing", () => {
  expect(check("{ x ? 1 }: x + 1")).toEqual({ status: 0, stdout: "" });
});

test("syntax errors and undefined names are found without evaluation", () => {
  expect(check("{ a = 1; ", "--no-eval").stdout).toMatch(
    /^a\.nix:1:\d+: error: syntax error, unexpected end of file.*\[syntax\]\n$/,
  );
  expect(check("x + 1", "--no-eval").stdout).toBe(
    "a.nix:1:1: error: undefined variable 'x' [undefined-variable]\n",
  );
});

test("an evaluation error is reported where it is in the file, after text that is not ASCII", () => {
  const text = 'let s = "ü𝄞"; p = { hello = 1; }; in p.helo';
  const at = text.lastIndexOf("helo");
  const { status, stdout } = check(text, "--json");
  expect(status).toBe(1);
  expect(JSON.parse(stdout)).toMatchObject([
    {
      file: "a.nix",
      range: { start: { line: 0, character: at }, end: { line: 0, character: at + 4 } },
      severity: "error",
      code: "missing-attribute",
      message: "attribute 'helo' missing\nDid you mean hello?",
    },
  ]);
});

test("--no-eval leaves the evaluation out", () => {
  expect(check('throw "x"', "--no-eval")).toEqual({ status: 0, stdout: "" });
  expect(check('throw "x"').status).toBe(1);
});
