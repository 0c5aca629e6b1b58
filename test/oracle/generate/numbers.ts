/** Numbers as they are written. */
import type { Random } from "./random.ts";

/** A float that is not negative, with any number of digits. */
export function float(r: Random): string {
  const digits = (n: number) => Array.from({ length: n }, () => String(r.below(10))).join("");
  const whole = r.chance(0.5) ? String(r.below(10)) : `${1 + r.below(9)}${digits(r.below(18))}`;
  const exponent = r.chance(0.5)
    ? ""
    : `e${r.pick(["", "-", "+"])}${r.below(r.chance(0.2) ? 300 : 22)}`;
  return `${whole}.${r.chance(0.8) ? digits(1 + r.below(17)) : ""}${exponent}`;
}
