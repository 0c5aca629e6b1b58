import { expect, test } from "vitest";
import { MemoryHost, memoryStore, TEST_SETTINGS } from "../testing/memory-host.ts";
import { EvaluationSession } from "./session.ts";

/** As much of a module system as refuses its options when a definition is of none of them. */
const EVAL_MODULES = `{ modules, system ? null }:
let
  config = import (builtins.head modules) { inherit config; pkgs = { }; };
  options = { enable = { _type = "option"; description = "Whether."; }; };
  unknown = builtins.attrNames (removeAttrs config (builtins.attrNames options));
  evaluate = check:
    let
      checked = value: if check && unknown != [ ]
        then throw "The option \`\${builtins.head unknown}' does not exist. Definition values:"
        else value;
    in { config = checked config; options = checked options; };
in
evaluate true // EXTEND
`;
const MODULE = "/nixpkgs/m.nix";

function session(extend: string) {
  const host = new MemoryHost({
    "/nixpkgs/nixos/lib/eval-config.nix": EVAL_MODULES.replace("EXTEND", extend),
    [MODULE]: "",
  });
  const made = new EvaluationSession(host, memoryStore(), TEST_SETTINGS);
  return (definition: string) => {
    made.setDocument(MODULE, `{ config, pkgs, ... }: { ${definition} = true; }`);
    const { error } = made.evaluateRoot(MODULE, "module");
    const names = made.optionNames(MODULE, [])?.map(({ name }) => name) ?? null;
    return { message: error?.message ?? null, near: error?.option?.near ?? null, names };
  };
}

const refused = "The option `enabel' does not exist. Definition values:";

test("options are known without the check that there are all that are defined", () => {
  const { message, near, names } = session(
    "{ extendModules = { modules }: evaluate (builtins.head modules)._module.check; }",
  )("enabel");
  expect(message).toBe(refused);
  expect(near).toEqual(["enable"]);
  expect(names).toEqual(["enable"]);
});

test("where that cannot be, those are known that there were before", () => {
  const edit = session("{ }");
  expect(edit("enabel")).toEqual({ message: refused, near: [], names: null });
  expect(edit("enable")).toEqual({ message: null, near: null, names: ["enable"] });
  expect(edit("enabel")).toEqual({ message: refused, near: ["enable"], names: ["enable"] });
});
