import { expect, test } from "vitest";
import { SourceText } from "../base/source-text.ts";
import { analyze } from "../testing/analysis-fixture.ts";
import { duplicateNames } from "./duplicate-names.ts";
import { SourceFile } from "./source-file.ts";

function duplicates(source: string): string[] {
  const { host, id, text } = analyze(source);
  const found = host.analysis().diagnostics(id);
  return found.map(({ code, message, related, ...span }) => {
    const [first] = related;
    const where = first && "start" in first ? ` <- ${first.start}` : "";
    return `${span.start} ${text(span)} ${code}: ${message}${where}`;
  });
}

test("all of them, each with the first", () => {
  expect(duplicates("{ a = 1; a = 2;\n  a = 3; }")).toEqual([
    "9 a duplicate-attribute: attribute 'a' already defined at default.nix:1:3 <- 2",
    "18 a duplicate-attribute: attribute 'a' already defined at default.nix:1:3 <- 2",
  ]);
  expect(duplicates("let a = 1; inherit (b) a; b = { }; in 1")).toEqual([
    "23 a duplicate-attribute: attribute 'a' already defined at default.nix:1:5 <- 4",
  ]);
});

test("nested paths and sets in parts", () => {
  expect(duplicates("{ a.b = 1; a = { b = 2; c = 3; }; a.c = 4; }")).toEqual([
    "17 b duplicate-attribute: attribute 'a.b' already defined at default.nix:1:3 <- 2",
    "34 a.c duplicate-attribute: attribute 'a.c' already defined at default.nix:1:25 <- 24",
  ]);
  expect(duplicates("{ a = 1; a.b = 2; }")).toEqual([
    "9 a.b duplicate-attribute: attribute 'a' already defined at default.nix:1:3 <- 2".replace(
      " a.b d",
      " a d",
    ),
  ]);
});

test("what merges is no duplicate", () => {
  expect(duplicates("{ a.b = 1; a = { c = 2; }; a.d.e = 3; a.d.f = 4; }")).toEqual([]);
});

test("argument names", () => {
  expect(duplicates("{ a, b, a }: 1")).toEqual([
    "8 a duplicate-formal: duplicate formal function argument 'a' <- 2",
  ]);
  expect(duplicates("{ a }@a: 1")).toEqual([
    "6 a duplicate-formal: duplicate formal function argument 'a' <- 2",
  ]);
  expect(duplicates("a@{ a }: 1")).toEqual([
    "4 a duplicate-formal: duplicate formal function argument 'a' <- 0",
  ]);
});

test("in two places of one text", () => {
  expect(duplicates("[ { a = 1; a = 2; } ({ b, b }: 1) ]")).toHaveLength(2);
});

test("without a tolerant tree the exact parser's one is shown", () => {
  const file = new SourceFile("/x.nix", 1, SourceText.ofText("{ a = 1; a = 2; a = 3; }"));
  expect(duplicateNames(file)).toMatchObject([
    { start: 9, message: "attribute 'a' already defined at x.nix:1:3" },
  ]);
});
