import { expect, test } from "vitest";
import { parseNix } from "../syntax/parser.ts";
import { dottedNames } from "./dotted-names.ts";

const names = (source: string) => {
  const { expr } = parseNix(source);
  return expr && dottedNames(expr);
};

test("variables and attributes of them", () => {
  expect(names("a")).toEqual(["a"]);
  expect(names('a.b."c-d"')).toEqual(["a", "b", "c-d"]);
});

test("what has no names", () => {
  expect(names("(f x).a")).toBeNull();
  expect(names("a.b or c")).toBeNull();
  expect(names("a.${b}")).toBeNull();
});
