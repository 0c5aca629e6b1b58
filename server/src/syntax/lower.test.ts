import { readdirSync, readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { bytesFromText, bytesToText } from "../base/bytes.ts";
import { nixGrammar } from "../testing/nix-grammar.ts";
import { parserDifference } from "../testing/parser-difference.ts";
import { mutateTokens, type Pick, randomExpression, tokenSoup } from "../testing/random-nix.ts";
import type { Expr } from "./ast.ts";

const grammar = await nixGrammar();

const corpus = new URL("../../../grammars/nix/test/corpus/", import.meta.url);
const corpusTexts = readdirSync(corpus).flatMap((name) =>
  [
    ...readFileSync(new URL(name, corpus), "utf8").matchAll(
      /={80}\n.+\n(?::error\n)?={80}\n\n([\s\S]*?)\n\n-{80}\n/g,
    ),
  ].map(([, text = ""]) => text),
);

const texts = [
  ...corpusTexts,
  // Literals
  "[ 9223372036854775807 9007199254740993 1.5e-3 .5 \"\" '''' \"a\\\nb\" ]",
  "''\n    a\n\n      b ${c}\n  \t d\n   ''${e} ''\\t '''\n  ''",
  "''  \n  one line\n''",
  "''a''b",
  "[ ''\n  ${a}\n    b\n  '' ''${a}'' '' ${a}b'' ]",
  '"a${"b"}${c}d" + "${a}"',
  "[ ./a/${b}c/d/${e}/f ./${a}${b} ~/x/${y} a/b/${c}//d ]",
  "http://example.org/a?b=c",
  // Names, merging, documentation
  '{ "a" = 1; "b c".d = 2; ${"e"} = 3; ${("f")}.g = 4; ${h} = 5; "i${j}" = 6; }',
  "{ a.b = 1; a = { c = 2; }; a.d.e = 3; a.${f} = 4; }",
  'rec { inherit a; inherit (b) c "d" ${"e"} or; inherit; inherit (f); }',
  "let inherit (a) b; c = b; in c",
  "{ ${''a''} = 1; ${''$a''} = 2; ${''b\n''} = 3; }",
  'let a = 1; b."c" = 2; d."e".f = 3; in a',
  "{ /** one */ a = x: y: x; b = /** two */ z: z; /** no */ /* but */ c.d = { e }: e; }",
  "/** of the file */ { a ? 1, b ? /** inner */ c: c, ... }@d: e@{ }: f",
  "let /** f */ f = x: x; in /** g */ y: f y",
  "{ a = rec { b = 1; }; a.c = 2; a.d = 3; e = 1; f = 1; g = 1; h = 1; i = 1; j = 1; k = 1; l = 1; m = 1; n = 1; o = 1; }",
  // Shapes
  "(f a) b (c) (d e)",
  "((f a)) (b)",
  "(f) or",
  "a or b or",
  "((a) . b . c or (d)) . e or f.g or h",
  "(a + b) * (c) - -d / !e",
  "a -> b -> c || d && e == f // g // h ++ i ++ j",
  '!a ? b.c && -x ? y."z" || a ? ${b}',
  "let { a = 1; body = a; }",
  "let in (let { body = 1; }).body",
  "if a then if b then c else d else if e then f else g",
  "with (a); assert (b); (c)",
  "[ (a: a) rec { } let { body = 1; } <a> __curPos -1/2 ]",
  "x: { a, b }: c@{ ... }: { }@d: 1",
];

describe("for what Nix accepts the lowered tree is the exact parser's", () => {
  const variants: [string, (text: string) => string][] = [
    ["as it is", (text) => text],
    ["with CRLF", (text) => text.replaceAll("\n", "\r\n")],
    ["behind wide characters", (text) => `# é € 😀\n/* 😀 */ ${text}`],
    ["between wide strings", (text) => `f "é😀" (${text}) ''€ ''${"${"}${text}} 😀''`],
    ["spread over lines", (text) => text.replace(/(?<=^[^"']*) /g, "\n # c\n /* 😀 */ ")],
  ];
  for (const [name, vary] of variants) {
    test(name, () => {
      for (const text of texts) expect(parserDifference(grammar, vary(text)), text).toBe(null);
    });
  }
});

test("both parsers refuse the same texts", () => {
  for (const text of [
    ...["", "{", "}", "a == b == c", "a/b/", "./a//b", "[ 1 -2 ]", "1 + x: x", "{ , }: a"],
    ...["{ if = 1; }", "let or = 1; in or", "a |> b <| c", "{ a }", "x@y: z", "{ ..., a }: a"],
    ...['"a', "''a", '"${"', "a b = 1;", "let a = 1;", "if a then b", "with a", "inherit a;"],
    ...["a. b+c/d", "a ? b +c/d", "a ? b:c", "{ }@a:b"],
    ...["a.", "a ?", "a or", "{ a = 1 }", "{ inherit a }", "[ a, b ]", "~", "./.", "&", "$a", "a;"],
  ]) {
    expect(parserDifference(grammar, text), text).toBe(null);
  }
});

describe("the parsers agree about random texts", () => {
  const pick = fc.gen().map(
    (gen): Pick =>
      (count) =>
        gen(fc.nat, { max: count - 1 }),
  );
  const kinds: [string, (choose: Pick) => string][] = [
    ["expressions", (choose) => randomExpression(choose, 3)],
    ["mutated expressions", (choose) => mutateTokens(choose, randomExpression(choose, 3))],
    ["soup", (choose) => tokenSoup(choose, 10)],
  ];
  for (const [name, make] of kinds) {
    test(name, () => {
      fc.assert(
        fc.property(pick.map(make), (bytes) => {
          // For Nix's lexer a NUL byte is the end of the file; tree-sitter sees a wrong character.
          fc.pre(!bytes.includes("\0"));
          expect(parserDifference(grammar, bytesToText(bytes))).toBe(null);
        }),
        { numRuns: 300 },
      );
    });
  }
});

/** The tree as Nix text again, `_` for a hole: enough to see what is left of a wrong text. */
function outline(expr: Expr): string {
  const names = (path: readonly { name: string | null; expr: Expr | null }[]) =>
    path.map(({ name, expr }) => name ?? `\${${expr === null ? "" : outline(expr)}}`).join(".");
  switch (expr.kind) {
    case "Hole":
      return "_";
    case "Var":
      return expr.name;
    case "Int":
      return String(expr.value);
    case "String":
      return JSON.stringify(expr.value);
    case "Interpolation":
      return `"${expr.parts.map((part) => (part.kind === "String" ? part.value : `\${${outline(part)}}`)).join("")}"`;
    case "Path":
      return expr.value;
    case "Select":
      return `${outline(expr.subject)}.${names(expr.path)}`;
    case "Call":
      return `(${[expr.fn, ...expr.args].map(outline).join(" ")})`;
    case "List":
      return `[${expr.items.map(outline).join(" ")}]`;
    case "Binary":
      return `(${outline(expr.left)} ${expr.op} ${outline(expr.right)})`;
    case "Lambda": {
      const formals = expr.formals?.items.map(({ name }) => name).join(",");
      return `(${formals === undefined ? "" : `{${formals}}`}${expr.param ?? ""}: ${outline(expr.body)})`;
    }
    case "AttrSet":
      return `{ ${expr.bindings
        .map((binding) =>
          binding.kind === "Value"
            ? `${names(binding.path)}=${outline(binding.value)}; `
            : `inherit ${binding.from ? `(${outline(binding.from)}) ` : ""}${binding.names.map(({ name }) => name).join(" ")}; `,
        )
        .join("")}}`;
    case "Let":
      return `let ${outline(expr.attrs)} in ${outline(expr.body)}`;
    case "With":
      return `with ${outline(expr.scope)}; ${outline(expr.body)}`;
    case "If":
      return `if ${outline(expr.condition)} then ${outline(expr.then)} else ${outline(expr.otherwise)}`;
    default:
      return expr.kind;
  }
}

function outlineOf(text: string): string {
  const document = grammar.open(text);
  try {
    expect(document.hasError).toBe(true);
    return outline(document.tree().expr);
  } finally {
    document.dispose();
  }
}

test.each([
  // A line that is being typed
  ["{ pkgs }: {\n  a = pkgs.\n  b = 1;\n}", "({pkgs}: { a=pkgs.; b=1; })"],
  ["{ a = pkgs.; }", "{ a=pkgs.; }"],
  ["{ a = f x\n  b = 1; }", "{ a=(f x); b=1; }"],
  ["{ a = }", "{ a=_; }"],
  ["{ a b; c d { }; e = 1; }", "{ a=b; c=(d { }); e=1; }"],
  ["{ a =\n  b = 1; }", "{ a=_; b=1; }"],
  ["{ a = b ++ ; }", "{ a=(b ++ _); }"],
  ["{ a = x: ; }", "{ a=(x: _); }"],
  ["{ inherit (a) b\n  c = 1; }", "{ inherit (a) b; c=1; }"],
  ["let a = 1; in", "let { a=1; } in _"],
  ["let a = 1;\n{ b = a; }", "let { a=1; } in { b=a; }"],
  ["let a = 1;", "let { a=1; } in _"],
  ["{ a = if b then c; d = 1; }", "{ a=if b then c else _; d=1; }"],
  ['"a${}b${c.}"', '"a${_}b${c.}"'],
  ["{ a = ./b/; }", "{ a=./b; }"],
  // Brackets that are still open
  ["{ lib, ... }: {\n  a = lib;\n  b = lib.c", "({lib}: { a=lib; b=lib.c; })"],
  ["{ a = [ b c", "{ a=[b c]; }"],
  ["f: let a = 1; b = f (a", "(f: let { a=1; b=(f a); } in _)"],
  ["x: with x; if a then b else [", "(x: with x; if a then b else [])"],
  ["{ a = { b = 1;\n c = 2; }", "{ a={ b=1; c=2; }; }"],
  ['{ a = 1; b = "c', "{ a=1; b=_; }"],
  ["{ a, b ? c: d", "({a,b}: _)"],
  ["{ lib\n, pkgs\n: { a = lib; }", "({lib,pkgs}: { a=lib; })"],
  // A bracket that was never opened
  ["a, b }: { c = a; }", "({a,b}: { c=a; })"],
  ["{ a }:\na.b rec\n  c = 1;\n}", "({a}: (a.b { c=1; }))"],
  ["c = 1;\nd = 2; }", "{ c=1; d=2; }"],
  ["x: y: {\n a = f x\n b = 1;\n };\n c = 2;\n}", "(x: (y: { a=(f x); b=1; c=2; }))"],
  ["", "_"],
])("what is left of %j", (text, left) => {
  expect(outlineOf(text)).toBe(left);
});

test("any beginning of a text has a tree with offsets inside of it", () => {
  const text =
    "{ a, b ? 1 }@c: let d = ''é ${a}\n''; in with d; [ (x: x.y or z) \"${b}\" ./a ] // rec { inherit (a) e; f.\"g\" = 1; }";
  for (let length = 0; length < text.length; length++) {
    const document = grammar.open(text.slice(0, length));
    const size = bytesFromText(document.text).length;
    const seen: unknown[] = [document.tree().expr];
    for (let value = seen.pop(); value !== undefined; value = seen.pop()) {
      if (typeof value !== "object" || value === null) continue;
      seen.push(...Object.values(value).filter((child) => child !== null));
      if (!("start" in value) || !("end" in value)) continue;
      const [start, end] = [Number(value.start), Number(value.end)];
      expect([start >= 0, end >= start, size >= end], `${length}: ${start} ${end}`).toEqual([
        true,
        true,
        true,
      ]);
    }
    document.dispose();
  }
});
