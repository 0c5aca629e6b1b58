import { expect, test } from "vitest";
import { readNixSettings } from "./nix-settings.ts";

function read(config: string, ...given: [string, string][]) {
  const env = { HOME: "/nowhere", NIX_CONF_DIR: "/nowhere", NIX_CONFIG: config };
  return Object.fromEntries(readNixSettings(env, given));
}

test("the last value counts, and extra- adds to it", () => {
  expect(read("cores = 1\ncores = 2 # two\nextra-cores = 3")).toEqual({ cores: "2 3" });
  expect(read("substituters = a\nextra-substituters = b", ["extra-substituters", "c d"])).toEqual({
    substituters: "a b c d",
  });
});

test("what adds to a default is kept apart, and goes with it", () => {
  const extra = read("extra-substituters = a", ["extra-substituters", "b"]);
  expect(extra).toEqual({ "extra-substituters": "a b" });
  expect(read("extra-substituters = a", ["substituters", "b"])).toEqual({ substituters: "b" });
});

test("older names", () => {
  expect(read("binary-caches = a", ["extra-binary-caches", "b"])).toEqual({ substituters: "a b" });
});
