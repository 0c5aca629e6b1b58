import { expect, test } from "vitest";
import { removeJsonMember } from "./remove-json-member.ts";

test.each([
  ['{"a":1,"x":2,"b":3}', '{"a":1,"b":3}'],
  ['{"x":2,"b":3}', '{"b":3}'],
  ['{"a":1,"x":{"x":[1,{"y":","}]}}', '{"a":1}'],
  ['{"x":"}"}', "{}"],
  ['{"a":{"x":1},"b":["x",",",{}],"c":"x"}', '{"a":{"x":1},"b":["x",",",{}],"c":"x"}'],
  ['{"10":1e3,"2":1.0,"x":"\\"","q\\"":0}', '{"10":1e3,"2":1.0,"q\\"":0}'],
  ["{}", "{}"],
])("%s", (text, expected) => {
  expect(removeJsonMember(text, "x")).toBe(expected);
});
