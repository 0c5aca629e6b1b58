/** Arithmetic on int64 and doubles (nix-semantics 3.6). */
import { NixError } from "./errors.ts";
import type { Evaluator } from "./evaluator.ts";
import { expectFloat, expectInt, force } from "./runtime.ts";
import { intFromBigInt, NixFloat, type NixInt, type Slot, type Value } from "./values.ts";

type Words = readonly [verb: string, sign: string, first: string, second: string];

const ADDITION: Words = [
  "adding",
  "+",
  "while evaluating the first argument of the addition",
  "while evaluating the second argument of the addition",
];
const SUBTRACTION: Words = [
  "subtracting",
  "-",
  "while evaluating the first argument of the subtraction",
  "while evaluating the second argument of the subtraction",
];
const MULTIPLICATION: Words = [
  "multiplying",
  "*",
  "while evaluating the first argument of the multiplication",
  "while evaluating the second argument of the multiplication",
];

function overflow(words: Words, a: NixInt, b: NixInt, pos: number): NixError {
  return new NixError("eval", `integer overflow in ${words[0]} ${a} ${words[1]} ${b}`, pos);
}

export function addInts(a: NixInt, b: NixInt, pos: number): NixInt {
  if (typeof a === "number" && typeof b === "number") {
    const sum = a + b;
    if (Number.isSafeInteger(sum)) return sum;
  }
  const sum = intFromBigInt(BigInt(a) + BigInt(b));
  if (sum === null) throw overflow(ADDITION, a, b, pos);
  return sum;
}

function multiplyInts(a: NixInt, b: NixInt, pos: number): NixInt {
  if (typeof a === "number" && typeof b === "number") {
    const product = a * b;
    // -0 would print as "0" but is not an int.
    if (Number.isSafeInteger(product)) return product === 0 ? 0 : product;
  }
  const product = intFromBigInt(BigInt(a) * BigInt(b));
  if (product === null) throw overflow(MULTIPLICATION, a, b, pos);
  return product;
}

function subtractInts(a: NixInt, b: NixInt, pos: number): NixInt {
  if (typeof a === "number" && typeof b === "number") {
    const difference = a - b;
    if (Number.isSafeInteger(difference)) return difference;
  }
  const difference = intFromBigInt(BigInt(a) - BigInt(b));
  if (difference === null) throw overflow(SUBTRACTION, a, b, pos);
  return difference;
}

function binary(
  ev: Evaluator,
  a: Slot,
  b: Slot,
  pos: number,
  words: Words,
  ints: (a: NixInt, b: NixInt, pos: number) => NixInt,
  floats: (a: number, b: number) => number,
): Value {
  const x = force(a, pos);
  const y = force(b, pos);
  if (typeof x === "number" && typeof y === "number") return ints(x, y, 0);
  if (x instanceof NixFloat || y instanceof NixFloat) {
    return new NixFloat(
      floats(expectFloat(ev, x, pos, words[2]), expectFloat(ev, y, pos, words[3])),
    );
  }
  return ints(expectInt(ev, x, pos, words[2]), expectInt(ev, y, pos, words[3]), 0);
}

export function add(ev: Evaluator, a: Slot, b: Slot, pos: number): Value {
  return binary(ev, a, b, pos, ADDITION, addInts, (x, y) => x + y);
}
export function subtract(ev: Evaluator, a: Slot, b: Slot, pos: number): Value {
  return binary(ev, a, b, pos, SUBTRACTION, subtractInts, (x, y) => x - y);
}
export function multiply(ev: Evaluator, a: Slot, b: Slot, pos: number): Value {
  return binary(ev, a, b, pos, MULTIPLICATION, multiplyInts, (x, y) => x * y);
}

export function divide(ev: Evaluator, a: Slot, b: Slot, pos: number): Value {
  const first = "while evaluating the first operand of the division";
  const second = "while evaluating the second operand of the division";
  const x = force(a, pos);
  const y = force(b, pos);
  const divisor = expectFloat(ev, y, pos, second);
  if (divisor === 0) throw new NixError("eval", "division by zero", 0);
  if (x instanceof NixFloat || y instanceof NixFloat) {
    return new NixFloat(expectFloat(ev, x, pos, first) / divisor);
  }
  const i = expectInt(ev, x, pos, first);
  const j = expectInt(ev, y, pos, second);
  if (typeof i === "number" && typeof j === "number") {
    const quotient = Math.trunc(i / j);
    // Exact: both operands are below 2^53, so the rounded quotient cannot cross an integer.
    return quotient === 0 ? 0 : quotient;
  }
  const quotient = intFromBigInt(BigInt(i) / BigInt(j));
  if (quotient === null) {
    throw new NixError("eval", `integer overflow in dividing ${i} / ${j}`, 0);
  }
  return quotient;
}
