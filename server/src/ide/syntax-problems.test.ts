import { expect, test } from "vitest";
import { analyze } from "../testing/analysis-fixture.ts";

function syntaxErrors(source: string): string[] {
  const { host, id, text } = analyze(source);
  return host
    .analysis()
    .diagnostics(id)
    .map((found) => `${found.start} «${text(found)}» ${found.message}`);
}

test("Nix's words at Nix's place", () => {
  expect(syntaxErrors("{ a = ; }")).toEqual(["6 «;» syntax error, unexpected ';'"]);
});

test("at the end of the file the last thing is marked", () => {
  expect(syntaxErrors("let a = 1;\n")).toEqual([
    "9 «;» syntax error, unexpected end of file, expecting 'in' or 'inherit'",
  ]);
  expect(syntaxErrors("")).toEqual(["0 «» syntax error, unexpected end of file"]);
});

test("further problems behind the first", () => {
  expect(syntaxErrors("{ a = ; b = 1; c = ; }")).toEqual([
    "6 «;» syntax error, unexpected ';'",
    expect.stringContaining("19 «;» syntax error"),
  ]);
});
