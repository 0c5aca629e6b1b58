import { expect, test } from "vitest";
import { parseNix } from "../syntax/parser.ts";
import { readsNothing } from "./reads-nothing.ts";

const safe = (source: string) => {
  const { expr } = parseNix(source);
  if (!expr) throw new Error(`does not parse: ${source}`);
  return readsNothing(expr);
};

test("data and functions of their arguments", () => {
  expect(safe('{ system = "x"; config = { allow = p: builtins.elem p.name [ "a" ]; }; }')).toBe(
    true,
  );
  expect(safe("final: prev: { a = prev.a.override { b = 1; }; }")).toBe(true);
});

test("whatever can lead to a file", () => {
  for (const source of ["[ ./a ]", "<x>", '"/a"', "import a", "builtins", "x: builtins.readFile x"])
    expect([source, safe(source)]).toEqual([source, false]);
  expect(safe("with builtins; pathExists x")).toBe(false);
  expect(safe('a: builtins.getEnv "HOME"')).toBe(false);
});
