import { expect, test } from "vitest";
import { analyze } from "../testing/analysis-fixture.ts";
import type { DocumentSymbol } from "./document-symbols.ts";

function outline(text: string): string {
  const { host, id, text: at } = analyze(text);
  const lines = (symbols: readonly DocumentSymbol[], indent: string): string[] =>
    symbols.flatMap((symbol) => [
      `${indent}${symbol.name} (${symbol.kind}) <- ${at({ start: symbol.nameStart, end: symbol.nameEnd })}`,
      ...lines(symbol.children, `${indent}  `),
    ]);
  return lines(host.analysis().documentSymbols(id), "").join("\n");
}

test("bindings nest, and what is around them does not show", () => {
  expect(
    outline(`
      { pkgs, lib }:
      let
        version = "1";
        mk = name: { inherit name; };
      in
      with lib;
      {
        a.b."c d" = [ 1 ];
        inherit (pkgs) hello;
        shell = pkgs.mkShell {
          packages = [ pkgs.hello ];
          \${version} = true;
        };
      }`),
  ).toMatchInlineSnapshot(`
    "version (string) <- version
    mk (function) <- mk
      name (inherited) <- name
    a.b."c d" (list) <- a.b."c d"
    hello (inherited) <- hello
    shell (variable) <- shell
      packages (list) <- packages
      \${version} (boolean) <- \${version}"
  `);
});

test("parts of a symbol lie inside of it", () => {
  const { host, id, text } = analyze("{ a = { b = 1; }; }");
  const [a] = host.analysis().documentSymbols(id);
  expect(a && text(a)).toBe("a = { b = 1; };");
  expect(a?.children.map((child) => text(child))).toEqual(["b = 1;"]);
});

test("a text with errors keeps its outline", () => {
  expect(outline("{\n  a = 1;\n  b = { c = ; d = [ 1 2 };\n  e = 3;\n}")).toMatchInlineSnapshot(`
    "a (number) <- a
    b (set) <- b
      c (variable) <- c
      d (number) <- d
    e (number) <- e"
  `);
});
