/** Values in messages: types in words, and values printed with limits, without forcing anything unless told to. */
import { type ByteString, guillemets } from "../base/bytes.ts";
import { Attrs } from "./attrs.ts";
import { evaluated } from "./dependents.ts";
import { NixError } from "./errors.ts";
import { showFloat } from "./floats.ts";
import { shownPath } from "./search-path.ts";
import {
  ContextString,
  Lambda,
  NixFloat,
  NixPath,
  PrimOp,
  PrimOpApp,
  type Slot,
  Thunk,
  type Value,
} from "./values.ts";

/** "an integer", "a string with context", "the built-in function 'map'" … */
export function showType(value: Slot): string {
  if (value instanceof ContextString) return "a string with context";
  if (value instanceof PrimOp) return `the built-in function '${value.name}'`;
  if (value instanceof PrimOpApp)
    return `the partially applied built-in function '${value.op.name}'`;
  if (value instanceof Thunk) return "a thunk";
  const name = typeOf(value);
  switch (name) {
    case "int":
      return "an integer";
    case "bool":
      return "a Boolean";
    case "null":
      return "null";
    case "lambda":
      return "a function";
    default:
      return `a ${name}`;
  }
}

/** What `builtins.typeOf` says. */
export function typeOf(value: Value): string {
  switch (typeof value) {
    case "number":
    case "bigint":
      return "int";
    case "string":
      return "string";
    case "boolean":
      return "bool";
    default:
      break;
  }
  if (value === null) return "null";
  if (value instanceof Attrs) return "set";
  if (value instanceof ContextString) return "string";
  if (value instanceof NixPath) return "path";
  if (value instanceof NixFloat) return "float";
  return Array.isArray(value) ? "list" : "lambda";
}

const ESCAPES: Record<string, string> = {
  '"': '\\"',
  "\\": "\\\\",
  "\n": "\\n",
  "\r": "\\r",
  "\t": "\\t",
};

/** A string literal as Nix prints it; beyond `limit` bytes the rest is counted. */
export function quoteString(text: ByteString, limit = Number.POSITIVE_INFINITY): ByteString {
  const cut = text.length > limit;
  const shown = cut ? text.slice(0, limit) : text;
  const body = shown.replace(/["\\\n\r\t]|\$(?=\{)/g, (c) => ESCAPES[c] ?? `\\${c}`);
  if (!cut) return `"${body}"`;
  const left = text.length - limit;
  return `"${body}" ${elided(left, "byte")}`;
}

const KEYWORDS = new Set(["if", "then", "else", "assert", "with", "let", "in", "rec", "inherit"]);

/** An attribute name, quoted when it could not be written bare. */
export function quoteAttrName(name: ByteString): ByteString {
  return /^[a-zA-Z_][a-zA-Z0-9_'-]*$/.test(name) && !KEYWORDS.has(name) ? name : quoteString(name);
}

export interface ShowOptions {
  maxDepth: number;
  maxAttrs: number;
  maxItems: number;
  maxString: number;
  /** Says where a lambda is ("/a.nix:1:2"). */
  locate: (position: number) => ByteString;
  /** What is printed for a set in place of its attributes, or null for the attributes. */
  abbreviate?: (set: Attrs) => ByteString | null;
  /** Evaluates what is met; what fails is printed as its error. Without it nothing is evaluated. */
  force?: (slot: Slot) => Value;
}

function elided(n: number, one: string): string {
  return guillemets(`${n} ${one}${n === 1 ? "" : "s"} elided`);
}

/** A value in the style of error messages and of `builtins.trace`: «thunk», «lambda f @ file:1:1», elisions. */
export function showValue(root: Slot, options: ShowOptions): ByteString {
  const seen = new Set<Slot>();
  let attrsShown = 0;
  let itemsShown = 0;
  const show = (slot: Slot, depth: number): ByteString => {
    if (options.force === undefined) return showEvaluated(slot, depth);
    try {
      options.force(slot);
      return showEvaluated(slot, depth);
    } catch (error) {
      if (!(error instanceof NixError) || error.kind === "stack-overflow") throw error;
      return guillemets(`error: ${error.message}`);
    }
  };
  const showEvaluated = (slot: Slot, depth: number): ByteString => {
    const value = evaluated(slot);
    switch (typeof value) {
      case "number":
      case "bigint":
      case "boolean":
        return String(value);
      case "string":
        return quoteString(value, options.maxString);
      default:
        break;
    }
    if (value === null) return "null";
    if (value instanceof Thunk) return guillemets("thunk");
    if (value instanceof ContextString) return quoteString(value.text, options.maxString);
    if (value instanceof NixFloat) return showFloat(value);
    if (value instanceof NixPath) return shownPath(value.path);
    if (value instanceof PrimOp) return guillemets(`primop ${value.name}`);
    if (value instanceof PrimOpApp) return guillemets(`partially applied primop ${value.op.name}`);
    if (value instanceof Lambda) {
      const name = value.code.name;
      return guillemets(
        `lambda ${name === null ? "" : `${quoteAttrName(name)} `}@ ${options.locate(value.code.position)}`,
      );
    }
    if (value instanceof Attrs) {
      if (seen.has(value)) return guillemets("repeated");
      seen.add(value);
      const short = options.abbreviate?.(value) ?? null;
      if (short !== null) return short;
      if (depth >= options.maxDepth) return "{ ... }";
      const names = value.sortedNames();
      const first = (name: string) => (name === "type" || name === "_type" ? 0 : 1);
      if (options.maxAttrs !== Number.POSITIVE_INFINITY)
        names.sort((a, b) => first(a) - first(b) || (a < b ? -1 : 1));
      let out = "{ ";
      for (let i = 0; i < names.length; i++) {
        if (attrsShown >= options.maxAttrs) {
          out += `${elided(names.length - i, "attribute")} `;
          break;
        }
        const name = names[i] as string;
        out += `${quoteAttrName(name)} = ${show(value.get(name) as Slot, depth + 1)}; `;
        attrsShown++;
      }
      return `${out}}`;
    }
    if (value.length > 0) {
      if (seen.has(slot)) return guillemets("repeated");
      seen.add(slot);
    }
    if (depth >= options.maxDepth) return "[ ... ]";
    let out = "[ ";
    for (let i = 0; i < value.length; i++) {
      if (itemsShown >= options.maxItems) {
        out += `${elided(value.length - i, "item")} `;
        break;
      }
      out += `${show(value[i] as Slot, depth + 1)} `;
      itemsShown++;
    }
    return `${out}]`;
  };
  return show(root, 0);
}
