/**
 * Floats as text, each way that Nix has: on output and in XML (`formatFloat`), by `toString`
 * (`formatFloatFixed`), in JSON (`formatFloatJson`), and back (`parseFloatText`).
 *
 * JavaScript can't see the sign of a NaN. Arithmetic on x86 makes negative ones, so NaN is `-nan`;
 * the other kind never comes here.
 */

/** The decimal digits of a finite number: `0.d1d2d3… * 10^exponent`. No digits for zero. */
interface Decimal {
  readonly digits: string;
  readonly exponent: number;
}

/** Enough digits to tell any double from a tie: none comes closer to one without being it. */
const TIE_DIGITS = 60;

/** `digits` rounded to `count` of them (0 or more), a tie to the even neighbour, as C's printf does. */
function roundDigits({ digits, exponent }: Decimal, count: number): Decimal {
  if (count < 0) return { digits: "", exponent };
  const kept = digits.slice(0, count);
  const rest = digits.slice(count);
  const half = /^50*$/.test(rest);
  const odd = Number(kept.at(-1) ?? "0") % 2 === 1;
  const up = half ? odd : rest >= "5";
  if (!up) return { digits: kept, exponent };
  const next = (BigInt(kept === "" ? "0" : kept) + 1n).toString();
  return next.length > kept.length
    ? { digits: next.slice(0, Math.max(count, 1)), exponent: exponent + 1 }
    : { digits: next.padStart(kept.length, "0"), exponent };
}

function decimalOf(magnitude: number): Decimal {
  if (magnitude === 0) return { digits: "", exponent: 0 };
  const [mantissa, exponent] = magnitude.toExponential(TIE_DIGITS).split("e") as [string, string];
  return { digits: mantissa.replace(".", ""), exponent: Number(exponent) + 1 };
}

const signOf = (value: number) => (value < 0 || Object.is(value, -0) ? "-" : "");

function formatSpecial(value: number): string | undefined {
  if (Number.isFinite(value)) return undefined;
  return Number.isNaN(value) ? "-nan" : `${signOf(value)}inf`;
}

/** An exponent with its sign and at least two digits. */
function formatExponent(exponent: number): string {
  const digits = `${Math.abs(exponent)}`.padStart(2, "0");
  return `e${exponent < 0 ? "-" : "+"}${digits}`;
}

/** As C++ streams print: six significant digits (`%g`), such as `0.1`, `1e+06` and `-inf`. */
export function formatFloat(value: number): string {
  const special = formatSpecial(value);
  if (special !== undefined) return special;
  const sign = signOf(value);
  if (value === 0) return `${sign}0`;
  const rounded = roundDigits(decimalOf(Math.abs(value)), 6);
  const digits = rounded.digits.replace(/0+$/, "");
  const exponent = rounded.exponent - 1;
  if (exponent < -4 || exponent >= 6) {
    const fraction = digits.length > 1 ? `.${digits.slice(1)}` : "";
    return `${sign}${digits.charAt(0)}${fraction}${formatExponent(exponent)}`;
  }
  return sign + placePoint(digits, exponent + 1);
}

/** Digits with the point after the first `before` of them, and no point when nothing follows it. */
function placePoint(digits: string, before: number): string {
  if (before <= 0) return `0.${"0".repeat(-before)}${digits}`;
  if (digits.length <= before) return digits.padEnd(before, "0");
  return `${digits.slice(0, before)}.${digits.slice(before)}`;
}

/** With six decimals (`%f`): what `toString` gives. */
export function formatFloatFixed(value: number): string {
  const special = formatSpecial(value);
  if (special !== undefined) return special;
  const magnitude = Math.abs(value);
  // From here on every double is whole.
  if (magnitude >= 2 ** 53) return `${signOf(value)}${BigInt(magnitude)}.000000`;
  const decimal = decimalOf(magnitude);
  const { digits, exponent } = roundDigits(decimal, decimal.exponent + 6);
  const all = digits.padEnd(Math.max(exponent + 6, 0), "0");
  const whole = exponent > 0 ? all.slice(0, exponent) : "0";
  const fraction = exponent > 0 ? all.slice(exponent) : `${"0".repeat(-exponent)}${all}`;
  return `${signOf(value)}${whole}.${fraction.padEnd(6, "0").slice(0, 6)}`;
}

// JSON: the Grisu2 algorithm (Florian Loitsch, "Printing Floating-Point Numbers Quickly and Accurately
// with Integers", 2010) as the library that Nix uses has it. Its result reads back as the same number and
// is nearly always the shortest such text, but not always, so the platform's shortest form is not it.

/** `significand * 2^exponent`; the significand is 64 bits. */
interface Scaled {
  readonly significand: bigint;
  readonly exponent: number;
}

const MASK_64 = (1n << 64n) - 1n;

const bits = new DataView(new ArrayBuffer(8));

/** The upper half of the product, rounded. */
function multiply(a: Scaled, b: Scaled): Scaled {
  const product = a.significand * b.significand + (1n << 63n);
  return { significand: (product >> 64n) & MASK_64, exponent: a.exponent + b.exponent + 64 };
}

function normalize({ significand, exponent }: Scaled): Scaled {
  const shift = 64 - significand.toString(2).length;
  return { significand: significand << BigInt(shift), exponent: exponent - shift };
}

/** 10^power, rounded to 64 bits. */
function powerOfTen(power: number): Scaled {
  // Scaled so that the quotient has at least 64 bits and the division's rest rounds it.
  const [numerator, denominator] =
    power >= 0 ? [10n ** BigInt(power), 1n] : [1n, 10n ** BigInt(-power)];
  const length = numerator.toString(2).length - denominator.toString(2).length;
  const shift = 66 - length;
  const quotient =
    shift >= 0
      ? (numerator << BigInt(shift)) / denominator
      : numerator / (denominator << BigInt(-shift));
  const extra = quotient.toString(2).length - 64;
  const significand = (quotient + (1n << BigInt(extra - 1))) >> BigInt(extra);
  return { significand, exponent: extra - shift };
}

const powers = new Map<number, Scaled>();

/** A power of ten that brings a number with this exponent to one between -60 and -32. */
function powerFor(exponent: number): { readonly power: number; readonly scaled: Scaled } {
  const target = -60 - exponent - 1;
  // 78913 / 2^18 is the logarithm of 2 to base 10.
  const needed = Math.trunc((target * 78913) / 2 ** 18) + (target > 0 ? 1 : 0);
  const power = -300 + 8 * Math.trunc((300 + needed + 7) / 8);
  let scaled = powers.get(power);
  if (scaled === undefined) {
    scaled = powerOfTen(power);
    powers.set(power, scaled);
  }
  return { power, scaled };
}

/** The digits of a positive number and the power of ten that the last of them stands for. */
function grisu(value: number): { digits: string; power: number } {
  bits.setFloat64(0, value);
  const raw = bits.getBigUint64(0);
  const fraction = raw & ((1n << 52n) - 1n);
  const biased = Number(raw >> 52n);
  const significand = biased === 0 ? fraction : fraction | (1n << 52n);
  const exponent = (biased === 0 ? 1 : biased) - 1075;

  // The numbers half way to the neighbours: what lies between them reads back as the value.
  const above = normalize({ significand: 2n * significand + 1n, exponent: exponent - 1 });
  const lowerIsCloser = fraction === 0n && biased > 1;
  const below = lowerIsCloser
    ? { significand: 4n * significand - 1n, exponent: exponent - 2 }
    : { significand: 2n * significand - 1n, exponent: exponent - 1 };
  const shifted = {
    significand: below.significand << BigInt(below.exponent - above.exponent),
    exponent: above.exponent,
  };

  const { power, scaled } = powerFor(above.exponent);
  const middle = multiply(normalize({ significand, exponent }), scaled);
  const low = multiply(shifted, scaled).significand + 1n;
  const highScaled = multiply(above, scaled);
  const high = highScaled.significand - 1n;

  const shift = BigInt(-highScaled.exponent);
  const one = 1n << shift;
  let delta = high - low;
  let distance = high - middle.significand;
  let whole = high >> shift;
  let rest = high & (one - 1n);
  let digits = "";
  let last = -power;

  /** Brings the last digit closer to the value while the result stays between the bounds. */
  const round = (remaining: bigint, unit: bigint) => {
    let left = remaining;
    let digit = Number(digits.at(-1));
    while (
      left < distance &&
      delta - left >= unit &&
      (left + unit < distance || distance - left > left + unit - distance)
    ) {
      digit--;
      left += unit;
    }
    return { digits: digits.slice(0, -1) + digit, power: last };
  };

  let count = whole.toString().length;
  for (let unit = 10n ** BigInt(count - 1); count > 0; unit /= 10n) {
    digits += whole / unit;
    whole %= unit;
    count--;
    const remaining = (whole << shift) + rest;
    if (remaining <= delta) {
      last += count;
      return round(remaining, unit << shift);
    }
  }
  for (;;) {
    rest *= 10n;
    digits += rest >> shift;
    rest &= one - 1n;
    last--;
    delta *= 10n;
    distance *= 10n;
    if (rest <= delta) return round(rest, one);
  }
}

/** As `toJSON` writes it: `1.0`, `1e+15`, `-0.0`, `0.1`; `null` for what JSON has no number for. */
export function formatFloatJson(value: number): string {
  if (!Number.isFinite(value)) return "null";
  const sign = signOf(value);
  if (value === 0) return `${sign}0.0`;
  const { digits, power } = grisu(Math.abs(value));
  const before = digits.length + power;
  if (before > -4 && before <= 15) {
    return sign + placePoint(digits, before) + (power >= 0 ? ".0" : "");
  }
  const fraction = digits.length > 1 ? `.${digits.slice(1)}` : "";
  return `${sign}${digits.charAt(0)}${fraction}${formatExponent(before - 1)}`;
}

const SMALLEST_NORMAL = 2 ** -1022;

/**
 * The number a decimal text stands for, as C's strtod reads it. `inRange` is false where that reports a
 * range error: too large, or so small that digits are lost. The text must be a decimal number, with or
 * without sign, point and exponent.
 */
export function parseFloatText(text: string): {
  readonly value: number;
  readonly inRange: boolean;
} {
  const value = Number(text);
  if (!Number.isFinite(value)) return { value, inRange: false };
  const magnitude = Math.abs(value);
  return { value, inRange: magnitude >= SMALLEST_NORMAL || isExactly(text, magnitude) };
}

/** True when the text is exactly the number, which is 0 or smaller than the smallest normal one. */
function isExactly(text: string, magnitude: number): boolean {
  const parts = /^[-+]?([0-9]*)\.?([0-9]*)(?:[eE]([-+]?[0-9]+))?$/.exec(text);
  const [, whole = "", fraction = "", exponentText = "0"] = parts ?? [];
  const digits = (whole + fraction).replace(/^0+/, "");
  if (digits === "") return true;
  if (magnitude === 0) return false;
  // In units of the smallest number, 2^-1074. The exponent is negative, as the number is that small,
  // and of moderate size, as it is not 0.
  const exponent = Number(exponentText) - fraction.length;
  const units = BigInt(magnitude / 2 ** -1074);
  return BigInt(digits) << 1074n === units * 10n ** BigInt(-exponent);
}
