/**
 * Feature: document symbols, the outline of a file. Every binding is a symbol, under the binding it
 * stands in; what is around bindings (functions, `let`, calls) does not show.
 */
import { type ByteString, bytesToText } from "../base/bytes.ts";
import type { AttrName, Binding, Expr } from "../syntax/ast.ts";
import { writtenChildren } from "../syntax/children.ts";
import { showName } from "../syntax/identifiers.ts";
import type { SourceFile } from "./source-file.ts";

/** What a binding's value is, as far as the text shows it. */
export type SymbolKind =
  | "function"
  | "set"
  | "list"
  | "string"
  | "number"
  | "boolean"
  | "null"
  | "path"
  | "variable"
  | "inherited";

export interface DocumentSymbol {
  /** The attribute path as written: `a.b`. */
  readonly name: string;
  readonly kind: SymbolKind;
  /** The whole binding. */
  readonly start: number;
  readonly end: number;
  /** The attribute path. */
  readonly nameStart: number;
  readonly nameEnd: number;
  readonly children: readonly DocumentSymbol[];
}

/** Deeper ones are left out: no outline is read that far in, and clients recurse. */
const DEEPEST = 60;

export function documentSymbols(file: SourceFile): DocumentSymbol[] {
  return symbolsIn(file, file.syntax.expr, 0);
}

/** The outermost bindings inside an expression. */
function symbolsIn(file: SourceFile, root: Expr, depth: number): DocumentSymbol[] {
  const symbols: DocumentSymbol[] = [];
  if (depth > DEEPEST) return symbols;
  const todo: Expr[] = [root];
  for (let expr = todo.pop(); expr; expr = todo.pop()) {
    if (expr.kind === "AttrSet") addBindings(file, expr.bindings, depth, symbols);
    else if (expr.kind === "Let") {
      addBindings(file, expr.attrs.bindings, depth, symbols);
      todo.push(expr.body);
    } else writtenChildren(expr, (child) => todo.push(child));
  }
  return symbols.sort((a, b) => a.start - b.start);
}

function addBindings(
  file: SourceFile,
  bindings: readonly Binding[],
  depth: number,
  symbols: DocumentSymbol[],
): void {
  for (const binding of bindings) {
    if (binding.kind === "Value") {
      const [first, last] = [binding.path[0], binding.path[binding.path.length - 1]];
      if (!first || !last) continue;
      symbols.push({
        name: binding.path.map((step) => stepText(file, step)).join("."),
        kind: kindOf(binding.value),
        start: binding.start,
        end: binding.end,
        nameStart: first.start,
        nameEnd: last.end,
        children: symbolsIn(file, binding.value, depth + 1),
      });
    } else {
      for (const { name, start, end } of binding.names) {
        if (name === null || name === "") continue;
        symbols.push({
          name: bytesToText(showName(name)),
          kind: "inherited",
          start,
          end,
          nameStart: start,
          nameEnd: end,
          children: [],
        });
      }
    }
  }
}

function stepText(file: SourceFile, step: AttrName): string {
  const text: ByteString =
    step.name === null ? file.source.slice(step.start, step.end) : showName(step.name);
  return bytesToText(text);
}

function kindOf(value: Expr): SymbolKind {
  switch (value.kind) {
    case "Lambda":
      return "function";
    case "AttrSet":
      return "set";
    case "List":
      return "list";
    case "String":
    case "Interpolation":
      return "string";
    case "Int":
    case "Float":
      return "number";
    case "Path":
    case "PathInterpolation":
    case "SearchPath":
      return "path";
    case "Var":
      if (value.name === "true" || value.name === "false") return "boolean";
      return value.name === "null" ? "null" : "variable";
    case "Let":
    case "With":
    case "Assert":
      return kindOf(value.body);
    default:
      return "variable";
  }
}
