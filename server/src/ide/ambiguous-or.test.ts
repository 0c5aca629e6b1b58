import { expect, test } from "vitest";
import { analyze } from "../testing/analysis-fixture.ts";
import { AMBIGUOUS_OR } from "./ambiguous-or.ts";

function found(source: string): string[] {
  const { host, id, text } = analyze(source);
  const problems = host.analysis().diagnostics(id);
  return problems.filter(({ code }) => code === AMBIGUOUS_OR).map(text);
}

test("as an element, an argument and a fallback", () => {
  expect(found("let or = 1; in [ (x: x) or ]")).toEqual(["(x: x) or"]);
  expect(found("let or = 1; in f: f f or [ f or ] (f or)")).toEqual(["f or", "f or"]);
  expect(found("let or = 1; in f: f.a or f or")).toEqual(["f or"]);
});

test("applied first it is not", () => {
  expect(found("let or = 1; in f: f or [ (f or) ] f.or (f (f or)) (f.or or 1) (x: f or)")).toEqual(
    [],
  );
});
