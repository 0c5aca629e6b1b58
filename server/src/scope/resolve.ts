/**
 * Static resolution of variables, as Nix does it before evaluation (nix-semantics 2.4).
 *
 * Every environment of the run-time has a static twin here. A lambda, a `let`, a `rec` set and a `with`
 * each make one. Slots are numbered from 1 (slot 0 is the parent):
 * - lambda: the argument's name if it has one, then the formals in source order;
 * - `let` and `rec`: the attributes in `attrs` order;
 * - `with`: one slot, the set.
 *
 * A lexical binding always beats a `with`; the names of the global scope count as lexical.
 * Deep chains of operators are walked with an explicit stack where parsers make them deep (left operands).
 */
import type { ByteString } from "../base/bytes.ts";
import type { AttrName, AttrSet, Expr, SyntaxProblem, Var, With } from "../syntax/ast.ts";

interface StaticScope {
  up: StaticScope | null;
  /** name -> slot; null for a `with`. */
  vars: Map<ByteString, number> | null;
  with: With | null;
}

export interface Resolution {
  /** Undefined variables in the order in which Nix would meet them. */
  problems: SyntaxProblem[];
}

const OPERATOR_FUNCTION: Partial<Record<string, string>> = {
  "-": "__sub",
  "*": "__mul",
  "/": "__div",
  "<": "__lessThan",
  "<=": "__lessThan",
  ">": "__lessThan",
  ">=": "__lessThan",
};

class Resolver {
  readonly problems: SyntaxProblem[] = [];
  readonly globals: { has(name: ByteString): boolean };
  /** True once a scope binds one of the names that operators and `<x>` stand for. */
  #shadowsOperators = false;

  constructor(globals: { has(name: ByteString): boolean }) {
    this.globals = globals;
  }

  scope(up: StaticScope | null, names: readonly ByteString[]): StaticScope {
    const vars = new Map<ByteString, number>();
    for (let i = 0; i < names.length; i++) {
      const name = names[i] as ByteString;
      if (name.charCodeAt(0) === 0x5f && name.charCodeAt(1) === 0x5f) this.#shadowsOperators = true;
      vars.set(name, i + 1);
    }
    return { up, vars, with: null };
  }

  variable(node: Var, scope: StaticScope | null): void {
    const name = node.name;
    let level = 0;
    let withLevel = -1;
    let innermost: With | null = null;
    for (let s = scope; s !== null; s = s.up, level++) {
      if (s.vars === null) {
        if (innermost === null) {
          innermost = s.with;
          withLevel = level;
        }
        continue;
      }
      const slot = s.vars.get(name);
      if (slot !== undefined) {
        node.level = level;
        node.slot = slot;
        return;
      }
    }
    if (this.globals.has(name)) return;
    if (innermost !== null) {
      node.fromWith = innermost;
      node.level = withLevel;
      return;
    }
    this.problems.push({
      start: node.start,
      end: node.end,
      code: "undefined-variable",
      message: `undefined variable '${name}'`,
    });
  }

  /** The variable `name` at this place when a scope of the file binds it, else null. */
  shadowed(name: string, at: Expr, scope: StaticScope | null): Var | null {
    if (!this.#shadowsOperators) return null;
    let level = 0;
    for (let s = scope; s !== null; s = s.up, level++) {
      const slot = s.vars?.get(name);
      if (slot !== undefined) {
        const { start, end } = at;
        return { kind: "Var", start, end, name, level, slot, fromWith: null };
      }
    }
    return null;
  }

  path(path: AttrName[], scope: StaticScope | null): void {
    for (const step of path) if (step.expr !== null) this.visit(step.expr, scope);
  }

  attrs(set: AttrSet, outer: StaticScope | null): StaticScope | null {
    const inner = set.recursive
      ? this.scope(
          outer,
          set.attrs.map((attr) => attr.name),
        )
      : outer;
    for (const from of set.inheritFrom) this.visit(from, inner);
    for (const attr of set.attrs) {
      if (attr.how === "plain") this.visit(attr.value, inner);
      else if (attr.how === "inherited") this.visit(attr.value, outer);
    }
    for (const attr of set.dynamic) {
      this.visit(attr.nameExpr, inner);
      this.visit(attr.value, inner);
    }
    return inner;
  }

  visit(expr: Expr, scope: StaticScope | null): void {
    switch (expr.kind) {
      case "Var":
        this.variable(expr, scope);
        return;
      case "Interpolation":
      case "PathInterpolation":
        for (const part of expr.parts) this.visit(part, scope);
        return;
      case "SearchPath": {
        const findFile = this.shadowed("__findFile", expr, scope);
        const nixPath = this.shadowed("__nixPath", expr, scope);
        if (findFile !== null || nixPath !== null) expr.vars = { findFile, nixPath };
        return;
      }
      case "Select":
        this.visit(expr.subject, scope);
        this.path(expr.path, scope);
        if (expr.fallback !== null) this.visit(expr.fallback, scope);
        return;
      case "HasAttr":
        this.visit(expr.subject, scope);
        this.path(expr.path, scope);
        return;
      case "Call":
        this.visit(expr.fn, scope);
        for (const arg of expr.args) this.visit(arg, scope);
        return;
      case "Lambda": {
        const names: ByteString[] = expr.param === null ? [] : [expr.param];
        const formals = expr.formals;
        if (formals !== null) for (const formal of formals.items) names.push(formal.name);
        const inner = this.scope(scope, names);
        if (formals !== null) {
          for (const formal of formals.items)
            if (formal.fallback !== null) this.visit(formal.fallback, inner);
        }
        this.visit(expr.body, inner);
        return;
      }
      case "AttrSet":
        this.attrs(expr, scope);
        return;
      case "Let":
        this.visit(expr.body, this.attrs(expr.attrs, scope));
        return;
      case "With": {
        this.visit(expr.scope, scope);
        let level = 1;
        for (let s = scope; s !== null; s = s.up, level++) {
          if (s.with !== null) {
            expr.parentWith = s.with;
            expr.parentLevel = level;
            break;
          }
        }
        this.visit(expr.body, { up: scope, vars: null, with: expr });
        return;
      }
      case "If":
        this.visit(expr.condition, scope);
        this.visit(expr.then, scope);
        this.visit(expr.otherwise, scope);
        return;
      case "Assert":
        this.visit(expr.condition, scope);
        this.visit(expr.body, scope);
        return;
      case "List":
        for (const item of expr.items) this.visit(item, scope);
        return;
      case "Unary":
        if (expr.op === "-") expr.fn = this.shadowed("__sub", expr, scope);
        this.visit(expr.operand, scope);
        return;
      case "Binary":
        this.binary(expr, scope);
        return;
      default:
        return;
    }
  }

  /** Chains such as `a ++ b ++ …` nest to thousands; operators are walked without recursion. */
  binary(root: Expr & { kind: "Binary" }, scope: StaticScope | null): void {
    const pending: Expr[] = [root];
    for (let expr = pending.pop(); expr !== undefined; expr = pending.pop()) {
      if (expr.kind !== "Binary") {
        this.visit(expr, scope);
        continue;
      }
      const name = OPERATOR_FUNCTION[expr.op];
      if (name !== undefined) expr.fn = this.shadowed(name, expr, scope);
      // `a > b`, `a <= b` and `a |> b` are calls whose arguments stand the other way round: what is
      // undefined is looked for in that order.
      if (expr.op === ">" || expr.op === "<=" || expr.op === "|>")
        pending.push(expr.left, expr.right);
      else pending.push(expr.right, expr.left);
    }
  }
}

/**
 * Annotates every variable of `expr` with its place and returns what is undefined.
 * @param globals the names of the base environment
 * @param scoped names of one more environment around the file (`scopedImport`), in slot order from 1
 */
export function resolve(
  expr: Expr,
  globals: { has(name: ByteString): boolean },
  scoped: readonly ByteString[] | null = null,
): Resolution {
  const resolver = new Resolver(globals);
  resolver.visit(expr, scoped === null ? null : resolver.scope(null, scoped));
  return { problems: resolver.problems };
}
