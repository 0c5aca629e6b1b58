/**
 * The simple values of a file's bindings, in a few characters each: what the evaluation itself has
 * computed, and what is not written there anyway. Nothing is forced.
 */
import type { ByteString } from "../base/bytes.ts";
import type { AttrSet, Expr } from "../syntax/ast.ts";
import { writtenChildren } from "../syntax/children.ts";
import { evaluated } from "./dependents.ts";
import type { TrackedFile } from "./evaluator.ts";
import { showFloat } from "./floats.ts";
import { quoteString } from "./show-value.ts";
import { ContextString, NixFloat, NixPath, type Slot, Thunk, type Value } from "./values.ts";

export interface ShortValue {
  start: number;
  end: number;
  text: ByteString;
}

/** Of a string, in bytes. */
const LONGEST = 30;
/** Of anything, its quotes and escapes included. */
const MOST_SHOWN = 40;
/** A larger file shows the first ones. */
const MOST = 1000;

export function shortValues(file: TrackedFile): ShortValue[] {
  const found: ShortValue[] = [];
  const see = (set: AttrSet): void => {
    for (const { how, value } of set.attrs) {
      // `a.b = …`: the set that is `a` stands nowhere.
      if (value.kind === "AttrSet" && value.bindings.length === 0) see(value);
      const slot = how === "plain" && !isWrittenOut(value) ? file.probes.shown(value) : undefined;
      const text = slot === undefined ? null : shortText(slot);
      if (text !== null) found.push({ start: value.start, end: value.end, text });
    }
  };
  const pending: Expr[] = [file.expr];
  for (let expr = pending.pop(); expr !== undefined; expr = pending.pop()) {
    if (expr.kind === "AttrSet") see(expr);
    else if (expr.kind === "Let") see(expr.attrs);
    writtenChildren(expr, (child) => pending.push(child));
  }
  return found.sort((a, b) => a.end - b.end).slice(0, MOST);
}

/** The text says it already. */
function isWrittenOut(expr: Expr): boolean {
  switch (expr.kind) {
    case "Int":
    case "Float":
    case "String":
    case "Path":
    case "Lambda":
    case "AttrSet":
      return true;
    case "List":
      return expr.items.every(isWrittenOut);
    case "Unary":
      return isWrittenOut(expr.operand);
    case "Var":
      return expr.name === "true" || expr.name === "false" || expr.name === "null";
    default:
      return false;
  }
}

/** Null for what is not simple, not short or not known. */
function shortText(slot: Slot): ByteString | null {
  const value = evaluated(slot);
  const text = value instanceof Thunk ? null : simpleText(value);
  return text === null || text.length > MOST_SHOWN ? null : text;
}

function simpleText(value: Value): ByteString | null {
  switch (typeof value) {
    case "number":
    case "bigint":
    case "boolean":
      return String(value);
    case "string":
      return shortString(value);
    default:
      break;
  }
  if (value === null) return "null";
  if (value instanceof ContextString) return shortString(value.text);
  if (value instanceof NixFloat) return showFloat(value);
  if (value instanceof NixPath) return value.path.length <= LONGEST ? value.path : null;
  if (!Array.isArray(value)) return null;
  const items = value.map(shortText);
  return items.includes(null) ? null : `[ ${[...items, "]"].join(" ")}`;
}

/** The beginning of a long one; a text of several lines says too little in one. */
function shortString(text: ByteString): ByteString | null {
  if (text.trimEnd().includes("\n")) return null;
  if (text.length <= LONGEST) return quoteString(text);
  let end = LONGEST;
  // Not inside a character.
  while (/[\x80-\xbf]/.test(text[end] ?? "")) end--;
  return `${quoteString(text.slice(0, end))}\xe2\x80\xa6`;
}
