import { expect, test } from "vitest";
import { analyze } from "../testing/analysis-fixture.ts";

function problems(source: string): string[] {
  const { host, id, text } = analyze(source);
  return host
    .analysis()
    .diagnostics(id)
    .map((found) => `${found.start} «${text(found)}» ${found.code}: ${found.message}`);
}

test("a right text has none", () => {
  expect(problems("{ x }: with x; y")).toEqual([]);
});

test("what the text alone shows, in its order", () => {
  expect(problems("[ a (b: b) c ]")).toEqual([
    "2 «a» undefined-variable: undefined variable 'a'",
    "11 «c» undefined-variable: undefined variable 'c'",
  ]);
});
