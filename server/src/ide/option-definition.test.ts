/** Errors of the module system, from their evaluation to the place in the module and its fixes. */
import { expect, test } from "vitest";
import { bytesFromText } from "../base/bytes.ts";
import { EvaluationSession } from "../eval/session.ts";
import { plainError } from "../host/session-report.ts";
import { analyze } from "../testing/analysis-fixture.ts";
import { applyFix } from "../testing/apply-fix.ts";
import { MemoryHost, memoryStore, TEST_SETTINGS } from "../testing/memory-host.ts";
import { optionDefinition } from "./option-definition.ts";
import type { SourceFile } from "./source-file.ts";

/** As much of NixOS as has three options, and complains of their definitions. */
const EVAL_CONFIG = `{ system, modules }:
let
  option = check: { _type = "option"; inherit check; };
  options = {
    services.web.enable = option builtins.isBool;
    services.web.ports = option builtins.isInt;
    services.web.hosts = option builtins.isString;
  };
  defined = (import (builtins.head modules)) { inherit config; };
  wrong = path: "A definition for option \`\${path}' is not of type \`it'. Definition values: …";
  checked = path: { check, ... }: value:
    if builtins.isList value then
      builtins.genList (i: checked "\${path}.[definition 1-entry \${toString (i + 1)}]" { inherit check; } (builtins.elemAt value i)) (builtins.length value)
    else if check value then value else throw (wrong path);
  web = builtins.mapAttrs (name: value: checked "services.web.\${name}" options.services.web.\${name} value) defined.services.web;
  unknown = builtins.attrNames (removeAttrs (defined.services.web) (builtins.attrNames options.services.web));
  missing = throw "The option \`services.web.hosts' was accessed but has no value defined. Try setting the option.";
  config.services.web = builtins.seq (defined.imports or [ ]) (
    if unknown == [ ] then { hosts = missing; } // web
    else throw "The option \`services.web.\${builtins.head unknown}' does not exist. Definition values: …");
in
{ inherit options config; }
`;

function problems(module: string) {
  const host = new MemoryHost({
    "/nixpkgs/default.nix": "{ }: { }",
    "/nixpkgs/nixos/lib/eval-config.nix": bytesFromText(EVAL_CONFIG),
    "/default.nix": bytesFromText(module),
  });
  const settings = { ...TEST_SETTINGS, searchPath: [{ prefix: "nixpkgs", path: "/nixpkgs" }] };
  const session = new EvaluationSession(host, memoryStore(), settings);
  session.setDocument("/default.nix", bytesFromText(module));
  const { error, others, role } = session.evaluateRoot("/default.nix");
  expect(role).toBe("module");
  const { host: editor, id, text } = analyze(module);
  editor.evaluated(id, {
    revision: 1,
    derivations: [],
    error: error && plainError(error),
    others: others.map(plainError),
  });
  const found = editor.analysis().diagnostics(id);
  return found.map((problem) => ({
    at: text(problem),
    last: problem.message.split("\n").at(-1),
    fixes: editor
      .analysis()
      .codeActions(id, problem)
      .map((fix) => applyFix(module, fix)),
  }));
}

const places = (module: string) => problems(module).map(({ at }) => at);

test("a wrong value is shown where it is defined, not where it is used", () => {
  const module = `{ config, ... }:
{
  services.web.ports = "80";
  services.web.enable = config.services.web.ports == 80;
}`;
  expect(places(module)).toEqual(["services.web.ports"]);
});

test("each wrong value, and each item of a list", () => {
  const module = `{ config, ... }: {
  services.web = { enable = 1; ports = [ 80 "x" 443 "y" ]; };
}`;
  expect(places(module)).toEqual(["enable", '"x"', '"y"']);
});

test("an option that does not exist: those that are nearly called so", () => {
  const module = "{ config, ... }: {\n  services.web = { enabel = true; };\n}";
  const [problem] = problems(module);
  expect(problem?.at).toBe("enabel");
  expect(problem?.last).toBe("There is services.web.enable.");
  expect(problem?.fixes[0]).toBe(module.replace("enabel", "enable"));
  const far = "{ config, ... }: {\n  services.web.elsewhere.deep = true;\n}";
  expect(problems(far)).toMatchObject([{ at: "services.web.elsewhere", fixes: [] }]);
});

test("imports that depend on config", () => {
  const module = "{ config, ... }: { imports = if config.services.web.enable then [ ] else [ ]; }";
  const [problem] = problems(`${module.slice(0, -1)} services.web = { }; }`);
  expect(problem?.last).toMatch(/What a module imports is found before config/);
});

test("a value that is missing is shown where it is needed", () => {
  const module = "{ config, ... }: {\n  services.web.enable = config.services.web.hosts == 1;\n}";
  expect(places(module)).toEqual(["config.services.web.hosts == 1"]);
});

test("definitions behind let, mkIf and mkMerge, of a machine, of names with dots", () => {
  const module = `{ lib, ... }: {
  config = lib.mkIf true { a.b = 1; };
  c = lib.mkMerge [ { d = 2; } (let x = 3; in { e = x; }) ];
  f."g.h".i = [ 4 { j = 5; } ] ++ [ ];
}`;
  const { host, id } = analyze(module);
  const { expr } = (host.analysis().file(id) as SourceFile).syntax;
  const found = (name: string) => {
    const at = optionDefinition(expr, name);
    return (
      at &&
      `${module.slice(at.start, at.end)} ${module.slice(at.last.start, at.last.end)}|${at.rest}`
    );
  };
  expect(found("a.b")).toBe("a.b b|");
  expect(found("c.e")).toBe("e e|");
  expect(found("c.other")).toBe("c c|other");
  expect(found('f."g.h".i.[definition 1-entry 2].j')).toBe("j j|");
  expect(found("f.g.h.i.[definition 1-entry 1]")).toBe("4 4|");
  expect(found("x.y")).toBeNull();
});
