/**
 * The expressions that stand directly inside an expression, in source order. Attribute sets are seen as
 * written, by their `bindings`, and not as meant after merging (`attrs`, which scope analysis walks).
 */
import type { AttrName, AttrSet, Expr } from "./ast.ts";

/** Calls `visit` for every expression that stands directly inside `expr` in the text. */
export function writtenChildren(expr: Expr, visit: (child: Expr) => void): void {
  if (expr.kind === "AttrSet") writtenInSet(expr, visit);
  else if (expr.kind === "Let") {
    writtenInSet(expr.attrs, visit);
    visit(expr.body);
  } else simpleChildren(expr, visit);
}

function writtenInSet(set: AttrSet, visit: (child: Expr) => void): void {
  for (const binding of set.bindings) {
    if (binding.kind === "Inherit") {
      if (binding.from) visit(binding.from);
      visitNames(binding.names, visit);
    } else {
      visitNames(binding.path, visit);
      visit(binding.value);
    }
  }
}

function visitNames(names: readonly AttrName[], visit: (child: Expr) => void): void {
  for (const name of names) if (name.expr) visit(name.expr);
}

/** The children of every expression but `AttrSet` and `Let`, which have the two views. */
export function simpleChildren(expr: Expr, visit: (child: Expr) => void): void {
  switch (expr.kind) {
    case "Interpolation":
    case "PathInterpolation":
      for (const part of expr.parts) visit(part);
      return;
    case "Select":
      visit(expr.subject);
      visitNames(expr.path, visit);
      if (expr.fallback) visit(expr.fallback);
      return;
    case "HasAttr":
      visit(expr.subject);
      visitNames(expr.path, visit);
      return;
    case "Call":
      visit(expr.fn);
      for (const arg of expr.args) visit(arg);
      return;
    case "Lambda":
      for (const formal of expr.formals?.items ?? []) if (formal.fallback) visit(formal.fallback);
      visit(expr.body);
      return;
    case "With":
      visit(expr.scope);
      visit(expr.body);
      return;
    case "If":
      visit(expr.condition);
      visit(expr.then);
      visit(expr.otherwise);
      return;
    case "Assert":
      visit(expr.condition);
      visit(expr.body);
      return;
    case "List":
      for (const item of expr.items) visit(item);
      return;
    case "Unary":
      visit(expr.operand);
      return;
    case "Binary":
      visit(expr.left);
      visit(expr.right);
      return;
    default:
      return;
  }
}
