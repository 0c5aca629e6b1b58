/** What the module system knows of an option: its declaration, and the value that all modules together give it. */
import type { ByteString } from "../base/bytes.ts";
import { Attrs } from "./attrs.ts";
import { stringText } from "./context.ts";
import { NixError } from "./errors.ts";
import { force } from "./runtime.ts";
import { ContextString, type Slot, type Value } from "./values.ts";

/** All options of a configuration, and their values. */
export interface Configuration {
  readonly config: Slot;
  readonly options: Slot;
}

export interface OptionDescription {
  readonly name: ByteString;
  /** In the markup of nixpkgs' manuals. */
  readonly description: ByteString | null;
  readonly type: ByteString | null;
  readonly fallback: ByteString | null;
  /** Null when it has none, or fails. */
  readonly value: ByteString | null;
}

/** @param names the path of the option; null when there is no option there */
export function describeOption(
  { config, options }: Configuration,
  names: readonly ByteString[],
  show: (value: Value) => ByteString,
): OptionDescription | null {
  let option: Value = attempt(options);
  for (const name of names) {
    if (!(option instanceof Attrs) || isTyped(option, "option")) return null;
    option = attempt(option.get(name));
  }
  if (!(option instanceof Attrs) || !isTyped(option, "option")) return null;
  let value: Slot | undefined = config;
  for (const name of names) {
    const set: Value = attempt(value);
    value = set instanceof Attrs ? set.get(name) : undefined;
  }
  const type = attempt(option.get("type"));
  return {
    name: names.join("."),
    description: textOf(option.get("description")),
    type: type instanceof Attrs ? textOf(type.get("description")) : null,
    fallback: textOf(option.get("defaultText")) ?? shown(option.get("default"), show),
    value: shown(value, show),
  };
}

function isTyped(set: Attrs, type: ByteString): boolean {
  return attempt(set.get("_type")) === type;
}

/** A string, or the text of `mdDoc "…"`, `literalExpression "…"` and the like. */
function textOf(slot: Slot | undefined): ByteString | null {
  const value = attempt(slot);
  if (typeof value === "string" || value instanceof ContextString) return stringText(value);
  const text = value instanceof Attrs ? attempt(value.get("text")) : null;
  return typeof text === "string" || text instanceof ContextString ? stringText(text) : null;
}

/** Of a list the first items are evaluated, so that they can be told apart. */
const SHOWN_ITEMS = 20;

function shown(slot: Slot | undefined, show: (value: Value) => ByteString): ByteString | null {
  if (slot === undefined) return null;
  try {
    const value = force(slot);
    if (Array.isArray(value)) for (const item of value.slice(0, SHOWN_ITEMS)) attempt(item);
    return show(value);
  } catch (error) {
    if (error instanceof NixError) return null;
    throw error;
  }
}

/** Null for what is not there, or fails. */
function attempt(slot: Slot | undefined): Value {
  if (slot === undefined) return null;
  try {
    return force(slot);
  } catch (error) {
    if (error instanceof NixError) return null;
    throw error;
  }
}
