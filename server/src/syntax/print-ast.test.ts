import { expect, test } from "vitest";
import { parseNix } from "./parser.ts";
import { printAst } from "./print-ast.ts";

function print(source: string): string {
  const { expr, problem } = parseNix(source, { separatePieces: true });
  if (problem !== null) throw new Error(problem.message);
  return printAst(expr, { basePath: "/base", homeDir: "/home/u" });
}

test.each([
  ["a - b * -c / d", "(__sub a (__div (__mul b (__sub 0 c)) d))"],
  ["a < b", "(__lessThan a b)"],
  ["a > b", "(__lessThan b a)"],
  ["a <= b", "(! (__lessThan b a))"],
  ["a >= b", "(! (__lessThan a b))"],
  ["a + b ++ c", "(a + (b ++ c))"],
  ["a -> b || c && !d", "(a -> (b || (c && (! d))))"],
  // what is a call in Nix goes on with its arguments
  ["(a - b) c", "(__sub a b c)"],
  ["(-a) b", "(__sub 0 a b)"],
  ["(a >= b) c", "((! (__lessThan a b)) c)"],
  ["(f a) b", "(f a b)"],
  ["<x/y> { }", '(__findFile __nixPath "x/y" { })'],
  ["a |> f b |> g", "(g (f b a))"],
  ["f a <| g <| b", "(f a (g b))"],
  ["f or", "(f or)"],
  ["f or x", "(f or x)"],
  ["(f x) or y", "((f x) or y)"],
  ["(a - b) or", "((__sub a b) or)"],
  ["a.b or c d", "((a).b or (c) d)"],
  ['a."b c".${d}."${e}" or (f g)', '(a)."b c"."${d}"."${(e)}" or ((f g))'],
  ["a ? b.c", "((a) ? b.c)"],
  ["x: x", "(x: x)"],
  ["{ }: x", "({  }: x)"],
  ["{ ... }: x", "({ ... }: x)"],
  ["{ b ? 1, a, ... } @ p: x", "({ a, b ? 1, ... } @ p: x)"],
  ["p@{ a }: x", "({ a } @ p: x)"],
  ["let b = 1; inherit a; in x", "(let inherit a; b = 1; in x)"],
  ["let { body = 1; }", "(rec { body = 1; }).body"],
  ["with a; b", "(with a; b)"],
  ["assert a; b", "assert a; b"],
  ["if a then b else c", "(if a then b else c)"],
  ["[ 1 [ ] (a b) ]", "[ (1) ([ ]) ((a b)) ]"],
  [
    '{ "rec" = 1; or = 2; "1a" = 3; "" = 4; b = 5; ${x} = 6; inherit (s) y "if"; inherit z; }',
    '{ inherit z; inherit (s) "if" y; "" = 4; "1a" = 3; b = 5; or = 2; "rec" = 1; "${x}" = 6; }',
  ],
  ["rec { }", "rec { }"],
  ["1.5e10", "1.5e+10"],
  ["9223372036854775807", "9223372036854775807"],
  ['"a\\n\\t\\r\\"\\\\\\${b}$c${d}"', '("a\\n\\t\\r\\"\\\\\\${b}$c" + d)'],
  ['"${a}"', "(a)"],
  ["''a''$b${c}''", '("a" + "$" + "b" + c)'],
  ["./a/../b", "/base/b"],
  ["../${a}/b", '(// + a + "/b")'],
  ["/a/${b}//c//d/e", '(/a/ + b + "/" + "/c/" + "/d/e")'],
  ["~/a", "/home/u/a"],
  ["x:y", '"x:y"'],
  ["__curPos", "__curPos"],
])("%s", (source, expected) => expect(print(source)).toBe(expected));

test("a tree of any depth is printed without recursion", () => {
  const n = 20000;
  expect(print(`${"a ++ ".repeat(n)}a`)).toHaveLength(7 * n + 1);
});
