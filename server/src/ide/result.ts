/** What a file is for: its result, and the attributes of a result that is written as a set. */
import { bytesToText } from "../base/bytes.ts";
import type { Span } from "../scope/bindings.ts";
import type { Expr } from "../syntax/ast.ts";

export interface ResultPart {
  /** Where it is named, or begins. */
  readonly place: Span;
  readonly value: Expr;
  /** Names that lead to it from the file's value; empty for the value itself. */
  readonly attributePath: readonly string[];
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
  const add = (place: Span, value: Expr, attributePath: readonly string[]): void => {
    const expr = resultExpression(value);
    if (expr.kind !== "AttrSet" || attributePath.length >= DEPTH) {
      found.push({ place, value, attributePath });
      return;
    }
    for (const binding of expr.bindings) {
      if (binding.kind === "Inherit") continue;
      const names = binding.path.map(({ name }) => name);
      if (names.includes(null)) continue;
      const path = [...attributePath, ...names.map((name) => bytesToText(name ?? ""))];
      add({ start: binding.start, end: binding.value.start }, binding.value, path);
    }
  };
  const result = resultExpression(root);
  add({ start: result.start, end: result.end }, result, []);
  return found;
}
