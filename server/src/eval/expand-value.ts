/**
 * A value written out over many lines, its parts evaluated for it: as deep as is readable, and no more
 * than a document of reasonable length holds. What stands in it is Nix where Nix has a form for it.
 */
import { type ByteString, guillemets } from "../base/bytes.ts";
import { Attrs } from "./attrs.ts";
import { isDerivation } from "./compare.ts";
import { stringText } from "./context.ts";
import { Interruption, NixError } from "./errors.ts";
import { force } from "./runtime.ts";
import { quoteAttrName, quoteString, showValue } from "./show-value.ts";
import { ContextString, type Slot, type Value } from "./values.ts";

const MAX_DEPTH = 6;
/** Values that are written out. */
const MAX_VALUES = 5000;
/** Bytes of one string. */
const MAX_STRING = 10_000;

/** @param locate says where a lambda is */
export function expandValue(root: Slot, locate: (position: number) => ByteString): ByteString {
  let left = MAX_VALUES;
  const around = new Set<Value>();
  const write = (slot: Slot, depth: number, indent: string): ByteString => {
    if (left-- <= 0) return guillemets("not shown");
    const value = evaluated(slot);
    if (typeof value === "object" && value !== null && "failure" in value)
      return guillemets(value.failure);
    if (typeof value === "string" || value instanceof ContextString) return text(value, indent);
    const isSet = value instanceof Attrs;
    if (!isSet && !Array.isArray(value))
      return showValue(value, { ...LIMITS, locate, maxDepth: 1 });
    if (isSet && isDerivation(value)) return derivation(value);
    if (around.has(value)) return guillemets("repeated");
    if (depth >= MAX_DEPTH) return isSet ? "{ ... }" : "[ ... ]";
    around.add(value);
    const inner = `${indent}  `;
    const lines = isSet
      ? value
          .sortedNames()
          .map((name) => [`${quoteAttrName(name)} = `, value.get(name) as Slot, ";"] as const)
      : value.map((item) => ["", item, ""] as const);
    const shown = lines.slice(0, Math.max(0, left)).map(([before, item, after]) => {
      return `${inner}${before}${write(item, depth + 1, inner)}${after}\n`;
    });
    const rest = lines.length - shown.length;
    if (rest > 0) shown.push(`${inner}# ${rest} more\n`);
    around.delete(value);
    const [open, close] = isSet ? ["{", "}"] : ["[", "]"];
    return shown.length === 0 ? `${open} ${close}` : `${open}\n${shown.join("")}${indent}${close}`;
  };
  return `${write(root, 0, "")}\n`;
}

const LIMITS = {
  maxAttrs: Number.POSITIVE_INFINITY,
  maxItems: Number.POSITIVE_INFINITY,
  maxString: MAX_STRING,
};

function evaluated(slot: Slot): Value | { failure: ByteString } {
  try {
    return force(slot);
  } catch (error) {
    if (error instanceof NixError) return { failure: `error: ${error.message}` };
    // What could be shown until then is still worth something.
    if (error instanceof Interruption && error.reason === "time-limit")
      return { failure: "not evaluated: it takes too long" };
    throw error;
  }
}

function derivation(set: Attrs): ByteString {
  const path = evaluated(set.get("drvPath") ?? null);
  const known = typeof path === "string" || path instanceof ContextString;
  return guillemets(known ? `derivation ${stringText(path)}` : "derivation");
}

/** One of several lines as an indented string. */
function text(value: ByteString | ContextString, indent: string): ByteString {
  const plain = stringText(value);
  const isOneLine = !plain.includes("\n") || /[\r\0]|''|\$\{/.test(plain);
  if (isOneLine || plain.length > MAX_STRING) return quoteString(plain, MAX_STRING);
  const lines = plain.split("\n").map((line) => (line === "" ? "" : `${indent}  ${line}`));
  const last = lines[lines.length - 1] === "" ? indent : "";
  return `''\n${lines.join("\n")}${last}''`;
}
