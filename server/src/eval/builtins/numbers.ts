/** Arithmetic, comparison and bits. */
import { add, divide, multiply, subtract } from "../arithmetic.ts";
import { lessThan } from "../compare.ts";
import { NixError } from "../errors.ts";
import type { Evaluator } from "../evaluator.ts";
import { expectFloat, expectInt, force } from "../runtime.ts";
import { intFromBigInt, NixFloat, type NixInt, type Slot, type Value } from "../values.ts";
import type { Definition } from "./define.ts";

function bits(
  name: string,
  operate: (a: bigint, b: bigint) => bigint,
): (ev: Evaluator, a: Slot, b: Slot) => Value {
  return (ev, a, b) => {
    const x = expectInt(ev, a, 0, `while evaluating the first argument passed to builtins.${name}`);
    const y = expectInt(
      ev,
      b,
      0,
      `while evaluating the second argument passed to builtins.${name}`,
    );
    return intFromBigInt(BigInt.asIntN(64, operate(BigInt(x), BigInt(y)))) as NixInt;
  };
}

function rounding(name: string, round: (x: number) => number): Definition {
  return [
    name,
    1,
    (ev, v) => {
      const why = `while evaluating the first argument passed to builtins.${name}`;
      const x = expectFloat(ev, v, 0, why);
      const value = force(v);
      const rounded = round(x);
      if (!(value instanceof NixFloat)) {
        // Nix rounds integers as floats. Older versions gave what came of it; it is an error by now.
        const n = value as NixInt;
        const exact = BigInt(rounded) === BigInt(n);
        if (exact) return n;
        const bug = "Due to a bug (see https://github.com/NixOS/nix/issues/12899) ";
        const what =
          rounded < 2 ** 63
            ? `a loss of precision occurred in previous Nix versions because the NixInt argument ${n} was rounded to ${BigInt(rounded)}.`
            : `the NixInt argument ${n} caused undefined behavior in previous Nix versions.`;
        throw new NixError(
          "eval",
          `${bug}${what}\n\tFuture Nix versions might implement the correct behavior.`,
        );
      }
      if (!Number.isFinite(rounded) || rounded < -(2 ** 63) || rounded >= 2 ** 63) {
        throw new NixError(
          "eval",
          `NixFloat argument ${ev.show(value)} is not in the range of NixInt`,
          0,
        );
      }
      return intFromBigInt(BigInt(rounded)) as NixInt;
    },
  ];
}

export const NUMBERS: Definition[] = [
  ["add", 2, (ev, a, b) => add(ev, a, b, 0)],
  ["sub", 2, (ev, a, b) => subtract(ev, a, b, 0)],
  ["mul", 2, (ev, a, b) => multiply(ev, a, b, 0)],
  ["div", 2, (ev, a, b) => divide(ev, a, b, 0)],
  [
    "lessThan",
    2,
    (ev, a, b) => {
      const x = force(a);
      return lessThan(ev, x, force(b), 0);
    },
  ],
  ["bitAnd", 2, bits("bitAnd", (a, b) => a & b)],
  ["bitOr", 2, bits("bitOr", (a, b) => a | b)],
  ["bitXor", 2, bits("bitXor", (a, b) => a ^ b)],
  rounding("ceil", Math.ceil),
  rounding("floor", Math.floor),
];
