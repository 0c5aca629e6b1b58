import fc from "fast-check";
import { expect, test } from "vitest";
import { formatFloat, formatFloatFixed, formatFloatJson, parseFloatText } from "./float-format.ts";

test.each<[value: number, printed: string, fixed: string, json: string]>([
  [0, "0", "0.000000", "0.0"],
  [-0, "-0", "-0.000000", "-0.0"],
  [1, "1", "1.000000", "1.0"],
  [-1.5, "-1.5", "-1.500000", "-1.5"],
  [0.1 + 0.2, "0.3", "0.300000", "0.30000000000000004"],
  [1e5, "100000", "100000.000000", "100000.0"],
  [1e6, "1e+06", "1000000.000000", "1000000.0"],
  [123456.7, "123457", "123456.700000", "123456.7"],
  [999999.5, "1e+06", "999999.500000", "999999.5"],
  [1e10, "1e+10", "10000000000.000000", "10000000000.0"],
  [123456789012345, "1.23457e+14", "123456789012345.000000", "123456789012345.0"],
  [1e15, "1e+15", "1000000000000000.000000", "1e+15"],
  [1234567890123456, "1.23457e+15", "1234567890123456.000000", "1.234567890123456e+15"],
  [1e100, "1e+100", `${BigInt(1e100)}.000000`, "1e+100"],
  [0.0001, "0.0001", "0.000100", "0.0001"],
  [0.00001, "1e-05", "0.000010", "1e-05"],
  [0.000123456789, "0.000123457", "0.000123", "0.000123456789"],
  [4e-7, "4e-07", "0.000000", "4e-07"],
  [5e-324, "4.94066e-324", "0.000000", "5e-324"],
  [
    1.7976931348623157e308,
    "1.79769e+308",
    `${BigInt(1.7976931348623157e308)}.000000`,
    "1.7976931348623157e+308",
  ],
  [Number.POSITIVE_INFINITY, "inf", "inf", "null"],
  [Number.NEGATIVE_INFINITY, "-inf", "-inf", "null"],
  [Number.NaN, "-nan", "-nan", "null"],
  // Not the shortest text: the algorithm's last digit.
  [1e23, "1e+23", "99999999999999991611392.000000", "9.999999999999999e+22"],
  [9e-265, "9e-265", "0.000000", "9.000000000000001e-265"],
  // Ties go to the even digit, as in C and unlike JavaScript.
  [100000.5, "100000", "100000.500000", "100000.5"],
  [100001.5, "100002", "100001.500000", "100001.5"],
  [0.0078125, "0.0078125", "0.007812", "0.0078125"],
  [0.0234375, "0.0234375", "0.023438", "0.0234375"],
  [2 ** 53, "9.0072e+15", "9007199254740992.000000", "9.007199254740992e+15"],
])("%d", (value, printed, fixed, json) => {
  expect(formatFloat(value)).toBe(printed);
  expect(formatFloatFixed(value)).toBe(fixed);
  expect(formatFloatJson(value)).toBe(json);
});

const finite = fc.double({ noNaN: true, noDefaultInfinity: true });

test("JSON reads back as the same number", () => {
  fc.assert(
    fc.property(finite, (value) => {
      const text = formatFloatJson(value);
      expect(Object.is(JSON.parse(text), value)).toBe(true);
      const digits = text.replace(/e.*|[-.]/g, "").replace(/^0+|0+$/g, "");
      expect(digits.length).toBeLessThanOrEqual(17);
    }),
    { numRuns: 2000 },
  );
});

test("six decimals are the nearest there are", () => {
  fc.assert(
    fc.property(fc.integer(), fc.integer({ min: 0, max: 40 }), (numerator, power) => {
      const text = formatFloatFixed(numerator / 2 ** power);
      const millionths = BigInt(text.replace(".", ""));
      // |numerator / 2^power - millionths / 10^6| <= 1/2 / 10^6
      const difference = BigInt(numerator) * 1_000_000n - (millionths << BigInt(power));
      const twice = 2n * (difference < 0n ? -difference : difference);
      expect(twice <= 1n << BigInt(power)).toBe(true);
      if (twice === 1n << BigInt(power)) expect(millionths % 2n).toBe(0n);
    }),
  );
});

test("six significant digits are the platform's, but for ties", () => {
  fc.assert(
    fc.property(finite, (value) => {
      fc.pre(!/5(e|$)/.test(value.toPrecision(7)));
      const difference = Number(formatFloat(value)) - Number(value.toPrecision(6));
      expect(difference).toBeCloseTo(0, 300);
    }),
  );
});

test.each<[text: string, value: number, inRange: boolean]>([
  ["1.5", 1.5, true],
  [".5e1", 5, true],
  ["-5.", -5, true],
  ["0.0e-9999", 0, true],
  ["1.7976931348623157e308", 1.7976931348623157e308, true],
  ["1.7976931348623159e308", Number.POSITIVE_INFINITY, false],
  ["1.0e-400", 0, false],
  ["2.2250738585072014e-308", 2.2250738585072014e-308, true],
  // Smaller than the smallest normal number: only what loses nothing.
  ["1.0e-310", 1e-310, false],
  [(2 ** -1060).toPrecision(100), 2 ** -1060, false],
  [`${(5n ** 1060n).toString().padStart(1060, "0").replace(/^/, "0.")}`, 2 ** -1060, true],
])("%s is read as C reads it", (text, value, inRange) => {
  expect(parseFloatText(text)).toEqual({ value, inRange });
});
