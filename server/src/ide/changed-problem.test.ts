import fc from "fast-check";
import { expect, test } from "vitest";
import { bytesToText } from "../base/bytes.ts";
import type { SyntaxProblem } from "../syntax/ast.ts";
import { parseNix } from "../syntax/parser.ts";
import { nixGrammar } from "../testing/nix-grammar.ts";
import { changedProblem } from "./changed-problem.ts";
import { type Basis, type ParsedText, patchedSyntax } from "./patched-syntax.ts";
import { addChanges, type TextChange } from "./text-change.ts";

const grammar = await nixGrammar();

const TEXT = `{ lib, callPackage }:
let
  a = callPackage ./a { };
  b = { inherit a; c = x: [ x a lib ]; };
  # a comment
in
rec {
  d = callPackage ./d { e = b.c; };
  inherit (lib) id const;
  f.g = "text \${d} text";
  f.h = ''
    lines \${toString 1}
  '';
  k = with lib; let inner = 1; other = inner; in inner + other;
  last = { p = 1; q = { r = 2; s = rec { t = 3; u = t; }; }; };
}
`;

/** Pieces that open, close, end and name things. */
const PIECES = [
  ...'(){}[];=.:"#, \n',
  ..."'' /* */ ${ let in with rec inherit or x a f.g f.i = 1; ./p <x> 1.5".split(" "),
  "x = 1; ",
  "n.m = 2;\n",
  "inherit x;",
];

interface Text {
  readonly source: string;
  readonly basis: Basis;
}

function right(source: string): ParsedText {
  const { expr } = parseNix(source);
  if (!expr) throw new Error(`not Nix: ${source}`);
  return { source, expr, left: [] };
}

function edited({ source, basis }: Text, at: number, removed: number, added: string): Text {
  const start = Math.min(at, source.length);
  const end = Math.min(start + removed, source.length);
  const change: TextChange = { start, end, newEnd: start + added.length };
  return {
    source: source.slice(0, start) + added + source.slice(end),
    basis: { parsed: basis.parsed, regions: addChanges(basis.regions, [change]) },
  };
}

const unchanged = (parsed: ParsedText): Text => ({
  source: parsed.source,
  basis: { parsed, regions: [] },
});

function known({ source, basis }: Text): SyntaxProblem | null | undefined {
  return changedProblem(basis, source, {});
}

function after(find: string, added: string): Text {
  return edited(unchanged(right(TEXT)), TEXT.indexOf(find), 0, added);
}

test("what is wrong in one binding is found without the rest of the text", () => {
  const text = after("callPackage ./d", "( ");
  expect(known(text)).toEqual(parseNix(text.source).problem);
  expect(known(text)?.message).toContain("unexpected ';'");
});

test("nothing is wrong after a change that is right", () => {
  for (const text of [
    after("x a lib", "y "),
    after("1; q", "2"),
    after("inherit (lib)", "m = 1; "),
  ])
    expect(known(text)).toBeNull();
});

test("a binding that is begun between two others", () => {
  const text = after("  k = with", "  new\n");
  expect(known(text)).toEqual(parseNix(text.source).problem);
});

test("a name that the set may have already, and what changes the text behind it, is not judged", () => {
  expect(known(after("  k = with", "f.h = 1;"))).toBeUndefined();
  expect(known(after("  k = with", "};"))).toBeUndefined();
  expect(known(after("lib, call", "x, "))).toBeUndefined();
});

test("whatever is changed, it is what the parser says of the whole text", () => {
  let judged = 0;
  let wrong = 0;
  const edit = fc.tuple(fc.nat(TEXT.length), fc.nat(3), fc.constantFrom(...PIECES, "", ""));
  const edits = fc.array(edit, { minLength: 1, maxLength: 3 });
  fc.assert(
    fc.property(edits, edits, (first, second) => {
      let text = unchanged(right(TEXT));
      for (const [at, removed, added] of first) text = edited(text, at, removed, added);
      const check = () => {
        const found = known(text);
        if (found === undefined) return;
        expect(found).toEqual(parseNix(text.source).problem);
        judged += 1;
        if (found) wrong += 1;
      };
      check();
      // A text whose wrong parts were left out serves as well.
      const patched = patchedSyntax(text.basis, text.source, (fragment) => {
        const document = grammar.open(bytesToText(fragment));
        const { expr } = document.tree();
        document.dispose();
        return expr;
      });
      if (patched && parseNix(text.source).problem) text = unchanged(patched);
      for (const [at, removed, added] of second) text = edited(text, at, removed, added);
      check();
    }),
    { numRuns: 1000 },
  );
  expect(judged).toBeGreaterThan(400);
  expect(wrong).toBeGreaterThan(200);
});
