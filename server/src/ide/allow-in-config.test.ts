import { expect, test } from "vitest";
import { analyze } from "../testing/analysis-fixture.ts";
import { applyFix } from "../testing/apply-fix.ts";
import { allowInConfig } from "./allow-in-config.ts";

function allowed(source: string): string[] {
  const { host, id } = analyze(source);
  const file = host.analysis().file(id);
  if (!file) throw new Error("not open");
  return allowInConfig(file, "allowBroken = true;").map((fix) => applyFix(source, fix));
}

test("into the call of nixpkgs", () => {
  expect(allowed("import <nixpkgs> { }")).toEqual([
    "import <nixpkgs> { config.allowBroken = true; }",
  ]);
  expect(allowed("import <nixpkgs> {\n  system = 1;\n}")).toEqual([
    "import <nixpkgs> {\n  config.allowBroken = true;\n  system = 1;\n}",
  ]);
  expect(allowed("import <nixpkgs> { config = { a = 1; }; }")).toEqual([
    "import <nixpkgs> { config = { allowBroken = true; a = 1; }; }",
  ]);
});

test("into a module", () => {
  expect(allowed("{ config, ... }: {\n  a = 1;\n}")).toEqual([
    "{ config, ... }: {\n  nixpkgs.config.allowBroken = true;\n  a = 1;\n}",
  ]);
});

test("nothing where neither is", () => {
  expect(allowed("{ pkgs }: pkgs.hello")).toEqual([]);
});
