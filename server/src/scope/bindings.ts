/**
 * What the names of one file mean, for the editor: every definition with its places and uses, every
 * use with its definition, and which names can be used at a given place.
 *
 * The evaluator has its own resolution (`resolve.ts`, environments and slots); this one keeps what the
 * editor asks for and works on trees with holes. Both follow the same rules: a lexical binding beats
 * a global name, a global name beats a `with`, and an inner `with` beats an outer one.
 * All offsets are bytes. Nothing here recurses, so depth of the text is no danger.
 */
import type { ByteString } from "../base/bytes.ts";
import type { AttrDef, AttrName, AttrSet, Expr, Lambda, Var, With } from "../syntax/ast.ts";
import { simpleChildren } from "../syntax/children.ts";
import { builtinOfGlobal } from "./global-names.ts";

export interface Span {
  readonly start: number;
  readonly end: number;
}

/** `let`: a name of a `let`. `attribute`: of a `rec` set. `parameter`: `x: …`. `formal`: `{ x }: …`. */
export type DefinitionKind = "let" | "attribute" | "parameter" | "formal";

export interface Definition {
  readonly kind: DefinitionKind;
  readonly name: ByteString;
  /** Every place that defines it, in source order: `a.b = 1; a.c = 2;` defines `a` twice. */
  readonly sites: Span[];
  /** What it is bound to, where that is written: a binding's value, a formal's default. */
  readonly value: Expr | null;
  /** The `e` of `inherit (e) name`. */
  readonly inheritedFrom: Expr | null;
  readonly scope: Scope;
  /** In source order. */
  readonly references: Reference[];
}

/** One use of a name. */
export interface Reference extends Span {
  readonly name: ByteString;
  /** The definition in this file. */
  readonly definition: Definition | null;
  /** Without a definition: the attribute of `builtins` that the global name stands for. */
  readonly builtin: string | null;
  /** With neither: the enclosing `with`s that may give it, innermost first. Empty: it is undefined. */
  readonly withs: readonly With[];
  /** The scope in which it stands. */
  readonly scope: Scope;
}

/** A part of the text in which some names can be used. */
export interface Scope extends Span {
  readonly kind: "file" | "let" | "rec" | "lambda" | "with";
  readonly parent: Scope | null;
  /** In source order; a scope's children do not overlap. */
  readonly children: Scope[];
  readonly names: ReadonlyMap<ByteString, Definition>;
  /** Set for kind `with`. */
  readonly with: With | null;
}

export interface Bindings {
  /** In source order of their first site. */
  readonly definitions: readonly Definition[];
  /** In source order. */
  readonly references: readonly Reference[];
  readonly file: Scope;
  /** The use of a name at an offset (its end included, for a cursor behind it). */
  referenceAt(offset: number): Reference | null;
  /** The use that starts at exactly this offset: the one that a `Var` node is. */
  referenceOf(node: Var): Reference | null;
  /** The definition one of whose sites covers an offset (its end included). */
  definitionAt(offset: number): Definition | null;
  /** The innermost scope at an offset. */
  scopeAt(offset: number): Scope;
}

/** Analyses a whole file of `length` bytes. */
export function analyzeBindings(root: Expr, length: number): Bindings {
  const builder = new Builder(length);
  builder.run(root);
  return new FileBindings(builder);
}

interface MutableScope extends Scope {
  names: Map<ByteString, Definition>;
  parent: MutableScope | null;
  children: Scope[];
}

class Builder {
  readonly definitions: Definition[] = [];
  readonly references: Reference[] = [];
  readonly file: MutableScope;
  /** Pairs that are still to be walked; the next one is last. */
  readonly #todo: { expr: Expr; scope: MutableScope }[] = [];

  constructor(length: number) {
    this.file = newScope("file", { start: 0, end: length }, null, null);
  }

  run(root: Expr): void {
    this.#todo.push({ expr: root, scope: this.file });
    for (let next = this.#todo.pop(); next; next = this.#todo.pop()) {
      this.#visit(next.expr, next.scope);
    }
    const byStart = (a: Span, b: Span) => a.start - b.start;
    this.references.sort(byStart);
    for (const reference of this.references) {
      reference.definition?.references.push(reference);
    }
    for (const definition of this.definitions) definition.sites.sort(byStart);
    this.definitions.sort((a, b) => firstSite(a).start - firstSite(b).start);
    sortScopes(this.file);
  }

  #visit(expr: Expr, scope: MutableScope): void {
    switch (expr.kind) {
      case "Var":
        this.references.push(resolve(expr, scope));
        return;
      case "AttrSet":
        this.#attrs(expr, scope, expr.recursive ? this.#scope("rec", expr, scope) : scope);
        return;
      case "Let": {
        const inner = this.#scope("let", expr, scope);
        this.#attrs(expr.attrs, scope, inner);
        this.#todo.push({ expr: expr.body, scope: inner });
        return;
      }
      case "Lambda":
        this.#lambda(expr, scope);
        return;
      case "With": {
        this.#todo.push({ expr: expr.scope, scope });
        const region = { start: Math.max(expr.scope.end, expr.start), end: expr.end };
        this.#todo.push({ expr: expr.body, scope: this.#scope("with", region, scope, expr) });
        return;
      }
      default:
        simpleChildren(expr, (child) => this.#todo.push({ expr: child, scope }));
    }
  }

  #scope(
    kind: Scope["kind"],
    span: Span,
    parent: MutableScope,
    node: With | null = null,
  ): MutableScope {
    const scope = newScope(kind, span, parent, node);
    parent.children.push(scope);
    return scope;
  }

  #attrs(set: AttrSet, outer: MutableScope, inner: MutableScope): void {
    if (inner !== outer) this.#defineAttrs(set, inner);
    for (const from of set.inheritFrom) this.#todo.push({ expr: from, scope: inner });
    for (const attr of set.attrs) {
      if (attr.how === "from") continue;
      this.#todo.push({ expr: attr.value, scope: attr.how === "inherited" ? outer : inner });
    }
    for (const attr of set.dynamic) {
      this.#todo.push({ expr: attr.nameExpr, scope: inner });
      this.#todo.push({ expr: attr.value, scope: inner });
    }
  }

  #defineAttrs(set: AttrSet, scope: MutableScope): void {
    const kind = scope.kind === "let" ? "let" : "attribute";
    for (const attr of set.attrs) {
      this.#define(scope, kind, attr.name, attr, attrValue(attr), inheritSource(set, attr));
    }
    // Every further place that names the attribute: `a.b = 1; a.c = 2;`.
    for (const binding of set.bindings) {
      if (binding.kind !== "Value") continue;
      const first = binding.path[0] as AttrName | undefined;
      if (!first || first.name === null) continue;
      const sites = scope.names.get(first.name)?.sites;
      if (sites && !sites.some((site) => site.start === first.start)) {
        sites.push({ start: first.start, end: first.end });
      }
    }
  }

  #lambda(lambda: Lambda, outer: MutableScope): void {
    const scope = this.#scope("lambda", lambda, outer);
    if (lambda.param !== null) {
      const start = lambda.paramStart;
      const site = { start, end: start + lambda.param.length };
      this.#define(scope, "parameter", lambda.param, site, null, null);
    }
    for (const formal of lambda.formals?.items ?? []) {
      const site = { start: formal.start, end: formal.nameEnd };
      this.#define(scope, "formal", formal.name, site, formal.fallback, null);
      if (formal.fallback) this.#todo.push({ expr: formal.fallback, scope });
    }
    this.#todo.push({ expr: lambda.body, scope });
  }

  #define(
    scope: MutableScope,
    kind: DefinitionKind,
    name: ByteString,
    site: Span,
    value: Expr | null,
    inheritedFrom: Expr | null,
  ): void {
    const known = scope.names.get(name);
    const span = { start: site.start, end: site.end };
    if (known) {
      // A duplicate, which is an error of its own; both places count as one name.
      known.sites.push(span);
      return;
    }
    const definition: Definition = {
      kind,
      name,
      sites: [span],
      value,
      inheritedFrom,
      scope,
      references: [],
    };
    scope.names.set(name, definition);
    this.definitions.push(definition);
  }
}

function newScope(
  kind: Scope["kind"],
  span: Span,
  parent: MutableScope | null,
  node: With | null,
): MutableScope {
  return {
    kind,
    start: span.start,
    end: span.end,
    parent,
    children: [],
    names: new Map(),
    with: node,
  };
}

function attrValue(attr: AttrDef): Expr | null {
  return attr.how === "from" ? null : attr.value;
}

function inheritSource(set: AttrSet, attr: AttrDef): Expr | null {
  return attr.how === "from" ? (set.inheritFrom[attr.from] ?? null) : null;
}

function resolve(node: Var, scope: Scope): Reference {
  const { start, end, name } = node;
  const withs: With[] = [];
  for (let at: Scope | null = scope; at; at = at.parent) {
    if (at.with) withs.push(at.with);
    const definition = at.names.get(name);
    if (definition) return { start, end, name, definition, builtin: null, withs: [], scope };
  }
  const builtin = builtinOfGlobal(name);
  return {
    start,
    end,
    name,
    definition: null,
    builtin,
    withs: builtin === null ? withs : [],
    scope,
  };
}

function firstSite(definition: Definition): Span {
  return definition.sites[0] as Span;
}

function sortScopes(file: Scope): void {
  const todo = [file];
  for (let scope = todo.pop(); scope; scope = todo.pop()) {
    scope.children.sort((a, b) => a.start - b.start);
    for (const child of scope.children) todo.push(child);
  }
}

interface Site extends Span {
  readonly definition: Definition;
}

class FileBindings implements Bindings {
  readonly definitions: readonly Definition[];
  readonly references: readonly Reference[];
  readonly file: Scope;
  #sites: Site[] | null = null;

  constructor(builder: Builder) {
    this.definitions = builder.definitions;
    this.references = builder.references;
    this.file = builder.file;
  }

  referenceAt(offset: number): Reference | null {
    return coveringAt(this.references, offset);
  }

  referenceOf(node: Var): Reference | null {
    const found = this.references[lastStartingAtMost(this.references, node.start)];
    return found && found.start === node.start ? found : null;
  }

  definitionAt(offset: number): Definition | null {
    return coveringAt(this.#allSites(), offset)?.definition ?? null;
  }

  scopeAt(offset: number): Scope {
    let scope = this.file;
    for (;;) {
      const child: Scope | null = coveringAt(scope.children, offset);
      if (!child) return scope;
      scope = child;
    }
  }

  #allSites(): readonly Site[] {
    this.#sites ??= this.definitions
      .flatMap((definition) => definition.sites.map((site) => ({ ...site, definition })))
      .sort((a, b) => a.start - b.start);
    return this.#sites;
  }
}

/** The span that covers an offset, among disjoint spans in order. One that only ends there comes second. */
function coveringAt<T extends Span>(spans: readonly T[], offset: number): T | null {
  const at = lastStartingAtMost(spans, offset);
  const last = spans[at];
  if (last && offset <= last.end) return last;
  return null;
}

function lastStartingAtMost(spans: readonly Span[], offset: number): number {
  let low = 0;
  let high = spans.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((spans[middle] as Span).start <= offset) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}
