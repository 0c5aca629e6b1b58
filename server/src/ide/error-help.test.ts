import { expect, test } from "vitest";
import { bytesFromText } from "../base/bytes.ts";
import { EvaluationSession } from "../eval/session.ts";
import { plainError } from "../host/session-report.ts";
import { analyze } from "../testing/analysis-fixture.ts";
import { applyFix } from "../testing/apply-fix.ts";
import { MemoryHost, memoryStore, TEST_SETTINGS } from "../testing/memory-host.ts";

const PACKAGES = `
  { config ? { } }: rec {
    drv = name: derivation { inherit name; system = "x"; builder = "b"; };
    nodejs = drv "nodejs";
    python3Packages = { numpy = drv "numpy"; torch = drv "torch"; torch-bin = drv "torch-bin"; };
    python2Packages = { numpy = drv "numpy2"; };
    brokenPackages = throw "never mind";
    steam = if config.allowUnfree or false then drv "steam"
      else throw "Package ‘steam-1.0’ in /pkgs.nix:3 has an unfree license (‘unfree’), refusing to evaluate.\\n\\nmore";
    old = throw "Package ‘old-1.2’ in /pkgs.nix:3 is marked as insecure, refusing to evaluate.";
    mkShell = { name, packages ? [ ] }: drv name;
  }`;

/** The problem of `/default.nix`, really evaluated, and what each fix makes of the text. */
function problemOf(source: string) {
  const host = new MemoryHost({
    "/default.nix": bytesFromText(source),
    "/pkgs.nix": bytesFromText(PACKAGES),
  });
  const session = new EvaluationSession(host, memoryStore(), TEST_SETTINGS);
  const { error } = session.evaluateRoot("/default.nix");
  const { host: analysis, id, text } = analyze(source);
  analysis.evaluated(id, {
    revision: 1,
    derivations: [],
    error: error && plainError(error),
  });
  const [problem] = analysis.analysis().diagnostics(id);
  if (!problem) return null;
  const fixes = analysis.analysis().codeActions(id, problem);
  return {
    at: text(problem),
    lines: problem.message.split("\n"),
    fixes: fixes.map((fix) => applyFix(source, fix)),
    related: problem.related.map((place) => place.message),
  };
}

test("an attribute that is called otherwise", () => {
  const found = problemOf("let p = import ./pkgs.nix { }; in p.python3Packages.pytorch-bin");
  expect(found?.lines.slice(0, 2)).toEqual([
    "attribute 'pytorch-bin' missing",
    "Did you mean torch-bin?",
  ]);
  expect(found?.fixes[0]).toBe("let p = import ./pkgs.nix { }; in p.python3Packages.torch-bin");
});

test("other spellings, and parts of a name", () => {
  expect(problemOf("(import ./pkgs.nix { }).node-JS")?.lines).toContain("There is nodejs.");
  expect(problemOf("(import ./pkgs.nix { }).python3Packages.mytorch-bin")?.lines[1]).toContain(
    "torch-bin",
  );
});

test("a package that is in another set, also under a with", () => {
  const found = problemOf("with import ./pkgs.nix { }; [ numpy ]");
  expect(found?.at).toBe("numpy");
  expect(found?.lines).toEqual(["undefined variable 'numpy'", "There is python3Packages.numpy."]);
  expect(found?.fixes).toEqual(["with import ./pkgs.nix { }; [ python3Packages.numpy ]"]);
});

test("arguments that a function does not take, and those it needs", () => {
  const call = (args: string) => `let p = import ./pkgs.nix { }; in p.mkShell { ${args} }`;
  const wrong = problemOf(call('name = "a"; package = [ ];'));
  expect(wrong?.lines).toEqual([
    "function 'mkShell' called with unexpected argument 'package'",
    "Did you mean packages?",
    "The function takes name and packages.",
  ]);
  expect(wrong?.fixes).toEqual([call('name = "a"; packages = [ ];'), call('name = "a";')]);
  const missing = problemOf('let name = "x"; p = import ./pkgs.nix { }; in p.mkShell { }');
  expect(missing?.fixes).toEqual([
    'let name = "x"; p = import ./pkgs.nix { }; in p.mkShell { inherit name; }',
  ]);
});

test("what nixpkgs refuses is allowed in its config", () => {
  const found = problemOf("(import ./pkgs.nix { }).steam");
  expect(found?.lines.at(-1)).toBe(
    "Allow it with import <nixpkgs> { config = { allowUnfree = true; }; }, or in a NixOS configuration with nixpkgs.config.",
  );
  expect(found?.fixes).toEqual(["(import ./pkgs.nix { config.allowUnfree = true; }).steam"]);
  expect(problemOf(found?.fixes[0] ?? "")).toBeNull();
  expect(problemOf("(import ./pkgs.nix { config = { a = 1; }; }).old")?.fixes).toEqual([
    '(import ./pkgs.nix { config = { permittedInsecurePackages = [ "old-1.2" ]; a = 1; }; }).old',
  ]);
});

test("an infinite recursion shows its cycle", () => {
  const found = problemOf("let a = b + 1; b = c + 1; c = a + 1; d = a; in d");
  expect(found?.lines).toEqual([
    "infinite recursion encountered",
    "To know a, Nix needs b, Nix needs c, Nix needs a.",
  ]);
  expect(found?.related).toContain("b takes part in the recursion");
  expect(problemOf("rec { x = x; }.x")?.lines[1]).toBe("To know x, Nix needs itself.");
});

test("a misspelt name of a with, and one like it in a set of packages", () => {
  const shell = (body: string) =>
    problemOf(`with import ./pkgs.nix { }; mkShell { name = "s"; packages = [ ${body} ]; }`);
  const misspelt = problemOf("with import ./pkgs.nix { }; nodjs");
  expect(misspelt?.lines).toEqual(["undefined variable 'nodjs'", "There is nodejs."]);
  expect(misspelt?.fixes).toEqual(["with import ./pkgs.nix { }; nodejs"]);
  expect(problemOf("with import ./pkgs.nix { }; pytorch-bin")?.lines[1]).toBe(
    "There is python3Packages.torch-bin.",
  );
  expect(problemOf("with import ./pkgs.nix { }; pythonPackages.numpy")?.lines[1]).toBe(
    "There is python3Packages and python2Packages.",
  );
  expect(shell("drv")).toBeNull();
});

test("an overlay that takes what it defines from its first argument", () => {
  const overlays = (overlay: string) =>
    `let fix = f: let x = f x; in x; old = { hello = 1; }; in (fix (self: old // (${overlay}) self old)).hello`;
  const found = problemOf(overlays("final: prev: { hello = final.hello + 1; }"));
  expect(found?.lines[1]).toBe(
    "To know hello, Nix needs itself. final.hello is what is defined here; prev.hello is what was there before.",
  );
  expect(found?.fixes).toEqual([overlays("final: prev: { hello = prev.hello + 1; }")]);
  expect(
    problemOf(overlays("final: prev: { hello = final.hello2; hello2 = final.hello; }"))?.fixes,
  ).toEqual([]);
});
