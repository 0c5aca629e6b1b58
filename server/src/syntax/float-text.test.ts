import { expect, test } from "vitest";
import { floatText } from "./float-text.ts";

test.each([
  [0, "0"],
  [-0, "-0"],
  [1, "1"],
  [0.1, "0.1"],
  [100000, "100000"],
  [999999.4, "999999"],
  [999999.5, "1e+06"],
  [1e6, "1e+06"],
  [12345678.9, "1.23457e+07"],
  [0.0001, "0.0001"],
  [0.00001234, "1.234e-05"],
  [1e100, "1e+100"],
  [-2.5e-7, "-2.5e-07"],
  [123456.5, "123456"],
  [123457.5, "123458"],
  [100000.5, "100000"],
  [0.000123456789, "0.000123457"],
  [1e-310, "1e-310"],
  [Number.POSITIVE_INFINITY, "inf"],
  [Number.NEGATIVE_INFINITY, "-inf"],
  [Number.NaN, "nan"],
])("%d is %s", (value, text) => expect(floatText(value)).toBe(text));
