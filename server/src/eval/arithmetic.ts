/** Arithmetic on int64 and doubles (nix-semantics 3.6). */
import { NixError } from "./errors.ts";
import type { Evaluator } from "./evaluator.ts";
import { floatResult } from "./floats.ts";
import { expectFloat, expectInt, force } from "./runtime.ts";
import { intFromBigInt, NixFloat, type NixInt, type Slot, type Value } from "./values.ts";
import { behaves } from "./versions.ts";

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

/** An integer of 64 bits, or what becomes of one that is none. */
function fitted(ev: Evaluator, n: bigint, overflowed: () => NixError): NixInt {
  const fits = intFromBigInt(n);
  if (fits !== null) return fits;
  if (!behaves(ev.settings.nixVersion, "integersWrap")) throw overflowed();
  return intFromBigInt(BigInt.asIntN(64, n)) as NixInt;
}

export function addInts(ev: Evaluator, a: NixInt, b: NixInt, pos: number): NixInt {
  if (typeof a === "number" && typeof b === "number") {
    const sum = a + b;
    if (Number.isSafeInteger(sum)) return sum;
  }
  return fitted(ev, BigInt(a) + BigInt(b), () => overflow(ADDITION, a, b, pos));
}

function multiplyInts(ev: Evaluator, a: NixInt, b: NixInt, pos: number): NixInt {
  if (typeof a === "number" && typeof b === "number") {
    const product = a * b;
    // -0 would print as "0" but is not an int.
    if (Number.isSafeInteger(product)) return product === 0 ? 0 : product;
  }
  return fitted(ev, BigInt(a) * BigInt(b), () => overflow(MULTIPLICATION, a, b, pos));
}

function subtractInts(ev: Evaluator, a: NixInt, b: NixInt, pos: number): NixInt {
  if (typeof a === "number" && typeof b === "number") {
    const difference = a - b;
    if (Number.isSafeInteger(difference)) return difference;
  }
  return fitted(ev, BigInt(a) - BigInt(b), () => overflow(SUBTRACTION, a, b, pos));
}

function binary(
  ev: Evaluator,
  a: Slot,
  b: Slot,
  pos: number,
  words: Words,
  ints: (ev: Evaluator, a: NixInt, b: NixInt, pos: number) => NixInt,
  floats: (a: number, b: number) => number,
): Value {
  const x = force(a, pos);
  const y = force(b, pos);
  if (typeof x === "number" && typeof y === "number") return ints(ev, x, y, 0);
  if (x instanceof NixFloat || y instanceof NixFloat) {
    const result = floats(expectFloat(ev, x, pos, words[2]), expectFloat(ev, y, pos, words[3]));
    return floatResult(result, x, y);
  }
  return ints(ev, expectInt(ev, x, pos, words[2]), expectInt(ev, y, pos, words[3]), 0);
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
    return floatResult(expectFloat(ev, x, pos, first) / divisor, x, y);
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
