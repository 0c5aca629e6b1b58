/**
 * What an expression is, as far as the text of its file shows without evaluating: for completion,
 * definitions and hover where no evaluation has been.
 *
 * It never guesses: names are followed to their definitions, selections into set literals, `//` is
 * the union of both sides, and a call of a function written here is its body. Whatever needs more
 * is unknown. A function's result counts for any arguments, so a value is a likely one, no proof.
 */
import type { ByteString } from "../base/bytes.ts";
import type { Bindings, Span } from "../scope/bindings.ts";
import { BUILTIN_NAMES } from "../scope/global-names.ts";
import type { AttrDef, AttrName, AttrSet, Expr, Lambda, With } from "../syntax/ast.ts";
import type { SourceFile } from "./source-file.ts";

export type StaticValue =
  /** Set literals, those that win last; incomplete when there may be more attributes. */
  | { readonly kind: "set"; readonly layers: readonly AttrSet[]; readonly complete: boolean }
  | { readonly kind: "builtins" }
  | { readonly kind: "builtin"; readonly name: string }
  | { readonly kind: "lambda"; readonly lambda: Lambda }
  | { readonly kind: "literal"; readonly expr: Expr };

/** One attribute of a static set. */
export interface StaticAttribute {
  readonly name: ByteString;
  /** Where its name stands, in the file; null for a builtin. */
  readonly site: Span | null;
  readonly value: () => StaticValue | null;
  /** The expression it is bound to, when it is bound to one. */
  readonly expr: Expr | null;
}

/** How many steps are followed; ends loops like `let a = b; b = a; in a`. */
const FUEL = 64;

/** What an expression is, or null when the text does not show it. */
export function staticValue(file: SourceFile, expr: Expr): StaticValue | null {
  return new Follower(file.bindings, file.source).value(expr, FUEL);
}

/** The attributes of a static value by name; empty for what is no set. */
export function staticAttributes(
  file: SourceFile,
  value: StaticValue | null,
): Map<ByteString, StaticAttribute> {
  return new Follower(file.bindings, file.source).attributes(value, FUEL);
}

class Follower {
  readonly #bindings: Bindings;
  readonly #source: ByteString;

  constructor(bindings: Bindings, source: ByteString) {
    this.#bindings = bindings;
    this.#source = source;
  }

  value(expr: Expr, fuel: number): StaticValue | null {
    if (fuel <= 0) return null;
    switch (expr.kind) {
      case "AttrSet":
        return { kind: "set", layers: [expr], complete: expr.dynamic.length === 0 };
      case "Lambda":
        return { kind: "lambda", lambda: expr };
      case "Let":
      case "With":
      case "Assert":
        return this.value(expr.body, fuel - 1);
      case "If":
        return union(this.value(expr.then, fuel - 1), this.value(expr.otherwise, fuel - 1), false);
      case "Binary":
        if (expr.op !== "//") return null;
        return union(this.value(expr.left, fuel - 1), this.value(expr.right, fuel - 1), true);
      case "Var":
        return this.#name(expr, fuel - 1);
      case "Select":
        return this.#select(this.value(expr.subject, fuel - 1), expr.path, fuel - 1);
      case "Call":
        return this.#call(this.value(expr.fn, fuel - 1), expr.args.length, fuel - 1);
      case "Int":
      case "Float":
      case "String":
      case "Interpolation":
      case "Path":
      case "PathInterpolation":
      case "List":
        return { kind: "literal", expr };
      default:
        return null;
    }
  }

  attributes(value: StaticValue | null, fuel: number): Map<ByteString, StaticAttribute> {
    const found = new Map<ByteString, StaticAttribute>();
    if (value?.kind === "builtins") {
      for (const name of BUILTIN_NAMES) found.set(name, builtinAttribute(name));
    }
    if (value?.kind === "set") {
      for (const set of value.layers) {
        for (const attr of set.attrs) found.set(attr.name, this.#attribute(set, attr, fuel));
      }
    }
    return found;
  }

  #attribute(set: AttrSet, attr: AttrDef, fuel: number): StaticAttribute {
    const from = attr.how === "from" ? (set.inheritFrom[attr.from] ?? null) : null;
    return {
      name: attr.name,
      site: nameSpan(this.#source, attr),
      expr: attr.how === "from" ? null : attr.value,
      value: () => {
        if (attr.how !== "from") return this.value(attr.value, fuel - 1);
        return from ? this.#step(this.value(from, fuel - 1), attr.name, fuel - 1) : null;
      },
    };
  }

  #name(expr: Extract<Expr, { kind: "Var" }>, fuel: number): StaticValue | null {
    const reference = this.#bindings.referenceOf(expr);
    if (!reference) return null;
    const { definition, builtin } = reference;
    if (definition) {
      if (definition.value) return this.value(definition.value, fuel);
      const from = definition.inheritedFrom;
      return from ? this.#step(this.value(from, fuel), definition.name, fuel) : null;
    }
    if (builtin !== null) return builtinValue(builtin);
    return this.#fromWiths(reference.withs, expr.name, fuel);
  }

  #fromWiths(withs: readonly With[], name: ByteString, fuel: number): StaticValue | null {
    for (const node of withs) {
      const scope = this.value(node.scope, fuel);
      const attribute = this.attributes(scope, fuel).get(name);
      if (attribute) return attribute.value();
      // What is not known completely may have the name and would win.
      if (!isComplete(scope)) return null;
    }
    return null;
  }

  #select(
    subject: StaticValue | null,
    path: readonly AttrName[],
    fuel: number,
  ): StaticValue | null {
    let value = subject;
    for (const step of path) {
      if (step.name === null) return null;
      value = this.#step(value, step.name, fuel);
    }
    return value;
  }

  #step(value: StaticValue | null, name: ByteString, fuel: number): StaticValue | null {
    if (fuel <= 0) return null;
    return this.attributes(value, fuel).get(name)?.value() ?? null;
  }

  #call(fn: StaticValue | null, args: number, fuel: number): StaticValue | null {
    if (fn?.kind !== "lambda" || fuel <= 0) return null;
    const result = this.value(fn.lambda.body, fuel - 1);
    return args > 1 ? this.#call(result, args - 1, fuel - 1) : result;
  }
}

function union(
  left: StaticValue | null,
  right: StaticValue | null,
  both: boolean,
): StaticValue | null {
  const sets = [left, right].filter((value) => value?.kind === "set");
  if (sets.length === 0) return null;
  return {
    kind: "set",
    layers: sets.flatMap((set) => set.layers),
    complete: both && sets.length === 2 && sets.every((set) => set.complete),
  };
}

export function isComplete(value: StaticValue | null): boolean {
  return value?.kind === "builtins" || (value?.kind === "set" && value.complete);
}

function builtinValue(name: string): StaticValue {
  return name === "builtins" ? { kind: "builtins" } : { kind: "builtin", name };
}

function builtinAttribute(name: string): StaticAttribute {
  return { name, site: null, expr: null, value: () => builtinValue(name) };
}

/** Where an attribute's own name stands; `AttrDef` of `a.b` starts at `a`. */
function nameSpan(source: ByteString, attr: AttrDef): Span {
  const start = attr.end - attr.name.length;
  if (source.slice(start, attr.end) === attr.name) return { start, end: attr.end };
  const quoted = start - 2;
  if (source.slice(quoted, attr.end) === `"${attr.name}"`) return { start: quoted, end: attr.end };
  return { start: attr.start, end: attr.end };
}
