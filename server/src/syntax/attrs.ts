/**
 * Attribute sets as Nix builds them from bindings: nested paths, and the merging of set literals.
 *
 * `a.b = 1; a.c = 2;` and `a = { b = 1; }; a.c = 2;` are one `a` with two attributes. Merging moves
 * the second set's attributes into the first and keeps the first one's `rec`-ness; the second
 * literal is left with its `bindings` and nothing else. Anything else that is defined twice is a
 * conflict. Both parsers build their sets here.
 */
import type { ByteString } from "../base/bytes.ts";
import type { AttrDef, AttrName, AttrSet, Binding, Expr, InheritBinding } from "./ast.ts";
import { makeAttrDef, makeAttrSet, makeHole, makeVar } from "./nodes.ts";

/** An attribute that is defined twice. */
export interface AttrConflict {
  /** Names from the set that the binding stands in down to the doubly defined attribute. */
  path: ByteString[];
  /** Nix's position of the second definition. */
  start: number;
  end: number;
  previous: AttrDef;
}

/** From this size a set's attributes are found through a map. */
const INDEX_FROM = 12;
const indexes = new WeakMap<AttrSet, Map<ByteString, AttrDef>>();

/** The attribute of that name with a static definition in `set`. */
export function findAttr(set: AttrSet, name: ByteString): AttrDef | undefined {
  const attrs = set.attrs;
  if (attrs.length < INDEX_FROM) {
    for (let i = 0; i < attrs.length; i++) {
      const def = attrs[i]!;
      if (def.name === name) return def;
    }
    return undefined;
  }
  let index = indexes.get(set);
  if (index === undefined) {
    index = new Map();
    for (const def of attrs) index.set(def.name, def);
    indexes.set(set, index);
  }
  return index.get(name);
}

function pushAttr(set: AttrSet, def: AttrDef): void {
  set.attrs.push(def);
  if (set.attrs.length > INDEX_FROM) indexes.get(set)?.set(def.name, def);
}

/**
 * Adds a binding to a set: appends it to `bindings` and merges what it defines.
 * Returns the first conflict, or null; after a conflict the earlier definition stays.
 */
export function addBinding(set: AttrSet, binding: Binding): AttrConflict | null {
  set.bindings.push(binding);
  if (binding.kind === "Inherit") return addInherit(set, binding);
  const conflict = addValue(set, binding.path, binding.value, binding.end);
  if (binding.doc !== null) documentLambda(binding.value, binding.doc);
  return conflict;
}

function addValue(
  target: AttrSet,
  path: AttrName[],
  value: Expr,
  end: number,
): AttrConflict | null {
  const start = path[0]!.start;
  let set = target;
  for (let i = 0; i < path.length - 1; i++) {
    const step = path[i]!;
    if (step.name === null) {
      const nested = makeAttrSet(start, end, false);
      set.dynamic.push({ nameExpr: step.expr as Expr, value: nested, start });
      set = nested;
      continue;
    }
    const known = findAttr(set, step.name);
    if (known === undefined) {
      const nested = makeAttrSet(start, end, false);
      pushAttr(set, makeAttrDef(step.name, start, step.end, "plain", nested, -1));
      set = nested;
    } else if (known.value.kind === "AttrSet") {
      set = known.value;
    } else {
      return {
        path: path.slice(0, i + 1).map((name) => name.name ?? ""),
        start,
        end: path[path.length - 1]!.end,
        previous: known,
      };
    }
  }
  const last = path[path.length - 1]!;
  if (last.name === null) {
    set.dynamic.push({ nameExpr: last.expr as Expr, value, start });
    return null;
  }
  const known = findAttr(set, last.name);
  if (known === undefined) {
    pushAttr(set, makeAttrDef(last.name, start, last.end, "plain", value, -1));
    nameLambda(value, last.name);
    return null;
  }
  const names = path.map((name) => name.name ?? "");
  if (known.value.kind === "AttrSet" && value.kind === "AttrSet") {
    return mergeSets(known.value, value, names);
  }
  return { path: names, start, end: last.end, previous: known };
}

function addInherit(set: AttrSet, binding: InheritBinding): AttrConflict | null {
  let from = -1;
  if (binding.from !== null) {
    from = set.inheritFrom.length;
    set.inheritFrom.push(binding.from);
  }
  let conflict: AttrConflict | null = null;
  for (const { name, start, end } of binding.names) {
    if (name === null) continue;
    const known = findAttr(set, name);
    if (known !== undefined) {
      conflict ??= { path: [name], start, end, previous: known };
    } else if (from < 0) {
      pushAttr(set, makeAttrDef(name, start, end, "inherited", makeVar(start, end, name), -1));
    } else {
      pushAttr(set, makeAttrDef(name, start, end, "from", makeHole(start, end), from));
    }
  }
  return conflict;
}

/** Moves all of `source` into `target`. `path` names `target`. */
function mergeSets(target: AttrSet, source: AttrSet, path: ByteString[]): AttrConflict | null {
  const offset = target.inheritFrom.length;
  const moved = source.attrs;
  let conflict: AttrConflict | null = null;
  // Nix goes by the age of the names, so the attributes that both have come in the target's order
  if (moved.length > 0) {
    for (const known of target.attrs.slice()) {
      const def = findAttr(source, known.name);
      if (def === undefined) continue;
      const names = [...path, def.name];
      let found: AttrConflict | null;
      if (known.value.kind === "AttrSet" && def.value.kind === "AttrSet") {
        found = mergeSets(known.value, def.value, names);
      } else {
        found = { path: names, start: def.start, end: def.end, previous: known };
      }
      conflict ??= found;
    }
    for (const def of moved) {
      if (findAttr(target, def.name) !== undefined) continue;
      if (def.how === "from") def.from += offset;
      pushAttr(target, def);
      nameLambda(def.value, def.name);
    }
  }
  for (const def of source.dynamic) target.dynamic.push(def);
  for (const expr of source.inheritFrom) target.inheritFrom.push(expr);
  source.attrs = [];
  source.dynamic = [];
  source.inheritFrom = [];
  indexes.delete(source);
  return conflict;
}

/** A binding names the function it is bound to, and the functions that this one returns at once. */
function nameLambda(value: Expr, name: ByteString): void {
  let expr = value;
  while (expr.kind === "Lambda") {
    expr.name = name;
    expr = expr.body;
  }
}

/** A doc comment belongs to all curried functions of a binding, but an inner comment wins. */
function documentLambda(value: Expr, doc: { start: number; end: number }): void {
  let expr = value;
  while (expr.kind === "Lambda" && expr.doc === null) {
    expr.doc = doc;
    expr = expr.body;
  }
}
