import { expect, test } from "vitest";
import { analyze } from "../testing/analysis-fixture.ts";
import { commentSpans } from "./comments.ts";

function comments(source: string): string[] {
  const { host, id, text } = analyze(source);
  const file = host.analysis().file(id);
  return file ? commentSpans(file).map(text) : [];
}

test("line and block comments", () => {
  expect(comments("# a\n1 /* b\n c */ # d")).toEqual(["# a", "/* b\n c */", "# d"]);
});

test("strings hold none, what stands in them does", () => {
  expect(comments(`"# \${ [ "# no" /* yes */ ] } # no" + ''# no'' # end`)).toEqual([
    "/* yes */",
    "# end",
  ]);
});

test("an end of line of any kind ends a comment", () => {
  expect(comments("# a\r\n1 # b\r")).toEqual(["# a", "# b"]);
});
