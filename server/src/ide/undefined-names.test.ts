import { expect, test } from "vitest";
import { analyze } from "../testing/analysis-fixture.ts";

function undefinedIn(source: string): string[] {
  const { host, id, text } = analyze(source);
  const found = host.analysis().diagnostics(id);
  return found.filter(({ code }) => code === "undefined-variable").map(text);
}

test("all of them, in dead code too", () => {
  expect(undefinedIn("if true then a else { b = c; d = e: e.f; }")).toEqual(["a", "c"]);
});

test("a with may have any name, its own set may not", () => {
  expect(undefinedIn("with a; b")).toEqual(["a"]);
});

test("globals are defined, also those of newer versions", () => {
  expect(undefinedIn("[ map __warn builtins __curPos null __nixPath ]")).toEqual([]);
});

test("a text with syntax errors is not judged", () => {
  expect(undefinedIn("a = ;")).toEqual([]);
});
