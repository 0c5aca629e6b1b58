import { expect, test } from "vitest";
import { parseNix } from "../syntax/parser.ts";
import { pathAt, walk } from "./walk.ts";

function parse(source: string) {
  const { expr } = parseNix(source);
  if (!expr) throw new Error(`not Nix: ${source}`);
  return expr;
}

test("parents first, in source order", () => {
  const kinds: string[] = [];
  walk(parse(`{ a.\${b} = [ 1 2.0 ]; inherit (c) d; }`), (expr) => {
    kinds.push(expr.kind);
    return true;
  });
  expect(kinds).toEqual(["AttrSet", "Var", "List", "Int", "Float", "Var"]);
});

test("false skips what is inside", () => {
  const kinds: string[] = [];
  walk(parse("[ [ 1 ] 2 ]"), (expr) => kinds.push(expr.kind) === 1);
  expect(kinds).toEqual(["List", "List", "Int"]);
});

test("the path to an offset; of two neighbours the later one", () => {
  const kinds = (source: string, offset: number) =>
    pathAt(parse(source), offset).map((expr) => expr.kind);
  expect(kinds("f (g 1)", 3)).toEqual(["Call", "Call", "Var"]);
  expect(kinds("f (g 1)", 2)).toEqual(["Call"]);
  expect(kinds("[1./a]", 3)).toEqual(["List", "Path"]);
});

test("a chain far deeper than the stack", () => {
  const depth = 200_000;
  const expr = parse(`1${" + 1".repeat(depth)}`);
  let count = 0;
  walk(expr, () => ++count > 0);
  expect(count).toBe(2 * depth + 1);
  expect(pathAt(expr, 0)).toHaveLength(depth + 1);
});
