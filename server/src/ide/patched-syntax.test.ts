import fc from "fast-check";
import { expect, test } from "vitest";
import { bytesToText } from "../base/bytes.ts";
import { analyzeBindings } from "../scope/bindings.ts";
import type { Expr } from "../syntax/ast.ts";
import { parseNix } from "../syntax/parser.ts";
import { nixGrammar } from "../testing/nix-grammar.ts";
import { type ParsedText, patchedSyntax } from "./patched-syntax.ts";
import { addChanges, type ChangedRegion } from "./text-change.ts";

const grammar = await nixGrammar();

function parseFragment(fragment: string): Expr {
  const document = grammar.open(bytesToText(fragment));
  const { expr } = document.tree();
  document.dispose();
  return expr;
}

function parsed(source: string): ParsedText {
  const { expr } = parseNix(source);
  if (!expr) throw new Error(`not Nix: ${source}`);
  return { source, expr, left: [] };
}

/** The tree after one edit. */
function patched(before: ParsedText, after: string): ParsedText | null {
  return patchedSyntax(
    { parsed: before, regions: difference(before.source, after) },
    after,
    parseFragment,
  );
}

function difference(before: string, after: string): ChangedRegion[] {
  const shorter = Math.min(before.length, after.length);
  let start = 0;
  while (start < shorter && before[start] === after[start]) start += 1;
  let same = 0;
  while (same < shorter - start && before.at(-1 - same) === after.at(-1 - same)) same += 1;
  return addChanges([], [{ start, end: before.length - same, newEnd: after.length - same }]);
}

/** Every definition and use with its place: what would differ if any offset or scope were wrong. */
function names(expr: Expr, length: number): string[] {
  const { definitions, references } = analyzeBindings(expr, length);
  const defined = definitions.map(({ name, sites }) => `${name} at ${sites[0]?.start}`);
  const used = references.map(({ name, start, definition }) => {
    return `${name} at ${start} is ${definition?.sites[0]?.start}`;
  });
  return [...defined, ...used].sort();
}

const TEXT = `{ lib, callPackage }:
let
  a = callPackage ./a { };
  b = { inherit a; c = x: [ x a lib ]; };
in
rec {
  d = callPackage ./d { e = b.c; };
  f.g = "text \${toString d} more";
  /** doc */
  h = { i, j ? d }: i + j;
  "é" = d;
  k = h;
}
`;

test("a binding that is wrong for the moment", () => {
  const before = parsed(TEXT.replace("é", "e"));
  const after = before.source.replace("callPackage ./d", "callPackage (./d");
  const tree = patched(before, after);
  expect(tree?.left.map(({ start, end }) => after.slice(start, end))).toEqual([
    "d = callPackage (./d { e = b.c; };",
  ]);
  // `d` is still defined, and `b` still used in it.
  const found = tree ? names(tree.expr, after.length) : [];
  expect(found).toContain(`d at ${after.indexOf("d = callPackage (")}`);
  expect(found).toContain(`b at ${after.indexOf("b.c")} is ${after.indexOf("b = {")}`);
  expect(found).toContain(`h at ${after.indexOf("h;")} is ${after.indexOf("h = {")}`);
});

test("something new between two bindings", () => {
  const before = parsed(TEXT.replace("é", "e"));
  const after = before.source.replace("  k = h;", "  new = [ a\n  k = h;");
  const tree = patched(before, after);
  expect(tree?.left).toHaveLength(1);
  const found = tree ? names(tree.expr, after.length) : [];
  expect(found).toContain(`k at ${after.indexOf("k = h")}`);
});

test("a second wrong place, and edits elsewhere meanwhile", () => {
  const before = parsed(TEXT.replace("é", "e"));
  const one = before.source.replace("./a {", "./a ({");
  const first = patched(before, one);
  const two = one.replace("k = h;", "k = h a;");
  const second = first && patched(first, two);
  expect(second?.left).toHaveLength(1);
  const three = two.replace("i + j", "i + (j");
  const third = second && patched(second, three);
  expect(third?.left.map(({ start, end }) => three.slice(start, end))).toEqual([
    "a = callPackage ./a ({ };",
    "h = { i, j ? d }: i + (j;",
  ]);
});

test("several places before the next tree is asked for", () => {
  const before = parsed(TEXT.replace("é", "e"));
  const one = before.source.replace("./a {", "./a ({");
  const two = one.replace("i + j", "i + (j");
  const at = two.indexOf("(j");
  const basis = {
    parsed: before,
    regions: addChanges(difference(before.source, one), [{ start: at, end: at, newEnd: at + 1 }]),
  };
  const tree = patchedSyntax(basis, two, parseFragment);
  expect(tree?.left.map(({ start, end }) => two.slice(start, end))).toEqual([
    "a = callPackage ./a ({ };",
    "h = { i, j ? d }: i + (j;",
  ]);
});

test("what stands behind `in`, or ends a set, is not something between two bindings", () => {
  const before = parsed(TEXT.replace("é", "e"));
  for (const after of [
    before.source.replace("in\n", "in(a)\n"),
    before.source.replace("rec {", "rec { }{"),
  ]) {
    const { expr } = parseNix(after);
    const tree = patched(before, after);
    expect(tree && names(tree.expr, after.length)).toEqual(
      tree && expr && names(expr, after.length),
    );
  }
});

test("what is wrong outside of all bindings is not for this", () => {
  const before = parsed(TEXT.replace("é", "e"));
  expect(patched(before, before.source.replace("in\n", "\n"))).toBeNull();
});

test("where the text is right it is the tree of the text, whatever was left out", () => {
  const source = TEXT.replace("é", "e");
  const before = parsed(source);
  const edit = fc.record({
    at: fc.nat({ max: source.length }),
    length: fc.nat({ max: 4 }),
    text: fc.constantFrom("", "a", " ", "x = a;", "(a)", "\n", "{ }", "b", "''a''", "1"),
  });
  let checked = 0;
  fc.assert(
    fc.property(edit, ({ at, length, text }) => {
      const after = source.slice(0, at) + text + source.slice(at + length);
      const { expr } = parseNix(after);
      // Names defined twice are found in another order here.
      if (!expr) return;
      const tree = patched(before, after);
      if (!tree) return;
      checked += 1;
      expect(names(tree.expr, after.length)).toEqual(names(expr, after.length));
    }),
    { numRuns: 500 },
  );
  expect(checked).toBeGreaterThan(50);
});
