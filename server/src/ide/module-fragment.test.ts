import { expect, test } from "vitest";
import { analyze } from "../testing/analysis-fixture.ts";
import { applyFix } from "../testing/apply-fix.ts";

function fragment(source: string) {
  const { host, id } = analyze(source);
  const [problem] = host.analysis().diagnostics(id);
  const [fix] = problem ? host.analysis().codeActions(id, problem) : [];
  return { code: problem?.code, message: problem?.message, fixed: fix && applyFix(source, fix) };
}

test("bindings as a whole file are said to need a module around them", () => {
  const source = `# for flakes
nix.settings = {
  experimental-features = [ "nix-command" "flakes" ];
};
`;
  const { code, message, fixed } = fragment(source);
  expect(code).toBe("module-fragment");
  expect(message).toBe(`syntax error, unexpected '=', expecting end of file
these are bindings, and a file holds one expression: a NixOS module is a function, { config, pkgs, ... }: { … }`);
  expect(fixed).toBe(`{ config, pkgs, ... }:

{
  # for flakes
  nix.settings = {
    experimental-features = [ "nix-command" "flakes" ];
  };
}
`);
  expect(fragment(fixed ?? "").code).toBeUndefined();
});

test("the last semicolon may be missing", () => {
  expect(fragment("a.b = true;\nc = (f 1) # last\n").fixed).toBe(
    "{ config, pkgs, ... }:\n\n{\n  a.b = true;\n  c = (f 1); # last\n}\n",
  );
  expect(fragment("a = [ 1").code).toBe("syntax");
});

test("values are not changed by the new indentation", () => {
  const source = 'a = "x\ny";\n';
  expect(fragment(source).fixed).toBe('{ config, pkgs, ... }:\n\n{\na = "x\ny";\n}\n');
});

test("other syntax errors are not taken for it", () => {
  expect(fragment("{ a = ; }").code).toBe("syntax");
  expect(fragment("let a = 1;").code).toBe("syntax");
  expect(fragment("").code).toBe("syntax");
});
