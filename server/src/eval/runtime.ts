/** Forcing, calling, coercing. The semantics are those of nix-semantics 3.5; the traces are Nix's. */

import type { ByteString } from "../base/bytes.ts";
import { showName } from "../syntax/identifiers.ts";
import { Attrs } from "./attrs.ts";
import { BLACKHOLE, Code, type FormalCode, type LambdaCode, type ThunkRun } from "./code.ts";
import { type Context, ContextUnion, withContext } from "./context.ts";
import { dependOn, keepInThunk, reading } from "./dependents.ts";
import { Interruption, NixError, type RecursionCycle, traced } from "./errors.ts";
import type { Evaluator } from "./evaluator.ts";
import { showFloatFixed } from "./floats.ts";
import { bestMatches } from "./lib/suggestions.ts";
import { showType } from "./show-value.ts";
import {
  ContextString,
  type Env,
  Lambda,
  NixFloat,
  type NixFunction,
  type NixInt,
  NixPath,
  type NixString,
  PrimOp,
  PrimOpApp,
  type Slot,
  Thunk,
  type Value,
} from "./values.ts";

// ---------------------------------------------------------------------------------------- forcing

export function force(slot: Slot, pos = 0): Value {
  return slot instanceof Thunk ? forceThunk(slot, pos) : slot;
}

/** The value of a thunk; `pos` is who asks: the place of an infinite recursion, and the call site of a delayed call. */
export function forceThunk(thunk: Thunk, pos: number): Value {
  const code = thunk.code;
  if (code === null) return thunk.value as Value;
  if (code === BLACKHOLE) throw infiniteRecursion(thunk, pos);
  const env = thunk.env as Env;
  const outer = reading.origins;
  reading.origins = null;
  thunk.code = BLACKHOLE;
  let value: Value;
  try {
    value = (code.run ?? code.compile())(env, pos);
  } catch (error) {
    thunk.code = code;
    dependOn(outer);
    if (error instanceof NixError && error.cycle !== null) noteCycle(error, thunk, code);
    throw error;
  }
  if (reading.origins === null) {
    thunk.value = value;
    thunk.code = null;
    thunk.env = null;
    reading.origins = outer;
  } else {
    keepInThunk(thunk, code, value, reading.origins);
    dependOn(outer);
  }
  return value;
}

/** Thunks of a cycle that are remembered. */
const LONGEST_CYCLE = 100;

/** Evaluations that stand still while something else is asked of their values. */
let suspended = 0;

/** For questions in the middle of an evaluation: what that one is computing is not there for them. */
export function whileSuspended<T>(ask: () => T): T {
  suspended++;
  const { origins } = reading;
  try {
    return ask();
  } finally {
    suspended--;
    reading.origins = origins;
  }
}

function infiniteRecursion(thunk: Thunk, pos: number): NixError {
  if (suspended > 0) throw new Interruption("pending", "the evaluation that is under way");
  const error = new NixError("infinite-recursion", "infinite recursion encountered", pos);
  error.cycle = { start: thunk, isClosed: false, positions: [] };
  return error;
}

/** An infinite recursion passes the thunks that take part in it, until it leaves the one it began with. */
function noteCycle(error: NixError, thunk: Thunk, { expr, compiler }: Code): void {
  const cycle = error.cycle as RecursionCycle;
  if (cycle.isClosed) return;
  if (expr !== null && compiler !== null && cycle.positions.length < LONGEST_CYCLE)
    cycle.positions.push(compiler.position(expr.start));
  if (thunk !== cycle.start) return;
  cycle.isClosed = true;
  error.frame(0, "entering the infinite recursion", "always");
}

/** Null for what fails. */
export function attempt<T>(run: () => T): T | null {
  try {
    return run();
  } catch (error) {
    if (error instanceof NixError) return null;
    throw error;
  }
}

/** True when a value may replace the thunk in its slot that has been forced (values.ts says what may not, and why). */
export function mayReplaceThunk(thunk: Thunk, value: Value): boolean {
  if (thunk.code !== null) return false;
  if (typeof value !== "object" || value === null) return true;
  if (Array.isArray(value)) return value.length > 2 || value.length === 0;
  if (value instanceof NixFloat) return !Number.isNaN(value.value);
  return !(value instanceof Lambda || value instanceof PrimOp || value instanceof PrimOpApp);
}

/** Forces element `i` of a list or value array and writes it back. */
export function forceAt(slots: Slot[], i: number, pos = 0): Value {
  const slot = slots[i] as Slot;
  if (!(slot instanceof Thunk)) return slot;
  const value = forceThunk(slot, pos);
  if (mayReplaceThunk(slot, value)) slots[i] = value;
  return value;
}

/** Where Nix takes a value to be that is evaluated for its own sake: functions and delayed calls of them have a place. */
function placeOf(slot: Slot): number {
  const code = slot instanceof Thunk ? slot.code : null;
  const fn = code === null ? slot : (DELAYED.get(code) ?? (slot as Thunk).env?.[0]);
  return fn instanceof Lambda ? fn.code.position : 0;
}

/** Forces everything inside a value. A set or list met again on the way is not entered twice. */
export function forceDeep(ev: Evaluator, root: Slot): void {
  const seen = new Set<Value>();
  const visit = (slot: Slot): void => {
    const place = placeOf(slot);
    ev.enter(place);
    const value = force(slot, place);
    if (Array.isArray(value)) {
      if (!seen.has(value)) visitList(value);
    } else if (value instanceof Attrs) {
      if (!seen.has(value)) visitAttrs(value);
    }
    ev.depth--;
  };
  const visitList = (list: Slot[]): void => {
    seen.add(list);
    for (let i = 0; i < list.length; i++) {
      try {
        visit(list[i] as Slot);
      } catch (error) {
        throw traced(error, 0, `while evaluating list element at index ${i}`);
      }
    }
  };
  const visitAttrs = (set: Attrs): void => {
    seen.add(set);
    for (const name of ev.symbols.names(set)) {
      try {
        visit(set.get(name) as Slot);
      } catch (error) {
        throw traced(
          error,
          set.position(name),
          `while evaluating the attribute '${showName(name)}'`,
        );
      }
    }
  };
  visit(root);
}

// ------------------------------------------------------------------------------- expecting a type

function mismatch(ev: Evaluator, expected: string, value: Value, pos: number): NixError {
  return new NixError(
    "type",
    `expected ${expected} but found ${showType(value)}: ${ev.show(value)}`,
    pos,
  );
}

function forceFor(slot: Slot, pos: number, why: string): Value {
  if (!(slot instanceof Thunk)) return slot;
  if (slot.code === null) return slot.value as Value;
  try {
    return forceThunk(slot, pos);
  } catch (error) {
    throw traced(error, pos, why);
  }
}

export function expectInt(ev: Evaluator, slot: Slot, pos: number, why: string): NixInt {
  const v = forceFor(slot, pos, why);
  if (typeof v === "number" || typeof v === "bigint") return v;
  throw mismatch(ev, "an integer", v, pos).frame(pos, why);
}

export function expectBool(ev: Evaluator, slot: Slot, pos: number, why: string): boolean {
  const v = forceFor(slot, pos, why);
  if (typeof v === "boolean") return v;
  throw mismatch(ev, "a Boolean", v, pos).frame(pos, why);
}

/** Sets and lists differ from the other types: errors in them are not said to be the argument's, and have no place of their own. */
export function expectAttrs(ev: Evaluator, slot: Slot, pos: number, why: string): Attrs {
  const v = force(slot, pos);
  if (v instanceof Attrs) return v;
  throw mismatch(ev, "a set", v, 0).frame(pos, why);
}

export function expectList(ev: Evaluator, slot: Slot, pos: number, why: string): Slot[] {
  const v = force(slot, pos);
  if (Array.isArray(v)) return v;
  throw mismatch(ev, "a list", v, 0).frame(pos, why);
}

export function expectFunction(
  ev: Evaluator,
  slot: Slot,
  pos: number,
  why: string,
): NixFunction | Attrs {
  const v = forceFor(slot, pos, why);
  if (v instanceof Lambda || v instanceof PrimOp || v instanceof PrimOpApp) return v;
  if (v instanceof Attrs && v.has("__functor")) return v;
  throw mismatch(ev, "a function", v, pos).frame(pos, why);
}

/** A number as a float; ints are widened. */
export function expectFloat(ev: Evaluator, slot: Slot, pos: number, why: string): number {
  const v = forceFor(slot, pos, why);
  if (typeof v === "number" || typeof v === "bigint") return Number(v);
  if (v instanceof NixFloat) return v.value;
  throw mismatch(ev, "a float", v, pos).frame(pos, why);
}

export function expectString(ev: Evaluator, slot: Slot, pos: number, why: string): NixString {
  const v = forceFor(slot, pos, why);
  if (typeof v === "string" || v instanceof ContextString) return v;
  throw mismatch(ev, "a string", v, pos).frame(pos, why);
}

/** A string that must not refer to a store path. */
export function expectPlainString(ev: Evaluator, slot: Slot, pos: number, why: string): ByteString {
  const s = expectString(ev, slot, pos, why);
  return typeof s === "string" ? s : noContext(ev, s, pos, why);
}

function noContext(ev: Evaluator, s: ContextString, pos: number, why: string): never {
  // Nix names the first element in the order in which its contexts are sorted.
  const first = [...s.context].sort()[0] as string;
  throw new NixError(
    "eval",
    `the string '${s.text}' is not allowed to refer to a store path (such as '${ev.showContextElement(first)}')`,
  ).frame(pos, why);
}

// ---------------------------------------------------------------------------------------- calling

/** Applies `fn` to one argument. `pos` is the call site. */
export function call(ev: Evaluator, fn: Value, arg: Slot, pos: number): Value {
  if (fn instanceof Lambda) return callLambda(ev, fn, arg, pos);
  if (fn instanceof PrimOp) {
    if (fn.arity === 1) return runPrimOp(ev, fn, pos, arg, null, null);
    return new PrimOpApp(fn, [arg]);
  }
  if (fn instanceof PrimOpApp) {
    const { op, args } = fn;
    if (args.length + 1 < op.arity) return new PrimOpApp(op, [...args, arg]);
    if (op.arity === 2) return runPrimOp(ev, op, pos, args[0] as Slot, arg, null);
    return runPrimOp(ev, op, pos, args[0] as Slot, args[1] as Slot, arg);
  }
  if (fn instanceof Attrs) {
    const functor = fn.get("__functor");
    if (functor !== undefined) {
      ev.enter(pos);
      try {
        const at = fn.position("__functor");
        const value = call(ev, call(ev, force(functor, pos), fn, at), arg, at);
        ev.depth--;
        return value;
      } catch (error) {
        ev.depth--;
        throw traced(
          error,
          pos,
          "while calling a functor (an attribute set with a '__functor' attribute)",
        );
      }
    }
  }
  throw new NixError(
    "type",
    `attempt to call something which is not a function but ${showType(fn)}: ${ev.show(fn)}`,
    pos,
  );
}

export function call2(ev: Evaluator, fn: Value, a: Slot, b: Slot, pos: number): Value {
  if (fn instanceof PrimOp && fn.arity === 2) return runPrimOp(ev, fn, pos, a, b, null);
  return call(ev, call(ev, fn, a, pos), b, pos);
}

export function callMany(ev: Evaluator, fn: Value, args: Slot[], pos: number): Value {
  let value = fn;
  let i = 0;
  while (i < args.length) {
    if (value instanceof PrimOp && args.length - i >= value.arity) {
      const op: PrimOp = value;
      value = runPrimOp(ev, op, pos, args[i] as Slot, args[i + 1] as Slot, args[i + 2] as Slot);
      i += op.arity;
    } else {
      value = call(ev, value, args[i] as Slot, pos);
      i++;
    }
  }
  return value;
}

export function runPrimOp(
  ev: Evaluator,
  op: PrimOp,
  pos: number,
  a: Slot,
  b: Slot,
  c: Slot,
): Value {
  ev.enter(pos);
  let value: Value;
  try {
    value = op.impl(ev, a, b, c);
  } catch (error) {
    ev.depth--;
    throw op.traced ? traced(error, pos, `while calling the '${op.name}' builtin`) : error;
  }
  ev.depth--;
  return value;
}

export function callLambda(ev: Evaluator, fn: Lambda, arg: Slot, pos: number): Value {
  const code = fn.code;
  const env: Env = code.formals === null ? [fn.env, arg] : bindFormals(ev, fn, arg, pos);
  ev.enter(pos);
  let value: Value;
  try {
    value = (code.body ?? code.compileBody())(env);
  } catch (error) {
    ev.depth--;
    if (error instanceof NixError) {
      const name = code.name;
      error.frame(
        code.position,
        `while calling ${name === null ? "anonymous lambda" : `'${name}'`}`,
        "with-show-trace",
      );
      if (pos !== 0) error.frame(pos, "from call site", "with-show-trace");
    }
    throw error;
  }
  ev.depth--;
  return value;
}

/** Of several arguments that are missing Nix names the one that it has known for longest. */
function missingArgument(ev: Evaluator, code: LambdaCode, set: Attrs, pos: number): NixError {
  const formals = code.formals ?? [];
  const names = formals.map(({ name }) => name);
  const missing = formals.filter(({ name, isRequired }) => isRequired && !set.has(name));
  const ranked = missing.map(({ name }) => ({ name, rank: ev.symbols.rank(name) }));
  const { name } = ranked.reduce((a, b) => (b.rank < a.rank ? b : a));
  return new NixError(
    "missing-argument",
    `function '${code.name ?? "anonymous lambda"}' called without required argument '${showName(name)}'`,
    code.position,
  )
    .lookedFor(name, [], names)
    .frame(pos, "from call site");
}

/** The environment of a lambda with a formal argument set. */
function bindFormals(ev: Evaluator, fn: Lambda, arg: Slot, pos: number): Env {
  const code = fn.code;
  const formals = code.formals ?? [];
  let set: Attrs;
  try {
    set = expectAttrs(
      ev,
      arg,
      code.position,
      "while evaluating the value passed for the lambda argument",
    );
  } catch (error) {
    throw pos === 0 ? error : traced(error, pos, "from call site");
  }
  const env: Env = code.hasParam ? [fn.env, arg] : [fn.env];
  const isOrdered = code.defaultsToSibling;
  if (set.base === null && set.shape === code.cachedShape) {
    if (isOrdered) return fillInOrder(ev, formals, set, env);
    const slots = code.cachedSlots as readonly number[];
    const values = set.values;
    for (let i = 0; i < slots.length; i++) {
      const at = slots[i] as number;
      env.push(at < 0 ? (formals[i] as FormalCode).fill(env) : (values[at] as Slot));
    }
    return env;
  }
  let used = 0;
  for (let i = 0; i < formals.length; i++) {
    const formal = formals[i] as (typeof formals)[number];
    const slot = set.get(formal.name);
    if (slot !== undefined) used++;
    else if (formal.isRequired) throw missingArgument(ev, code, set, pos);
    if (!isOrdered) env.push(slot === undefined ? formal.fill(env) : slot);
  }
  if (!code.ellipsis && used !== set.size) {
    const known = new Set(formals.map((formal) => formal.name));
    const extra = ev.symbols.names(set).find((name) => !known.has(name)) as string;
    throw new NixError(
      "unexpected-argument",
      `function '${code.name ?? "anonymous lambda"}' called with unexpected argument '${showName(extra)}'`,
      code.position,
    )
      .lookedFor(extra, [], [...known])
      .frame(pos, "from call site")
      .suggest(() => bestMatches(known, extra));
  }
  if (set.base === null) {
    const shape = set.shape;
    code.cachedShape = shape;
    code.cachedSlots = formals.map((formal) => shape.find(formal.name));
  }
  return isOrdered ? fillInOrder(ev, formals, set, env) : env;
}

/**
 * Adds the arguments to an environment in Nix's order of names: a default that names an argument which is
 * there already is that argument, the very cell; one that is not there yet it reads when it is wanted.
 */
function fillInOrder(ev: Evaluator, formals: FormalCode[], set: Attrs, env: Env): Env {
  const from = env.length;
  for (const _ of formals) (env as unknown[]).push(undefined);
  const ranks = formals.map(({ name }) => ev.symbols.rank(name));
  const order = ranks.map((_, i) => i).sort((a, b) => (ranks[a] as number) - (ranks[b] as number));
  for (const i of order) {
    const formal = formals[i] as FormalCode;
    const slot = set.get(formal.name);
    // Nix's null is a value like any other.
    env[from + i] = slot === undefined ? formal.fill(env) : slot;
  }
  return env;
}

/** Of the thunks of calls whose function had been evaluated when the call was put off. */
const DELAYED = new WeakMap<Code, Value | null>();

/** The code of such thunks; the call site is where the value is asked for. `fn`: null when it is in slot 0. */
export function delayedCall(fn: Value | null, run: ThunkRun): Code {
  const code = Code.of(run);
  DELAYED.set(code, fn);
  return code;
}

const APPLY1 = new WeakMap<Evaluator, Code>();
const APPLY2 = new WeakMap<Evaluator, Code>();

/** A thunk of `fn arg`. */
export function delayCall(ev: Evaluator, fn: Value, arg: Slot): Thunk {
  let code = APPLY1.get(ev);
  if (code === undefined) {
    code = delayedCall(null, (env, pos) => call(ev, env[0] as Value, env[1] as Slot, pos));
    APPLY1.set(ev, code);
  }
  return new Thunk(code, [fn, arg]);
}

/** A thunk of `fn a b`. */
export function delayCall2(ev: Evaluator, fn: Slot, a: Slot, b: Slot): Thunk {
  let code = APPLY2.get(ev);
  if (code === undefined) {
    code = Code.of((env, pos) =>
      call2(ev, force(env[0] as Slot, pos), env[1] as Slot, env[2] as Slot, pos),
    );
    APPLY2.set(ev, code);
  }
  return new Thunk(code, [fn, a, b]);
}

// --------------------------------------------------------------------------------------- coercing

export interface Coercion {
  /** Also null, booleans, numbers and lists (`toString`, derivation environments). */
  more: boolean;
  /** Paths are copied to the store (interpolation), else written as they are. */
  copy: boolean;
}

export const TO_STRING: Coercion = { more: true, copy: false };
export const INTERPOLATE: Coercion = { more: false, copy: true };
export const PLAIN: Coercion = { more: false, copy: false };
export const DRV_ENV: Coercion = { more: true, copy: true };

/** `why` is the trace line of the caller. */
export function coerceToString(
  ev: Evaluator,
  slot: Slot,
  pos: number,
  why: string,
  how: Coercion,
): NixString {
  const v = force(slot, pos);
  if (typeof v === "string") return v;
  if (v instanceof ContextString) return v;
  if (v instanceof NixPath) {
    return how.copy ? ev.copyPathToStore(v) : v.path;
  }
  if (v instanceof Attrs) {
    return peel(ev, v, pos, (peeled) => {
      if (peeled instanceof Attrs) throw cannotCoerce(ev, peeled, pos, why);
      return coerceToString(ev, peeled, pos, why, how);
    });
  }
  if (how.more) {
    if (v === true) return "1";
    if (v === false || v === null) return "";
    if (typeof v === "number" || typeof v === "bigint") return String(v);
    if (v instanceof NixFloat) return showFloatFixed(v);
    if (Array.isArray(v)) return coerceList(ev, v, pos, why, how);
  }
  throw cannotCoerce(ev, v, pos, why);
}

interface Peeling {
  /** What a `__toString` leads to must be a string or a path. */
  mustConvert?: boolean;
  /** It came from a `__toString`. */
  converted?: boolean;
}

/**
 * Follows `__toString` (called with the set) and `outPath` to what is not a set, or is a set without either, and
 * gives that to `use`.
 */
export function peel<T>(
  ev: Evaluator,
  v: Value,
  pos: number,
  use: (peeled: Value, converted: boolean) => T,
  { mustConvert = false, converted = false }: Peeling = {},
): T {
  const checked = (must: string): T => {
    if (!mustConvert || !converted) return use(v, converted);
    const got = `${showType(v)}: ${ev.show(v)}`;
    throw new NixError("type", `\`__toString\` ${must} return a string, but got ${got}`, pos);
  };
  if (!(v instanceof Attrs)) {
    const isString = typeof v === "string" || v instanceof ContextString || v instanceof NixPath;
    return isString ? use(v, converted) : checked("should");
  }
  const convert = v.get("__toString");
  const name = convert === undefined ? "outPath" : "__toString";
  const slot = convert ?? v.get("outPath");
  if (slot === undefined) return checked("must");
  const at = v.position(name);
  const what = convert === undefined ? "the `outPath`" : "the result of the `__toString`";
  let value: Value;
  if (convert === undefined) {
    try {
      value = force(slot, at);
    } catch (error) {
      throw traced(error, at, `while evaluating ${what} attribute`);
    }
  } else {
    try {
      value = call(ev, force(slot, pos), v, at);
    } catch (error) {
      throw traced(error, at, "while calling the `__toString` attribute");
    }
  }
  ev.enter(pos);
  let result: T;
  try {
    const next = { mustConvert, converted: converted || convert !== undefined };
    result = peel(ev, value, at, use, next);
  } catch (error) {
    throw traced(error, at, `while using ${what} attribute`);
  }
  ev.depth--;
  return result;
}

function cannotCoerce(ev: Evaluator, v: Value, pos: number, why: string): NixError {
  return new NixError("type", `cannot coerce ${showType(v)} to a string: ${ev.show(v)}`).frame(
    pos,
    why,
  );
}

function coerceList(
  ev: Evaluator,
  list: Slot[],
  pos: number,
  why: string,
  how: Coercion,
): NixString {
  let text = "";
  const contexts = new ContextUnion();
  ev.enter(pos);
  for (let i = 0; i < list.length; i++) {
    let s: NixString;
    try {
      s = coerceToString(ev, list[i] as Slot, pos, "while evaluating one element of the list", how);
    } catch (error) {
      throw traced(error, pos, why);
    }
    if (typeof s === "string") text += s;
    else {
      text += s.text;
      contexts.add(s.context);
    }
    if (i < list.length - 1) {
      // No separator after an empty list: Nix's own oddity, part of many hashes.
      const v = force(list[i] as Slot);
      if (!Array.isArray(v) || v.length > 0) text += " ";
    }
  }
  ev.depth--;
  return withContext(text, contexts.context);
}

/** Where a path is read: of a path value, or of an absolute string. The context of the string is returned beside it. */
export function coerceToPath(
  ev: Evaluator,
  slot: Slot,
  pos: number,
  why: string,
): { path: ByteString; context: Context | null } {
  const first = force(slot, pos);
  return first instanceof Attrs
    ? peel(ev, first, pos, (v) => pathOf(ev, v, pos, why))
    : pathOf(ev, first, pos, why);
}

function pathOf(
  ev: Evaluator,
  v: Value,
  pos: number,
  why: string,
): { path: ByteString; context: Context | null } {
  if (v instanceof NixPath) return { path: v.place, context: null };
  const s = coerceToString(ev, v, pos, why, PLAIN);
  const text = typeof s === "string" ? s : s.text;
  if (text.charCodeAt(0) !== 0x2f) {
    throw new NixError("eval", `string '${text}' doesn't represent an absolute path`).frame(
      pos,
      why,
    );
  }
  const path = ev.canonicalPath(text);
  ev.notePath(path);
  return { path, context: typeof s === "string" ? null : s.context };
}
