import { expect, test } from "vitest";
import { BUILTIN_NAMES, builtinOfGlobal, GLOBAL_NAMES } from "./global-names.ts";

test("a plain global and a prefixed one", () => {
  expect(builtinOfGlobal("map")).toBe("map");
  expect(builtinOfGlobal("__foldl'")).toBe("foldl'");
  expect(builtinOfGlobal("foldl'")).toBeNull();
  expect(builtinOfGlobal("__map")).toBeNull();
});

test("every builtin has exactly one global name", () => {
  expect(new Set(BUILTIN_NAMES).size).toBe(BUILTIN_NAMES.length);
  expect([...GLOBAL_NAMES.values()].sort()).toEqual([...BUILTIN_NAMES]);
});
