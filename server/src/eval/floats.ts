/**
 * The floats that are no numbers. Nix shows their sign: x86 makes `-nan` of what has no result, and a
 * text in TOML may say `nan`. JavaScript has one for both, so the other is a value of its own.
 */
import { formatFloat, formatFloatFixed } from "./lib/float-format.ts";
import { NixFloat, type Value } from "./values.ts";

export class PositiveNaN extends NixFloat {
  constructor() {
    super(Number.NaN);
  }
}

const isNaNValue = (v: Value) => v instanceof NixFloat && Number.isNaN(v.value);

/** What was computed of two operands: of those that are no numbers the first is the result. */
export function floatResult(result: number, x: Value, y: Value): NixFloat {
  if (Number.isNaN(result) && (isNaNValue(x) ? x : y) instanceof PositiveNaN)
    return new PositiveNaN();
  return new NixFloat(result);
}

/** On output and in XML. */
export function showFloat(v: NixFloat): string {
  return v instanceof PositiveNaN ? "nan" : formatFloat(v.value);
}

/** As `toString` gives it. */
export function showFloatFixed(v: NixFloat): string {
  return v instanceof PositiveNaN ? "nan" : formatFloatFixed(v.value);
}
