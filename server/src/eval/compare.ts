/** Equality and order (nix-semantics 3.7). */
import { showName } from "../syntax/identifiers.ts";
import { Attrs } from "./attrs.ts";
import { stringText } from "./context.ts";
import { NixError, traced } from "./errors.ts";
import type { Evaluator } from "./evaluator.ts";
import { force, forceAt } from "./runtime.ts";
import { showType } from "./show-value.ts";
import {
  ContextString,
  isFunction,
  NixFloat,
  NixPath,
  type Slot,
  Thunk,
  type Value,
} from "./values.ts";

function isNumber(v: Value): v is number | bigint | NixFloat {
  return typeof v === "number" || typeof v === "bigint" || v instanceof NixFloat;
}

function asDouble(v: number | bigint | NixFloat): number {
  return v instanceof NixFloat ? v.value : Number(v);
}

/** Whether a set has `type = "derivation"`. */
export function isDerivation(v: Value): v is Attrs {
  if (!(v instanceof Attrs)) return false;
  const type = v.get("type");
  if (type === undefined) return false;
  const value = force(type, v.position("type"));
  return (
    (typeof value === "string" || value instanceof ContextString) &&
    stringText(value) === "derivation"
  );
}

/** `a == b`. The operands are two cells: a function is not equal to itself, NaN neither. */
export function equals(ev: Evaluator, a: Value, b: Value, pos = 0): boolean {
  if (typeof a === "string") {
    if (typeof b === "string") return a === b;
    return b instanceof ContextString && b.text === a;
  }
  if (a instanceof ContextString) {
    return (typeof b === "string" || b instanceof ContextString) && stringText(b) === a.text;
  }
  if (isNumber(a)) {
    if (!isNumber(b)) return false;
    if (a instanceof NixFloat || b instanceof NixFloat) return asDouble(a) === asDouble(b);
    return a === b;
  }
  if (a === null || typeof a === "boolean") return a === b;
  if (a instanceof NixPath) return b instanceof NixPath && samePath(a, b);
  if (Array.isArray(a)) {
    if (!Array.isArray(b) || a.length !== b.length) return false;
    ev.enter(pos);
    for (let i = 0; i < a.length; i++) {
      if (!cellsEqual(ev, a, i, b, i)) {
        ev.depth--;
        return false;
      }
    }
    ev.depth--;
    return true;
  }
  if (a instanceof Attrs) return b instanceof Attrs && setsEqual(ev, a, b, pos);
  return false;
}

function setsEqual(ev: Evaluator, a: Attrs, b: Attrs, pos: number): boolean {
  if (isDerivation(a) && isDerivation(b)) {
    const x = a.get("outPath");
    const y = b.get("outPath");
    if (x !== undefined && y !== undefined) {
      return slotsEqual(ev, x, y);
    }
  }
  const left = a.flat();
  const right = b.flat();
  const count = left.values.length;
  if (right.values.length !== count) return false;
  const { names } = left.shape;
  const alike = left.shape === right.shape || names.every((name) => right.shape.find(name) >= 0);
  // Nix goes through both in its own order, to the first value or name that differs.
  const shown = left.values.some(showsWhen) || right.values.some(showsWhen);
  if (!alike && !shown) return false;
  const order = shown ? ev.symbols.indices(left.shape) : left.shape.sorted;
  const others = alike ? [] : ev.symbols.indices(right.shape);
  ev.enter(pos);
  for (let k = 0; k < count; k++) {
    const i = order[k] as number;
    const name = names[i] as string;
    const j = right.shape.find(name);
    const differ = !alike && right.shape.names[others[k] as number] !== name;
    if (differ || !attributesEqual(ev, left, i, right, j)) {
      ev.depth--;
      return false;
    }
  }
  ev.depth--;
  return true;
}

/** Whether it can be told when this is looked at: it is evaluated, or what it holds is. */
function showsWhen(slot: Slot): boolean {
  const value = slot instanceof Thunk ? slot.value : slot;
  return value === undefined || Array.isArray(value) || value instanceof Attrs;
}

function attributesEqual(ev: Evaluator, a: Attrs, i: number, b: Attrs, j: number): boolean {
  try {
    return cellsEqual(ev, a.values, i, b.values, j);
  } catch (error) {
    const name = a.shape.names[i] as string;
    throw traced(error, a.position(name), `while comparing attribute '${showName(name)}'`);
  }
}

/** Two cells: equal at once when they are the same cell. */
function slotsEqual(ev: Evaluator, a: Slot, b: Slot): boolean {
  if (a === b && (a instanceof Thunk || typeof a === "object" || typeof a === "function")) {
    // The very same cell. Nix forces nothing more, but it did force the cell itself.
    force(a);
    return true;
  }
  const x = force(a);
  const y = force(b);
  return equals(ev, x, y);
}

function cellsEqual(ev: Evaluator, a: Slot[], i: number, b: Slot[], j: number): boolean {
  const x = a[i] as Slot;
  const y = b[j] as Slot;
  if (x === y && typeof x === "object" && x !== null) {
    force(x);
    return true;
  }
  const left = forceAt(a, i);
  const right = forceAt(b, j);
  if (isFunction(left) || isFunction(right)) return false;
  return equals(ev, left, right);
}

function samePath(a: NixPath, b: NixPath): boolean {
  return a.tree === b.tree ? a.place === b.place : a.path === b.path;
}

/** `a < b`; `why` is the trace line of an operation that compares. */
export function lessThan(ev: Evaluator, a: Value, b: Value, pos: number, why = ""): boolean {
  if (isNumber(a) && isNumber(b)) {
    if (a instanceof NixFloat || b instanceof NixFloat) return asDouble(a) < asDouble(b);
    return a < b;
  }
  const x = typeof a === "string" || a instanceof ContextString ? stringText(a) : null;
  const y = typeof b === "string" || b instanceof ContextString ? stringText(b) : null;
  if (x !== null && y !== null) return x < y;
  if (a instanceof NixPath && b instanceof NixPath)
    return a.tree === b.tree ? a.place < b.place : a.path < b.path;
  if (Array.isArray(a) && Array.isArray(b)) {
    for (let i = 0; ; i++) {
      if (i === b.length) return false;
      if (i === a.length) return true;
      if (!slotsEqual(ev, a[i] as Slot, b[i] as Slot)) {
        return lessThan(
          ev,
          force(a[i] as Slot),
          force(b[i] as Slot),
          pos,
          "while comparing two list elements",
        );
      }
    }
  }
  const sameKind = showType(a) === showType(b);
  const error = new NixError(
    "eval",
    sameKind
      ? `cannot compare ${showType(a)} with ${showType(b)}; values of that type are incomparable (values are ${ev.show(a)} and ${ev.show(b)})`
      : `cannot compare ${showType(a)} with ${showType(b)}; values are ${ev.show(a)} and ${ev.show(b)}`,
  );
  throw why === "" ? error : error.frame(pos, why);
}
