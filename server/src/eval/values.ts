/**
 * What a Nix value is inside the evaluator.
 *
 * | Nix      | here                                                                    |
 * |----------|-------------------------------------------------------------------------|
 * | int      | `number` while a safe integer, else `bigint` (always within int64)      |
 * | float    | `NixFloat`                                                              |
 * | bool     | `true` / `false`                                                        |
 * | null     | `null`                                                                  |
 * | string   | byte string (`string`), or `ContextString` when it has a string context |
 * | path     | `NixPath`                                                               |
 * | list     | `Value[]`                                                               |
 * | set      | `Attrs` (attrs.ts)                                                      |
 * | function | `Lambda`, `PrimOp`, `PrimOpApp`                                         |
 *
 * A slot of a list, a set or an environment may hold a `Thunk` instead of a value. Whoever forces it
 * writes the value back into the slot, except functions and NaN: what is not equal to itself is
 * compared by the cell that it lives in, and the thunk is that cell. So it is for lists of one or two,
 * whose cell tells whether they are printed as repeated. What depends on an open file is not written back
 * either (dependents.ts).
 */
import type { ByteString } from "../base/bytes.ts";
import type { Attrs } from "./attrs.ts";
import type { Code, LambdaCode } from "./code.ts";
import type { Context } from "./context.ts";
import type { Evaluator } from "./evaluator.ts";

export class NixFloat {
  readonly value: number;
  constructor(value: number) {
    this.value = value;
  }
}

/** A string with a non-empty string context. */
export class ContextString {
  readonly text: ByteString;
  readonly context: Context;
  constructor(text: ByteString, context: Context) {
    this.text = text;
    this.context = context;
  }
}

/** A tree whose files are read elsewhere than a program sees them (`LiveTree`). */
interface MovedTree {
  /** What a program sees of a path in it. Throws what reading all of the tree throws. */
  real(place: ByteString): ByteString;
}

/** An absolute, canonical path. */
export class NixPath {
  /** Where it is read: the path itself, unless it is in such a tree. */
  readonly place: ByteString;
  readonly tree: MovedTree | null;

  constructor(place: ByteString, tree: MovedTree | null = null) {
    this.place = place;
    this.tree = tree;
  }

  /** What a program sees. Throws as `MovedTree.real`. */
  get path(): ByteString {
    return this.tree === null ? this.place : this.tree.real(this.place);
  }
}

/** An environment: slot 0 is the enclosing environment (null at the top), the others are variables. */
export type Env = (Slot | Env | null)[];

export class Lambda {
  readonly code: LambdaCode;
  readonly env: Env;
  constructor(code: LambdaCode, env: Env) {
    this.code = code;
    this.env = env;
  }
}

/** The implementation of a builtin; only the first `arity` arguments are meaningful, each unforced. */
export type PrimOpImpl = (ev: Evaluator, a: Slot, b: Slot, c: Slot) => Value;

export class PrimOp {
  /** The name in messages: `map`, `foldl'`, `derivationStrict`. */
  readonly name: string;
  readonly arity: number;
  readonly impl: PrimOpImpl;
  /** False for those that add no "while calling the '…' builtin" line to a trace. */
  readonly traced: boolean;
  constructor(name: string, arity: number, impl: PrimOpImpl, traced = true) {
    this.name = name;
    this.arity = arity;
    this.impl = impl;
    this.traced = traced;
  }
}

/** A builtin that still waits for arguments. */
export class PrimOpApp {
  readonly op: PrimOp;
  readonly args: Slot[];
  constructor(op: PrimOp, args: Slot[]) {
    this.op = op;
    this.args = args;
  }
}

/**
 * A delayed value. Unforced: `code` is what to run in `env`. While it is being forced `code` is
 * `BLACKHOLE`. Forced: `code` is null and `value` is set. If forcing throws, it is unforced again.
 */
export class Thunk {
  code: Code | null;
  env: Env | null;
  value: Value | undefined;
  constructor(code: Code, env: Env) {
    this.code = code;
    this.env = env;
    this.value = undefined;
  }
}

export type NixString = ByteString | ContextString;
export type NixInt = number | bigint;
export type NixFunction = Lambda | PrimOp | PrimOpApp;
export type Value =
  | NixInt
  | NixFloat
  | boolean
  | null
  | NixString
  | NixPath
  | Slot[]
  | Attrs
  | NixFunction;
/** What a list element, an attribute or a variable holds. */
export type Slot = Value | Thunk;

/** What an element of a list that grows may take, in bytes: the list and a copy half as large again. */
export const SLOT_BYTES = 24;
/** The same with a thunk of its own. */
export const THUNK_BYTES = 56;

export function isFunction(value: Slot): value is NixFunction {
  return value instanceof Lambda || value instanceof PrimOp || value instanceof PrimOpApp;
}

const I64_MIN = -(2n ** 63n);
const I64_MAX = 2n ** 63n - 1n;

/** The int with this value, or null when it does not fit int64. */
export function intFromBigInt(n: bigint): NixInt | null {
  if (n >= -9007199254740991n && n <= 9007199254740991n) return Number(n);
  return n >= I64_MIN && n <= I64_MAX ? n : null;
}
