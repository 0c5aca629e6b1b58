/** Where a path of names leads among the options of a configuration, into the options of submodules too. */
import type { ByteString } from "../base/bytes.ts";
import { Attrs } from "./attrs.ts";
import { stringText } from "./context.ts";
import type { Evaluator } from "./evaluator.ts";
import { attempt, call, force } from "./runtime.ts";
import { ContextString, type Slot, type Value } from "./values.ts";

/** Null: an item of a list, or a name that is known only when evaluating. */
export type OptionStep = ByteString | null;

/** An option, or a set of them; null when there is neither. */
export function findOption(
  ev: Evaluator,
  options: Slot,
  names: readonly OptionStep[],
): Attrs | null {
  let at: Value = attempt(() => force(options));
  for (let next = 0; next < names.length; ) {
    if (!(at instanceof Attrs)) return null;
    if (isOption(at)) {
      const inside = insideOf(at, names, next);
      if (!inside) return null;
      at = optionsOf(ev, inside.submodule, names.slice(0, inside.next));
      next = inside.next;
      if (next === names.length) break;
    }
    const name: OptionStep = names[next] ?? null;
    at = name === null || !(at instanceof Attrs) ? null : attribute(at, name);
    next += 1;
  }
  return at instanceof Attrs ? at : null;
}

/** The options at a path by name, those of a submodule where that is the type of an option. */
export function optionsAt(
  ev: Evaluator,
  options: Slot,
  names: readonly OptionStep[],
): { name: ByteString; value: Value }[] | null {
  const found = findOption(ev, options, names);
  const inside = found && isOption(found) ? insideOf(found, names, names.length) : null;
  const set = inside ? optionsOf(ev, inside.submodule, names) : found;
  if (!(set instanceof Attrs) || isOption(set)) return null;
  return set
    .sortedNames()
    .filter((name) => !name.startsWith("_"))
    .map((name) => ({ name, value: attribute(set, name) }));
}

export function isOption(value: Value): boolean {
  return value instanceof Attrs && attribute(value, "_type") === "option";
}

interface Inside {
  readonly submodule: Attrs;
  /** The first name behind those of what holds the submodules. */
  readonly next: number;
}

/** The submodule that the type of an option is, or that its items are. */
function insideOf(option: Attrs, names: readonly OptionStep[], next: number): Inside | null {
  return submoduleIn(attribute(option, "type"), names, next);
}

function submoduleIn(type: Value, names: readonly OptionStep[], next: number): Inside | null {
  if (!(type instanceof Attrs)) return null;
  switch (plainText(attribute(type, "name"))) {
    case "submodule":
      return { submodule: type, next };
    case "attrsOf":
    case "lazyAttrsOf":
    case "loaOf":
      return next < names.length ? submoduleIn(elementType(type), names, next + 1) : null;
    case "listOf":
      return next < names.length && names[next] === null
        ? submoduleIn(elementType(type), names, next + 1)
        : null;
    case "either": {
      const [left, right] = alternatives(type);
      return submoduleIn(left ?? null, names, next) ?? submoduleIn(right ?? null, names, next);
    }
    case "coercedTo":
      return submoduleIn(nested(type, "finalType"), names, next);
    default:
      return submoduleIn(elementType(type), names, next);
  }
}

/** Of what a type is made; old sets of types know it by another name. */
function elementType(type: Attrs): Value {
  const element = nested(type, "elemType");
  return element instanceof Attrs ? element : wrapped(type);
}

function alternatives(type: Attrs): Value[] {
  const [left, right] = [nested(type, "left"), nested(type, "right")];
  if (left instanceof Attrs) return [left, right];
  const both = wrapped(type);
  return Array.isArray(both) ? both.map((slot) => attempt(() => force(slot))) : [];
}

function nested(type: Attrs, name: ByteString): Value {
  const types = attribute(type, "nestedTypes");
  return types instanceof Attrs ? attribute(types, name) : null;
}

function wrapped(type: Attrs): Value {
  const functor = attribute(type, "functor");
  return functor instanceof Attrs ? attribute(functor, "wrapped") : null;
}

/** @param names where the submodule is, for its own messages */
function optionsOf(ev: Evaluator, submodule: Attrs, names: readonly OptionStep[]): Value {
  const prefix = names.map((name) => name ?? "*");
  return attempt(() => call(ev, force(submodule.get("getSubOptions") ?? null), prefix, 0));
}

/** Null for what is not there, or fails. */
export function attribute(set: Attrs, name: ByteString): Value {
  const slot = set.get(name);
  return slot === undefined ? null : attempt(() => force(slot));
}

export function plainText(value: Value): ByteString | null {
  return typeof value === "string" || value instanceof ContextString ? stringText(value) : null;
}
