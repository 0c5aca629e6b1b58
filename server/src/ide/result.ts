/** What a file is for: its result, and the attributes of a result that is written as a set. */
import { bytesToText } from "../base/bytes.ts";
import type { Span } from "../scope/bindings.ts";
import type { AttrSet, Expr } from "../syntax/ast.ts";

export interface ResultPart {
  /** Where it is named, or begins. */
  readonly place: Span;
  readonly value: Expr;
  /** Names that lead to it from the file's value; empty for the value itself. */
  readonly attributePath: readonly string[];
  /** Of a flake: what a function gives for each system, whose name is missing in the path. */
  readonly isPerSystem: boolean;
}

/** Sets inside sets are looked at to this depth: `devShells.x86_64-linux.default`. */
const DEPTH = 4;

/** The expression that is left when functions, `let`, `with` and `assert` are looked through. */
export function resultExpression(root: Expr): Expr {
  let expr = root;
  for (;;) {
    if (expr.kind === "Lambda" || expr.kind === "Let" || expr.kind === "With") expr = expr.body;
    else if (expr.kind === "Assert") expr = expr.body;
    else return expr;
  }
}

/** The result, or of a set its attributes as they are written, in source order. */
export function resultOf(root: Expr): ResultPart[] {
  const found: ResultPart[] = [];
  const add = (
    place: Span,
    value: Expr,
    attributePath: readonly string[],
    isPerSystem = false,
  ): void => {
    const expr = resultExpression(value);
    const each = isPerSystem ? null : perSystemSet(expr, attributePath);
    const set = each ?? expr;
    if (set.kind !== "AttrSet" || attributePath.length >= DEPTH) {
      found.push({ place, value, attributePath, isPerSystem });
      return;
    }
    for (const binding of set.bindings) {
      if (binding.kind === "Inherit") continue;
      const names = binding.path.map(({ name }) => name);
      if (names.includes(null)) continue;
      const path = [...attributePath, ...names.map((name) => bytesToText(name ?? ""))];
      const isPart = path[0] === "outputs" && path[1] === "perSystem";
      if (isPart) path.splice(1, 1);
      const within = isPerSystem || isPart || each !== null;
      add({ start: binding.start, end: binding.value.start }, binding.value, path, within);
    }
  };
  const result = resultExpression(root);
  add({ start: result.start, end: result.end }, result, []);
  return found;
}

/**
 * `outputs = eachSystem (system: { … })` or `packages = …`: the set that the function gives, or that
 * flake-parts is given; null when there is none.
 */
function perSystemSet(expr: Expr, [first, ...rest]: readonly string[]): AttrSet | null {
  if (first !== "outputs" || rest.length > 1 || expr.kind !== "Call") return null;
  const last = expr.args.at(-1);
  if (last === undefined || (last.kind !== "Lambda" && rest.length > 0)) return null;
  const set = resultExpression(last);
  return set.kind === "AttrSet" && set.bindings.length > 0 ? set : null;
}
