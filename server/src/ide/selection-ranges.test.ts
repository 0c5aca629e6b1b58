import { expect, test } from "vitest";
import { analyze } from "../testing/analysis-fixture.ts";

function selections(source: string): string[] {
  const { host, id, offset, text } = analyze(source);
  return host.analysis().selectionRanges(id, offset).map(text);
}

test("from the name to the file", () => {
  expect(selections("x: { a.b$0c = f [ 1 ]; }")).toEqual([
    "bc",
    "a.bc",
    "a.bc = f [ 1 ];",
    "{ a.bc = f [ 1 ]; }",
    "x: { a.bc = f [ 1 ]; }",
  ]);
  expect(selections("{ a ? 1$02 }: a ")).toEqual([
    "12",
    "a ? 12",
    "{ a ? 12 }",
    "{ a ? 12 }: a",
    "{ a ? 12 }: a ",
  ]);
});

test("outside of everything it is the file", () => {
  expect(selections("$0 # c\n1")).toEqual([" # c\n1"]);
});
