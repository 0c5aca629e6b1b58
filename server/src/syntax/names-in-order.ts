/** The names in an expression in the order in which Nix comes to know them while it parses. */
import type { AttrName, AttrSet, Expr, Lambda } from "./ast.ts";
import { simpleChildren } from "./children.ts";

/** Calls `visit` for every name, repeated ones too. It is the order of the text but for functions. */
export function namesInOrder(expr: Expr, visit: (name: string) => void): void {
  const names = (path: readonly AttrName[]) => {
    for (const { name, expr: computed } of path) {
      if (name !== null) visit(name);
      else if (computed !== null) walk(computed);
    }
  };
  const bindings = (set: AttrSet) => {
    for (const binding of set.bindings) {
      if (binding.kind === "Inherit") {
        if (binding.from) walk(binding.from);
        names(binding.names);
      } else {
        names(binding.path);
        walk(binding.value);
      }
    }
  };
  // Nix makes a function when it has read its body, and a formal when it has read its default.
  const lambda = ({ formals, body, param }: Lambda) => {
    for (const { name, fallback } of formals?.items ?? []) {
      if (fallback !== null) walk(fallback);
      visit(name);
    }
    walk(body);
    if (param !== null) visit(param);
  };
  const walk = (node: Expr): void => {
    switch (node.kind) {
      case "Var":
        visit(node.name);
        return;
      case "Select":
        walk(node.subject);
        names(node.path);
        if (node.fallback !== null) walk(node.fallback);
        return;
      case "HasAttr":
        walk(node.subject);
        names(node.path);
        return;
      case "Lambda":
        lambda(node);
        return;
      case "AttrSet":
        bindings(node);
        return;
      case "Let":
        bindings(node.attrs);
        walk(node.body);
        return;
      default:
        simpleChildren(node, walk);
    }
  };
  walk(expr);
}
