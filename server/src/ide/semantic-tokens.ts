/**
 * Feature: semantic tokens: what names are. Keywords, strings, numbers and comments are left to the
 * editor's grammar, which paints them before the server has started.
 *
 * Types: `variable` (bound by `let` or `rec`, or from a `with`), `parameter` (of a function),
 * `property` (an attribute's name), `function` (a variable or attribute that is bound to a function,
 * and every builtin function). Modifiers: `declaration` (the name is bound here), `defaultLibrary`
 * (a builtin), `readonly` (a builtin that is no function), `with` (it comes from a `with`).
 */
import type { Definition, Span } from "../scope/bindings.ts";
import type { AttrName, Binding, Expr } from "../syntax/ast.ts";
import { builtinDoc } from "./builtin-docs.ts";
import type { SourceFile } from "./source-file.ts";
import { walk } from "./walk.ts";

export const TOKEN_TYPES = ["variable", "parameter", "property", "function"] as const;
export const TOKEN_MODIFIERS = ["declaration", "defaultLibrary", "readonly", "with"] as const;

export type TokenType = (typeof TOKEN_TYPES)[number];
export type TokenModifier = (typeof TOKEN_MODIFIERS)[number];

export interface SemanticToken extends Span {
  readonly type: TokenType;
  readonly modifiers: readonly TokenModifier[];
}

/** In source order and disjoint; only those that touch `range` when it is given. */
export function semanticTokens(file: SourceFile, range?: Span): SemanticToken[] {
  const tokens = new Map<number, SemanticToken>();
  const wanted = (span: Span) => !range || (span.start <= range.end && range.start <= span.end);
  const add = (span: Span, type: TokenType, modifiers: readonly TokenModifier[]) => {
    const { start, end } = span;
    // Quoted names are strings to the eye.
    if (end <= start || !wanted(span) || isQuoted(file, start)) return;
    tokens.set(start, { start, end, type, modifiers });
  };
  walk(file.syntax.expr, (expr) => {
    if (!wanted(expr)) return false;
    addProperties(expr, add);
    return true;
  });
  for (const definition of file.bindings.definitions) {
    for (const site of definition.sites) add(site, definitionType(definition), DECLARATION);
  }
  for (const reference of file.bindings.references) {
    if (!wanted(reference)) continue;
    const { definition, builtin } = reference;
    if (definition) add(reference, definitionType(definition), NONE);
    else if (builtin !== null) addBuiltin(reference, builtin, add);
    else if (reference.withs.length > 0) add(reference, "variable", FROM_WITH);
  }
  return [...tokens.values()].sort((a, b) => a.start - b.start);
}

type Add = (span: Span, type: TokenType, modifiers: readonly TokenModifier[]) => void;

const NONE: readonly TokenModifier[] = [];
const DECLARATION: readonly TokenModifier[] = ["declaration"];
const FROM_WITH: readonly TokenModifier[] = ["with"];
const BUILTIN: readonly TokenModifier[] = ["defaultLibrary"];
const BUILTIN_CONSTANT: readonly TokenModifier[] = ["defaultLibrary", "readonly"];

function addProperties(expr: Expr, add: Add): void {
  switch (expr.kind) {
    case "AttrSet":
      for (const binding of expr.bindings) addBinding(binding, add);
      return;
    case "Let":
      for (const binding of expr.attrs.bindings) addBinding(binding, add);
      return;
    case "Select": {
      const { subject, path } = expr;
      const isBuiltins = subject.kind === "Var" && subject.name === "builtins";
      for (const [i, step] of path.entries()) {
        if (step.name === null) continue;
        if (i === 0 && isBuiltins && builtinDoc(step.name)) addBuiltin(step, step.name, add);
        else add(step, "property", NONE);
      }
      return;
    }
    case "HasAttr":
      addNames(expr.path, add, NONE);
      return;
    default:
      return;
  }
}

function addBinding(binding: Binding, add: Add): void {
  if (binding.kind === "Inherit") {
    addNames(binding.names, add, binding.from ? DECLARATION : NONE);
    return;
  }
  const { path, value } = binding;
  for (const [i, step] of path.entries()) {
    if (step.name === null) continue;
    const isFunction = i === path.length - 1 && value.kind === "Lambda";
    add(step, isFunction ? "function" : "property", DECLARATION);
  }
}

function addNames(names: readonly AttrName[], add: Add, modifiers: readonly TokenModifier[]): void {
  for (const name of names) if (name.name !== null) add(name, "property", modifiers);
}

function addBuiltin(span: Span, name: string, add: Add): void {
  const isFunction = (builtinDoc(name)?.args.length ?? 0) > 0;
  add(span, isFunction ? "function" : "variable", isFunction ? BUILTIN : BUILTIN_CONSTANT);
}

function definitionType(definition: Definition): TokenType {
  if (definition.kind === "parameter" || definition.kind === "formal") return "parameter";
  if (definition.value?.kind === "Lambda") return "function";
  return definition.kind === "attribute" ? "property" : "variable";
}

function isQuoted(file: SourceFile, start: number): boolean {
  const first = file.source.charCodeAt(start);
  // `"` or `${`
  return first === 34 || first === 36;
}
