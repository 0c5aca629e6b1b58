/** Where a path of names leads among the options of a configuration, into the options of submodules too. */
import type { ByteString } from "../base/bytes.ts";
import { Attrs } from "./attrs.ts";
import { stringText } from "./context.ts";
import type { Evaluator } from "./evaluator.ts";
import { attempt, call, force } from "./runtime.ts";
import { ContextString, type Slot, type Value } from "./values.ts";

/** Null: an item of a list, or a name that is known only when evaluating. */
export type OptionStep = ByteString | null;

/** More aliases of aliases than these are a circle. */
const MAX_ALIASES = 5;

/** An option, or a set of them; null when there is neither. */
export function findOption(
  ev: Evaluator,
  options: Slot,
  names: readonly OptionStep[],
): Attrs | null {
  return lead(ev, options, names, false)?.at ?? null;
}

/** The options at a path by name, those of a submodule where that is the type of an option. */
export function optionsAt(
  ev: Evaluator,
  options: Slot,
  names: readonly OptionStep[],
): { name: ByteString; value: Value }[] | null {
  const set = lead(ev, options, names, true)?.at ?? null;
  if (set === null || isOption(set)) return null;
  return set
    .sortedNames()
    .filter((name) => !name.startsWith("_"))
    .map((name) => ({ name, value: attribute(set, name) }));
}

interface AliasedOption {
  readonly option: Attrs;
  readonly names: readonly ByteString[];
}

/** What an option is that stands for another; null for other options. */
export function aliasedOption(
  ev: Evaluator,
  options: Slot,
  names: readonly OptionStep[],
): AliasedOption | null {
  const found = lead(ev, options, names, false);
  const target = found && aliasTarget(found.at);
  const option = target ? findOption(ev, found.among, target) : null;
  return target && option && isOption(option) ? { option, names: target } : null;
}

interface Found {
  /** An option, or a set of them. */
  readonly at: Attrs;
  /** The options of the configuration, or of the submodule, that it is in. */
  readonly among: Attrs;
}

/** @param isEntered whether the last option is looked into */
function lead(
  ev: Evaluator,
  options: Slot,
  names: readonly OptionStep[],
  isEntered: boolean,
  aliases = MAX_ALIASES,
): Found | null {
  let among = attempt(() => force(options));
  let at = among;
  let next = 0;
  while (at instanceof Attrs && among instanceof Attrs) {
    if (isOption(at) && (isEntered || next < names.length)) {
      const inside = insideOf(at, names, next);
      if (inside === null) {
        const target = aliases === 0 ? null : aliasTarget(at);
        const path = target && [...target, ...names.slice(next)];
        return path && lead(ev, among, path, isEntered, aliases - 1);
      }
      among = optionsOf(ev, inside.submodule, names.slice(0, inside.next));
      at = among;
      next = inside.next;
    } else if (next === names.length) return { at, among };
    else {
      const name: OptionStep = names[next] ?? null;
      at = name === null ? null : attribute(at, name);
      next += 1;
    }
  }
  return null;
}

const OPEN = "(?:<option>|\\{option\\}`|`|\xe2\x80\x98)";
const CLOSE = "(?:</option>|`|'|\xe2\x80\x99)";
const ALIAS = new RegExp(`^Alias of ${OPEN}(.+?)${CLOSE}\\.\\s*$`);

/** Which option one stands for that `mkRenamedOptionModule` and the like made: only its description says it. */
function aliasTarget(option: Attrs): ByteString[] | null {
  const [, path] = ALIAS.exec(optionText(attribute(option, "description")) ?? "") ?? [];
  const steps = path?.match(/"(?:[^"\\]|\\.)*"|[^.]+/g);
  return steps?.map((step) => step.replace(/^"(.*)"$/, "$1")) ?? null;
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

/** A string, or the text of `mdDoc "…"`, `literalExpression "…"` and the like. */
export function optionText(value: Value): ByteString | null {
  return plainText(value instanceof Attrs ? attribute(value, "text") : value);
}

export function plainText(value: Value): ByteString | null {
  return typeof value === "string" || value instanceof ContextString ? stringText(value) : null;
}
