import { expect, test } from "vitest";
import { analyze } from "../testing/analysis-fixture.ts";

function folds(text: string): string[] {
  const { host, id } = analyze(text);
  return host
    .analysis()
    .foldingRanges(id)
    .map(({ startLine, endLine, kind }) => `${startLine}-${endLine} ${kind}`);
}

test("sets, lists, let, arguments and strings; the closing line stays", () => {
  expect(
    folds(`{
  a,
  b,
}:
let
  x = [
    1
  ];
  y = ''
    text
  '';
in
{
  z = 1;
}`),
  ).toEqual(["0-2 region", "4-10 region", "5-6 region", "8-9 region", "12-13 region"]);
});

test("comments, and none inside of strings", () => {
  expect(
    folds(`# one
# two
{
  /* a
     b */
  a = "
    # no
    # no
  \${"x"} # no
  "; # three
  # four
}`),
  ).toEqual(["0-1 comment", "2-10 region", "3-4 comment", "5-8 region"]);
});

test("a line that is all on one line does not fold", () => {
  expect(folds("{ a = [ 1 ]; }")).toEqual([]);
});

test("CRLF lines count once", () => {
  expect(folds("{\r\n  a = 1;\r\n}\r\n")).toEqual(["0-1 region"]);
});
