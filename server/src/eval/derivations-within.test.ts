import { expect, test } from "vitest";
import { MemoryHost, memoryStore, TEST_SETTINGS } from "../testing/memory-host.ts";
import { derivationsWithin } from "./derivations-within.ts";
import { Evaluator } from "./evaluator.ts";

const held = (text: string) => {
  const ev = new Evaluator(new MemoryHost({}), memoryStore(), TEST_SETTINGS);
  const source = `let drv = name: derivation { inherit name; system = "s"; builder = "b"; }; in ${text}`;
  return derivationsWithin(ev.evaluateText(source, "text", "/")).map(({ steps, found }) =>
    typeof found === "string" ? steps.replace(/\/.*-/, "") : steps,
  );
};

test("derivations in lists and sets, and those that strings refer to", () => {
  expect(held('drv "a"')).toEqual([""]);
  expect(held('[ (drv "a") { b = drv "b"; c = "${drv "c"}/bin ${drv "d"}"; } 1 ]')).toEqual([
    ".0",
    ".1.b",
    ".1.c:c.drv",
    ".1.c:d.drv",
  ]);
});

test("what fails holds nothing, and what goes on for ever is looked into a little", () => {
  expect(held('[ (throw "no") (drv "a") ]')).toEqual([".1"]);
  expect(held('let x = { a = x; b = drv "b"; }; in x').length).toBeLessThan(10);
});
