/** Values of number literals, with Nix's limits. */
import type { ByteString } from "../base/bytes.ts";

const MAX_INT = 2n ** 63n - 1n;
const MIN_NORMAL = 2.2250738585072014e-308;

/** The value of decimal digits: a `number` while it is safe, else a `bigint`; null above int64. */
export function intValue(digits: ByteString): number | bigint | null {
  if (digits.length <= 15) return Number(digits);
  const value = BigInt(digits);
  if (value > MAX_INT) return null;
  return value <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(value) : value;
}

/**
 * The value of a float literal, or null where C's `strtod` reports a range error: too large, or so
 * small that it is not a normal number and not exact.
 */
export function floatValue(text: ByteString): number | null {
  const value = Number(text);
  if (value >= MIN_NORMAL) return value === Number.POSITIVE_INFINITY ? null : value;
  const [mantissa, exponent] = splitFloat(text);
  if (mantissa === 0n) return 0;
  return value !== 0 && isExact(value, mantissa, exponent) ? value : null;
}

/** `text` = mantissa * 10^exponent. */
function splitFloat(text: ByteString): [bigint, number] {
  const e = text.search(/[eE]/);
  const body = e < 0 ? text : text.slice(0, e);
  const dot = body.indexOf(".");
  const digits = body.slice(0, dot) + body.slice(dot + 1);
  const exponent = e < 0 ? 0 : Number(text.slice(e + 1));
  return [BigInt(digits), exponent - (body.length - dot - 1)];
}

/** Whether the subnormal `value` = k * 2^-1074 is exactly mantissa * 10^exponent. */
function isExact(value: number, mantissa: bigint, exponent: number): boolean {
  if (exponent >= 0) return false;
  // k = value * 2^1074, in two steps because 2^1074 is no double
  const k = BigInt(value * 2 ** 600 * 2 ** 474);
  return k * 10n ** BigInt(-exponent) === mantissa * 2n ** 1074n;
}
