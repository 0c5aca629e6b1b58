import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { mutateTokens, type Pick, randomExpression, tokenSoup } from "../testing/random-nix.ts";
import type { Expr } from "./ast.ts";
import { writtenChildren } from "./children.ts";
import { skipTrivia } from "./lexer.ts";
import { parseNix } from "./parser.ts";
import { printAst } from "./print-ast.ts";

const pick = fc.gen().map(
  (gen): Pick =>
    (count) =>
      gen(fc.nat, { max: count - 1 }),
);
const soup = pick.map((choose) => tokenSoup(choose, 12));
const expression = pick.map((choose) => randomExpression(choose, 3));
const mutated = pick.map((choose) => mutateTokens(choose, randomExpression(choose, 3)));

/** What is wrong with the ranges of a tree, or "". */
function rangeProblem(source: string, root: Expr): string {
  let problem = "";
  const visit = (expr: Expr, from: number, to: number): void => {
    const { start, end } = expr;
    // the text parts of strings may begin with spaces
    const onToken = expr.kind === "String" || skipTrivia(source, start) === start;
    if (start < from || end > to || end <= start || !onToken) {
      problem ||= `${expr.kind} ${start}-${end} in ${from}-${to}`;
    }
    if (expr.kind === "Var" && source.slice(start, end) !== expr.name) problem ||= expr.name;
    if (expr.kind === "Path" && source.slice(start, end) !== expr.value) problem ||= expr.value;
    writtenChildren(expr, (child) => visit(child, start, end));
  };
  visit(root, 0, source.length);
  return problem;
}

function check(source: string): void {
  const { expr, problem } = parseNix(source);
  if (problem !== null) {
    expect(problem.start).toBeGreaterThanOrEqual(0);
    expect(problem.end).toBeGreaterThanOrEqual(problem.start);
    expect(problem.end).toBeLessThanOrEqual(source.length);
    expect(problem.message).not.toBe("");
    return;
  }
  expect(rangeProblem(source, expr)).toBe("");
  const options = { basePath: "/base", homeDir: "/home" };
  expect(printAst(expr, options)).not.toBe("");
  // the same pieces, joined or not, and the same tree behind comments
  const apart = parseNix(`/* c */ ${source}`, { separatePieces: true });
  expect(apart.problem).toBeNull();
}

describe("any text gives a tree or a problem inside the text", () => {
  test("soup", () => fc.assert(fc.property(soup, check), { numRuns: 600 }));
  test("mutated expressions", () => fc.assert(fc.property(mutated, check), { numRuns: 300 }));
  test("expressions", () => fc.assert(fc.property(expression, check), { numRuns: 300 }));
  test("bytes", () => {
    const bytes = fc
      .array(fc.integer({ min: 0, max: 255 }), { maxLength: 20 })
      .map((codes) => String.fromCharCode(...codes));
    fc.assert(fc.property(bytes, check), { numRuns: 300 });
  });
});

test("most random expressions are accepted, so the properties are not empty", () => {
  let accepted = 0;
  for (const source of fc.sample(expression, { numRuns: 300, seed: 1 })) {
    if (parseNix(source).problem === null) accepted++;
  }
  expect(accepted).toBeGreaterThan(100);
});

test("redundant parentheses around the whole change positions only", () => {
  fc.assert(
    fc.property(expression, (source) => {
      const plain = parseNix(source);
      const wrapped = parseNix(`(${source}\n)`);
      expect(wrapped.problem === null).toBe(plain.problem === null);
      if (plain.expr !== null && wrapped.expr !== null) {
        const options = { basePath: "/", homeDir: "/" };
        expect(printAst(wrapped.expr, options)).toBe(printAst(plain.expr, options));
      }
    }),
    { numRuns: 200 },
  );
});
