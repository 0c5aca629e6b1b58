import { expect, test } from "vitest";
import { parseNix } from "../syntax/parser.ts";
import { resultOf } from "./result.ts";

function results(source: string): string[] {
  const { expr } = parseNix(source, { fileName: "" });
  if (!expr) throw new Error("does not parse");
  return resultOf(expr).map(
    ({ value, attributePath }) =>
      `${attributePath.join("/")}: ${source.slice(value.start, value.end)}`,
  );
}

test("one value behind functions, lets, withs and asserts", () => {
  expect(results("{ a }: let b = a; in with b; assert true; f b")).toEqual([": f b"]);
});

test("a set as it is written", () => {
  expect(results('{ a.b = 1; c = x: { d = 2; }; "e".f = 3; ${g} = 4; inherit h; }')).toEqual([
    "a/b: 1",
    "c/d: 2",
    "e/f: 3",
  ]);
});

test("what a flake makes for each system", () => {
  const flake = (outputs: string) => results(`{ outputs = { self }: ${outputs}; }`);
  expect(flake("each (system: let a = 1; in { packages.a = a; })")).toEqual([
    "outputs/packages/a: a",
  ]);
  expect(
    flake("{ packages = each (pkgs: { a = f (x: { b = 1; }); }); c = g { d = 1; }; }"),
  ).toEqual(["outputs/packages/a: f (x: { b = 1; })", "outputs/c: g { d = 1; }"]);
  expect(flake("mkFlake { a = 1; } { perSystem = { pkgs, ... }: { packages.a = 2; }; }")).toEqual([
    "outputs/packages/a: 2",
  ]);
  expect(flake("{ packages = each (system: { }); }")).toEqual([
    "outputs/packages: each (system: { })",
  ]);
});
