import { expect, test } from "vitest";
import { type LintLevels, lintLiterals } from "./lint-literals.ts";
import { parseNix } from "./parser.ts";

function lint(source: string, levels: LintLevels): string[] {
  const { expr } = parseNix(source);
  if (expr === null) throw new Error("it must parse");
  return lintLiterals(expr, source, levels).map(
    (each) => `${each.start} ${each.level} ${each.message}`,
  );
}

const all: LintLevels = {
  "lint-url-literals": "warn",
  "lint-absolute-path-literals": "fatal",
  "lint-short-path-literals": "warn",
};

test("literals are reported in the order of the text, by the level of their setting", () => {
  expect(lint('[ http://a.b "http://a.b" /x ./y z/y ~/h (f: /q/${f}) ]', all)).toEqual([
    '2 warn URL literals are discouraged. Consider using a string literal "http://a.b" instead (lint-url-literals)',
    "26 fatal absolute path literals are not portable. Consider replacing path literal '/x' by a string, relative path, or parameter (lint-absolute-path-literals)",
    "33 warn relative path literal 'z/y' should be prefixed with '.' for clarity: './z/y' (lint-short-path-literals)",
    "37 fatal home path literals are not portable. Consider replacing path literal '~/h' by a string, relative path, or parameter (lint-absolute-path-literals)",
    "45 fatal absolute path literals are not portable. Consider replacing path literal '/q/' by a string, relative path, or parameter (lint-absolute-path-literals)",
  ]);
});

test("nothing is reported unless asked for", () => {
  expect(lint("[ http://a.b /x z/y ]", {})).toEqual([]);
});
