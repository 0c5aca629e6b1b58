import { expect, test } from "vitest";
import { floatValue, intValue } from "./numbers.ts";

test("integers are numbers while safe, then bigints, up to int64", () => {
  expect(intValue("007")).toBe(7);
  expect(intValue("9007199254740991")).toBe(9007199254740991);
  expect(intValue("9007199254740992")).toBe(9007199254740992n);
  expect(intValue("9223372036854775807")).toBe(9223372036854775807n);
  expect(intValue("9223372036854775808")).toBeNull();
  expect(intValue("0000000000000000000000000000001")).toBe(1);
});

test("floats outside of the normal range are errors unless exact", () => {
  expect(floatValue("5.")).toBe(5);
  expect(floatValue(".5e1")).toBe(5);
  expect(floatValue("1.0e308")).toBe(1e308);
  expect(floatValue("1.0e309")).toBeNull();
  expect(floatValue("2.2250738585072014e-308")).toBe(2.2250738585072014e-308);
  expect(floatValue("1.0e-310")).toBeNull();
  expect(floatValue("1.0e-400")).toBeNull();
  expect(floatValue("0.0e-400")).toBe(0);
  expect(floatValue("0.0000000000000")).toBe(0);
});

test("a subnormal number written out in full is exact", () => {
  // 2^-1074 has 1074 decimals: 5^1074 / 10^1074
  const digits = (5n ** 1074n).toString().padStart(1074, "0");
  expect(floatValue(`0.${digits}`)).toBe(5e-324);
  expect(floatValue(`0.${digits.slice(0, -1)}`)).toBeNull();
});
