import { expect, test } from "vitest";
import { SourceText } from "../base/source-text.ts";
import { SourceFile, type TolerantTree } from "./source-file.ts";

test("the exact tree is used when there is one, else the tolerant one", () => {
  const tolerant = (): TolerantTree => ({
    expr: { kind: "List", start: 0, end: 1, items: [] },
    problems: [],
  });
  const right = new SourceFile("/a.nix", 1, SourceText.ofText("1"), {
    tolerant: () => {
      throw new Error("not needed");
    },
  });
  expect(right.syntax).toMatchObject({ exact: true, expr: { kind: "Int" } });
  const wrong = new SourceFile("/a.nix", 1, SourceText.ofText("["), { tolerant });
  expect(wrong.syntax).toMatchObject({ exact: false, expr: { kind: "List" } });
  expect(wrong.syntax.problems).toHaveLength(1);
});

test("without a tolerant parser a wrong text is one hole", () => {
  expect(new SourceFile("/a.nix", 1, SourceText.ofText("[")).syntax.expr).toEqual({
    kind: "Hole",
    start: 0,
    end: 1,
  });
});

test("the directory of a file; a document that is none has no directory", () => {
  expect(new SourceFile("/a/b.nix", 1, SourceText.ofText("")).directory).toBe("/a");
  expect(new SourceFile("/b.nix", 1, SourceText.ofText("")).directory).toBe("/");
  expect(new SourceFile("untitled:Untitled-1", 1, SourceText.ofText("")).directory).toBeNull();
});
