import { expect, test } from "vitest";
import { analyze } from "../testing/analysis-fixture.ts";

function tokens(source: string): string[] {
  const { host, id, fixture, text } = analyze(source);
  const range = fixture.range ?? undefined;
  return host
    .analysis()
    .semanticTokens(id, range)
    .map((token) => [text(token), token.type, ...token.modifiers].join(" "));
}

test("names are what they are bound to", () => {
  expect(tokens("let f = x: x; v = { a, b ? v }: f a; in [ f v ]")).toEqual([
    "f function declaration",
    "x parameter declaration",
    "x parameter",
    "v function declaration",
    "a parameter declaration",
    "b parameter declaration",
    "v function",
    "f function",
    "a parameter",
    "f function",
    "v function",
  ]);
});

test("attributes, and names in quotes are strings", () => {
  expect(
    tokens(`x: { a.b = 1; "c" = x.d; g = y: 1; inherit (x) e; inherit x; f = x ? h; }`),
  ).toEqual([
    "x parameter declaration",
    "a property declaration",
    "b property declaration",
    "x parameter",
    "d property",
    "g function declaration",
    "y parameter declaration",
    "x parameter",
    "e property declaration",
    "x parameter",
    "f property declaration",
    "x parameter",
    "h property",
  ]);
});

test("builtins and names from a with", () => {
  expect(tokens("with builtins.head; [ map true a ]")).toEqual([
    "builtins variable defaultLibrary readonly",
    "head function defaultLibrary",
    "map function defaultLibrary",
    "true variable defaultLibrary readonly",
    "a variable with",
  ]);
});

test("a range gives what touches it", () => {
  expect(tokens("x: [ x $0x x$0 x ]")).toEqual(["x parameter", "x parameter"]);
});
