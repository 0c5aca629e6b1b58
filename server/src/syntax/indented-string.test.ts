import { expect, test } from "vitest";
import type { Expr } from "./ast.ts";
import { parseNix } from "./parser.ts";

function parse(source: string, separatePieces = false): Expr {
  const { expr, problem } = parseNix(source, { separatePieces });
  if (problem !== null) throw new Error(problem.message);
  return expr;
}

/** The parts of a string; interpolated names in parentheses. */
function parts(source: string, separatePieces = false): string[] {
  const expr = parse(source, separatePieces);
  if (expr.kind === "String") return [expr.value];
  if (expr.kind !== "Interpolation") throw new Error(expr.kind);
  return expr.parts.map((part) =>
    part.kind === "String" ? part.value : part.kind === "Var" ? `(${part.name})` : part.kind,
  );
}

test.each([
  ["''''", [""]],
  ["''a''", ["a"]],
  ["''\n''", [""]],
  ["''\n  a\n    b\n  ''", ["a\n  b\n"]],
  ["''\n  a\n    b''", ["a\n  b"]],
  // the rest of the first line is dropped only when it is spaces
  ["''   \n  a\n''", ["a\n"]],
  ["'' a\n  b\n''", ["a\n b\n"]],
  // lines of spaces alone do not count, but lose what there is to lose
  ["''\n  a\n\n \n   \n  b\n''", ["a\n\n\n \nb\n"]],
  // a tab is text
  ["''\n\ta\n  b\n''", ["\ta\n  b\n"]],
  ["''\n  a\n \t\n''", [" a\n\t\n"]],
  // CR stays, and a CR LF after the quotes is no line end to eat
  ["''\r\n  a\r\n  ''", ["\r\n  a\r\n"]],
  ["''\n  a\r\n  ''", ["a\r\n"]],
  // the last line goes when it is only spaces
  ["''\n  a\n      ''", ["a\n"]],
  ["''  ''", [""]],
  ["''\n    \n  ''", ["\n"]],
])("stripping of %j", (source, expected) => expect(parts(source)).toEqual(expected));

test.each([
  ["''a''$b''", ["a$b"]],
  ["''a''${b}''", ["a${b}"]],
  ["''a$${b}''", ["a$${b}"]],
  ["''a$$${b}''", ["a$$", "(b)"]],
  ["''a'''b''", ["a''b"]],
  ["''a''\\nb''\\tc''\\\\d''\\ae''", ["a\nb\tc\\dae"]],
  ["''a\\n''", ["a\\n"]],
  ["''$''", ["$"]],
  ["'''$a''", ["'$a"]],
  ["''a'b''", ["a'b"]],
  ["''a' ''", ["a' "]],
  ["''''\\${a}''", ["${a}"]],
])("escapes in %j", (source, expected) => expect(parts(source)).toEqual(expected));

test.each([
  ["''${a}''", ["(a)"]],
  // a line that starts with an interpolation or an escape counts with its spaces
  ["''\n  ${a}\n    b\n''", ["(a)", "\n  b\n"]],
  ["''\n    x\n  ${a}\n''", ["  x\n", "(a)", "\n"]],
  ["''\n    x\n  ''$y\n''", ["  x\n$y\n"]],
  ["''\n    x\n''${a}\n''", ["    x\n${a}\n"]],
  ["''\n  a${b}\n    c\n  ''", ["a", "(b)", "\n  c\n"]],
  ["''  ${a}  ''", ["(a)", "  "]],
])("interpolation in %j", (source, expected) => expect(parts(source)).toEqual(expected));

test("pieces are kept apart on demand, as Nix prints them", () => {
  expect(parts("''a''$b'''c''", true)).toEqual(["a", "$", "b", "''", "c"]);
  expect(parts("''a''", true)).toEqual(["a"]);
  expect(parts("''''$''", true)).toEqual(["$"]);
  expect(parts("''\n  ${a}''$''", true)).toEqual(["(a)", "$"]);
});

test("an interpolated literal alone is that text", () => {
  expect(parts("''${\"a\"}''")).toEqual(["a"]);
  expect(parts("''\n  ${''b''}''", true)).toEqual(["b"]);
});

test("as an attribute name, several pieces of text are not static", () => {
  expect(parse("{ ${''a''} = 1; }")).toMatchObject({ attrs: [{ name: "a" }], dynamic: [] });
  expect(parse("{ ${''a''$b''} = 1; }")).toMatchObject({ attrs: [], dynamic: [{}] });
  expect(parse("{ ${''${\"a\"}''} = 1; }")).toMatchObject({ attrs: [{ name: "a" }], dynamic: [] });
});

test("positions: parts start at their text or their `${`", () => {
  const expr = parse("''\n  ab${c}\n  ''");
  if (expr.kind !== "Interpolation") throw new Error(expr.kind);
  expect([expr.start, expr.end]).toEqual([0, 16]);
  expect(expr.partStarts).toEqual([3, 7, 11]);
  expect(expr.parts.map((part) => [part.start, part.end])).toEqual([
    [3, 7],
    [9, 10],
    [11, 14],
  ]);
});
