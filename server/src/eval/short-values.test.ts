import { expect, test } from "vitest";
import { MemoryHost, memoryStore, TEST_SETTINGS } from "../testing/memory-host.ts";
import { EvaluationSession } from "./session.ts";

function valuesOf(text: string): string[] {
  const session = new EvaluationSession(new MemoryHost({}), memoryStore(), TEST_SETTINGS);
  session.setDocument("/f.nix", text, true);
  session.evaluateRoot("/f.nix");
  const found = session.shortValuesOf("/f.nix") ?? [];
  return found.map(({ start, end, text: value }) => `${text.slice(start, end)} = ${value}`);
}

test("numbers, strings, lists of them: what was evaluated and is not written there", () => {
  expect(
    valuesOf(`let
  a = 1 + 2; b = "x\${toString a}"; c = [ a b ]; d = a == 3; other = a + a; e = 1.5 * a;
in builtins.deepSeq [ c d e ] { inherit a; f.g = a; h = "text"; i = [ 1 "x" ]; }`),
  ).toEqual([
    "1 + 2 = 3",
    '"x${toString a}" = "x3"',
    '[ a b ] = [ 3 "x3" ]',
    "a == 3 = true",
    "a + a = 6",
    "1.5 * a = 4.5",
    "a = 3",
  ]);
});

test("attribute paths, and nothing where the evaluation failed", () => {
  expect(valuesOf("let s = { a.b = 1 + 1; c = throw (toString 2); }; in s.a.b")).toEqual([
    "1 + 1 = 2",
  ]);
});

test("long ones are cut, those of several lines and sets are left out", () => {
  const text = `let
  long = "\${x}\${x}\${x}\${x}"; x = toString 1234567890; lines = "\${x}\nb"; set = { a = x; } // { };
  many = [ long long ];
in builtins.deepSeq [ lines set many ] null`;
  expect(valuesOf(text)).toEqual([
    '"${x}${x}${x}${x}" = "123456789012345678901234567890"\xe2\x80\xa6',
    'toString 1234567890 = "1234567890"',
    'x = "1234567890"',
  ]);
});
