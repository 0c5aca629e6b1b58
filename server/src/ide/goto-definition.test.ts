import { expect, test } from "vitest";
import { analyze } from "../testing/analysis-fixture.ts";

function targets(source: string): string[] {
  const { host, id, offset, text } = analyze(source);
  const links = host.analysis().gotoDefinition(id, offset);
  return links.map(({ file, target }) => file ?? `${target.start} ${text(target)}`);
}

test("names lead to what binds them", () => {
  expect(targets("let abc = 1; in a$0bc")).toEqual(["4 abc"]);
  expect(targets("{ x }: x$0")).toEqual(["2 x"]);
  expect(targets("{ x }@args: a$0rgs")).toEqual(["6 args"]);
  expect(targets("rec { a.b = 1; a.c = 2; d = $0a; }")).toEqual(["6 a", "15 a"]);
});

test("inherit leads outwards", () => {
  expect(targets("x: let inherit $0x; in x")).toEqual(["0 x"]);
  expect(targets("let s = { y = 1; }; inherit (s) $0y; in y")).toEqual(["10 y"]);
});

test("attributes lead into sets that the text shows", () => {
  expect(targets("let s = { a.b = 1; }; in s.a.$0b")).toEqual(["12 b"]);
  expect(targets("let s = { a = 1; } // { a = 2; }; in s.$0a")).toEqual(["24 a"]);
  expect(targets(`let f = x: { "y z" = x; }; in (f 1)."y$0 z"`)).toEqual([`13 "y z"`]);
  expect(targets("x: x.$0a")).toEqual([]);
});

test("names from a with lead to the attribute, else to the with", () => {
  expect(targets("with { a = 1; }; $0a")).toEqual(["7 a"]);
  expect(targets("p: with p; $0a")).toEqual(["8 p"]);
  expect(targets("p: with { b = 1; }; with p; $0b")).toEqual(["25 p"]);
});

test("builtins and literals lead nowhere", () => {
  expect(targets("ma$0p")).toEqual([]);
  expect(targets("1$02")).toEqual([]);
});

test("loops end", () => {
  expect(targets("let a = b; b = a; in a.$0c")).toEqual([]);
  expect(targets("let f = f 1; in f.$0c")).toEqual([]);
});

test("paths lead to files, a directory to its default.nix", () => {
  const files = `
#- /w/lib/default.nix
{ }
#- /w/a.nix
1
#- /lookup/x/y.nix
2
#- /w/main.nix
`;
  expect(targets(`${files}import ./$0lib`)).toEqual(["/w/lib/default.nix"]);
  expect(targets(`${files}import ./x/../$0a.nix`)).toEqual(["/w/a.nix"]);
  expect(targets(`${files}/w/a.nix$0`)).toEqual(["/w/a.nix"]);
  expect(targets(`${files}<x/y.nix$0>`)).toEqual(["/lookup/x/y.nix"]);
  expect(targets(`${files}./missing$0.nix`)).toEqual([]);
  expect(targets(`${files}/$0w/b`)).toEqual([]);
});

test("in a text with errors", () => {
  expect(targets("let abc = 1; in { a = ; b = a$0bc; }")).toEqual(["4 abc"]);
  expect(targets("{ x, y }: { a = [ y$0; }")).toEqual(["5 y"]);
});
