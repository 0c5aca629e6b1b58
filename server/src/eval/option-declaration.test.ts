import { expect, test } from "vitest";
import { parseNix } from "../syntax/parser.ts";
import { optionDeclaration } from "./option-declaration.ts";

/** The line that an option is found in, in short. */
function declared(text: string, ...names: (string | null)[]): string | null {
  const { expr } = parseNix(text);
  const offset = expr && optionDeclaration(expr, names);
  return offset === null ? null : (text.slice(offset).split("\n", 1)[0] ?? "");
}

test("however its path is written, behind functions, `let` and `with`", () => {
  const module = `{ lib, ... }:
let other.enable = 1; in
with lib; {
  options.services.a.enable = mkEnableOption "a";
  options = {
    services.b = with types; { enable = mkEnableOption "b" // { internal = true; }; };
    services = { c = { enable = mkEnableOption "c"; }; };
  };
  config.services.a.enable = true;
}`;
  expect(declared(module, "services", "a", "enable")).toMatch(/^options.*"a"/);
  expect(declared(module, "services", "b", "enable")).toMatch(/^enable = .*"b"/);
  expect(declared(module, "services", "c", "enable")).toMatch(/^enable = .*"c"/);
  expect(declared(module, "services", "d", "enable")).toBeNull();
  expect(declared(module, "services", "a")).toBeNull();
});

test("options of submodules, told apart by what is around them", () => {
  const module = `{
  options.web.hosts = mkOption {
    type = attrsOf (submodule ({ name, ... }: { options = { enable = mkEnableOption "host"; }; }));
  };
  options.web.logs = mkOption { type = listOf (submodule { options.enable = mkEnableOption "log"; }); };
}`;
  expect(declared(module, "web", "hosts", "x.y", "enable")).toMatch(/"host"/);
  expect(declared(module, "web", "logs", null, "enable")).toMatch(/"log"/);
});

test("options that a variable holds, when only one can be meant", () => {
  const set = (name: string) =>
    `${name} = {\n  enable = lib.mkEnableOption "${name}"; port = 1;\n};`;
  const module = (sets: string) => `let ${sets} in { options.a = common; }`;
  expect(declared(module(set("common")), "a", "enable")).toMatch(/^enable = /);
  expect(declared(module(set("common")), "a", "port")).toBeNull();
  expect(declared(module(set("common") + set("other")), "a", "enable")).toBeNull();
});
