/**
 * The text that `nix-instantiate --parse` (2.26) prints for a tree: everything in parentheses, sets
 * sorted by name, operators that are function calls in Nix as such calls, paths absolute.
 *
 * To be exact for `''…''` strings and interpolated paths the tree must be parsed with
 * `separatePieces`, as Nix prints the pieces of such a text one by one. Works without recursion, so
 * that a long chain costs no stack.
 */
import type { ByteString } from "../base/bytes.ts";
import type { AttrName, AttrSet, Expr, Lambda } from "./ast.ts";
import { floatText } from "./float-text.ts";
import { quoteString, showName } from "./identifiers.ts";
import { resolvePathLiteral } from "./path-text.ts";

export interface PrintOptions {
  /** Directory that relative path literals start from, absolute. */
  basePath: ByteString;
  /** What `~` stands for. */
  homeDir: ByteString;
}

/** Text, or an expression that is still to be printed. */
type Item = string | Expr;

/** Prints one expression on one line, as a byte string. */
export function printAst(root: Expr, options: PrintOptions): ByteString {
  const out: string[] = [];
  const stack: Item[] = [root];
  for (;;) {
    const item = stack.pop();
    if (item === undefined) return out.join("");
    if (typeof item === "string") {
      out.push(item);
      continue;
    }
    const items = expand(item, options);
    for (let i = items.length - 1; i >= 0; i--) stack.push(items[i]!);
  }
}

function expand(expr: Expr, options: PrintOptions): Item[] {
  const call = callItems(expr);
  if (call !== null) return ["(", ...joined(call, " "), ")"];
  switch (expr.kind) {
    case "Int":
      return [String(expr.value)];
    case "Float":
      return [floatText(expr.value)];
    case "String":
      return [quoteString(expr.value)];
    case "Path":
      return [resolvePathLiteral(expr.value, options.basePath, options.homeDir)];
    case "Interpolation":
    case "PathInterpolation":
      return ["(", ...joined(expr.parts, " + "), ")"];
    case "Var":
      return [showName(expr.name)];
    case "Select": {
      const items: Item[] = ["(", expr.subject, ").", ...pathItems(expr.path)];
      if (expr.fallback !== null) items.push(" or (", expr.fallback, ")");
      return items;
    }
    case "HasAttr":
      return ["((", expr.subject, ") ? ", ...pathItems(expr.path), ")"];
    case "Lambda":
      return lambdaItems(expr);
    case "AttrSet":
      return [expr.recursive ? "rec { " : "{ ", ...bindingItems(expr), "}"];
    case "Let":
      return ["(let ", ...bindingItems(expr.attrs), "in ", expr.body, ")"];
    case "With":
      return ["(with ", expr.scope, "; ", expr.body, ")"];
    case "If":
      return ["(if ", expr.condition, " then ", expr.then, " else ", expr.otherwise, ")"];
    case "Assert":
      return ["assert ", expr.condition, "; ", expr.body];
    case "List":
      return ["[ ", ...expr.items.flatMap((item) => ["(", item, ") "]), "]"];
    case "Unary":
      return ["(! ", expr.operand, ")"];
    case "Binary":
      // `a <= b` is `!(b < a)` and `a >= b` is `!(a < b)`
      if (expr.op === "<=") return ["(! (__lessThan ", expr.right, " ", expr.left, "))"];
      if (expr.op === ">=") return ["(! (__lessThan ", expr.left, " ", expr.right, "))"];
      return ["(", expr.left, ` ${expr.op} `, expr.right, ")"];
    case "CurPos":
      return ["__curPos"];
    default:
      return ["(missing)"];
  }
}

/** Function and arguments of what is a function call in Nix, with the calls it is merged with; else null. */
function callItems(expr: Expr): Item[] | null {
  switch (expr.kind) {
    case "Call": {
      // `(f x) or` is a call of its own, all others continue the call that their function is
      const first = expr.args[0]!;
      if (first.kind === "Var" && first.name === "or") return [expr.fn, ...expr.args];
      return [...calleeItems(expr.fn), ...expr.args];
    }
    case "SearchPath":
      return ["__findFile", "__nixPath", quoteString(expr.value)];
    case "Unary":
      return expr.op === "-" ? ["__sub", "0", expr.operand] : null;
    case "Binary":
      switch (expr.op) {
        case "-":
          return ["__sub", expr.left, expr.right];
        case "*":
          return ["__mul", expr.left, expr.right];
        case "/":
          return ["__div", expr.left, expr.right];
        case "<":
          return ["__lessThan", expr.left, expr.right];
        case ">":
          return ["__lessThan", expr.right, expr.left];
        case "|>":
          return [...calleeItems(expr.right), expr.left];
        case "<|":
          return [...calleeItems(expr.left), expr.right];
        default:
          return null;
      }
    default:
      return null;
  }
}

function calleeItems(fn: Expr): Item[] {
  return callItems(fn) ?? [fn];
}

function joined(items: readonly Item[], separator: string): Item[] {
  const out: Item[] = [];
  for (const item of items) {
    if (out.length > 0) out.push(separator);
    out.push(item);
  }
  return out;
}

function pathItems(path: readonly AttrName[]): Item[] {
  const out: Item[] = [];
  for (const { name, expr } of path) {
    if (out.length > 0) out.push(".");
    if (name !== null) out.push(showName(name));
    else out.push('"${', expr as Expr, '}"');
  }
  return out;
}

function lambdaItems(expr: Lambda): Item[] {
  const out: Item[] = ["("];
  if (expr.formals !== null) {
    out.push("{ ");
    const sorted = expr.formals.items.slice().sort((a, b) => compareBytes(a.name, b.name));
    let first = true;
    for (const { name, fallback } of sorted) {
      out.push(first ? showName(name) : `, ${showName(name)}`);
      first = false;
      if (fallback !== null) out.push(" ? ", fallback);
    }
    if (expr.formals.ellipsis) out.push(first ? "..." : ", ...");
    out.push(expr.param === null ? " }" : " } @ ");
  }
  if (expr.param !== null) out.push(showName(expr.param));
  out.push(": ", expr.body, ")");
  return out;
}

/** The attributes: plain inherits, then `inherit (e)` in order, then values, then dynamic names. */
function bindingItems(set: AttrSet): Item[] {
  const sorted = set.attrs.slice().sort((a, b) => compareBytes(a.name, b.name));
  const out: Item[] = [];
  const inherited = sorted.filter((def) => def.how === "inherited");
  if (inherited.length > 0) {
    out.push(`inherit ${inherited.map((def) => showName(def.name)).join(" ")}; `);
  }
  const byFrom = new Map<number, string[]>();
  for (const def of sorted) {
    if (def.how !== "from") continue;
    const names = byFrom.get(def.from);
    if (names === undefined) byFrom.set(def.from, [showName(def.name)]);
    else names.push(showName(def.name));
  }
  for (const from of [...byFrom.keys()].sort((a, b) => a - b)) {
    out.push("inherit (", set.inheritFrom[from]!, `) ${byFrom.get(from)?.join(" ")}; `);
  }
  for (const def of sorted) {
    if (def.how === "plain") out.push(`${showName(def.name)} = `, def.value, "; ");
  }
  for (const { nameExpr, value } of set.dynamic) out.push('"${', nameExpr, '}" = ', value, "; ");
  return out;
}

function compareBytes(a: ByteString, b: ByteString): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
