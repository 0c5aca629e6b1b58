import { expect, test } from "vitest";
import { codeActions } from "./code-actions.ts";
import type { Diagnostic } from "./diagnostic.ts";

const problem: Diagnostic = {
  start: 10,
  end: 20,
  severity: "error",
  code: "x",
  message: "wrong",
  related: [],
  fixes: [
    { title: "one", edits: [] },
    { title: "two", edits: [] },
  ],
};

test("the fixes of problems that the range touches", () => {
  const titles = (start: number, end: number) =>
    codeActions([problem], { start, end }).map(({ title }) => title);
  expect(titles(15, 15)).toEqual(["one", "two"]);
  expect(titles(20, 30)).toEqual(["one", "two"]);
  expect(titles(21, 30)).toEqual([]);
  expect(codeActions([problem], problem)[0]?.problem).toBe(problem);
});
