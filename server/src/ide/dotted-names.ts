/** `pkgs.python3Packages` as its names: what can be found by name when the text around it has changed. */
import { bytesToText } from "../base/bytes.ts";
import type { AttrName, Expr } from "../syntax/ast.ts";

/** Null for what is no variable and attributes of it. */
export function dottedNames(expr: Expr, more: readonly AttrName[] = []): string[] | null {
  if (expr.kind === "Select" && expr.fallback === null)
    return dottedNames(expr.subject, [...expr.path, ...more]);
  if (expr.kind !== "Var") return null;
  const names = [expr.name, ...more.map(({ name }) => name)];
  return names.every((name) => name !== null) ? names.map((name) => bytesToText(name ?? "")) : null;
}
