/** Our evaluator and real Nixes on the same expressions. */
import { beforeAll, describe, expect, test } from "vitest";
import { NIX_VERSIONS } from "../../server/src/eval/versions.ts";
import { VERSION_CASES } from "../../server/src/testing/version-cases.ts";
import { caseFiles, folder } from "./cases.ts";
import { compareAll, differences, explain } from "./compare.ts";
import { knownDifferences } from "./known-differences.ts";
import type { Mode } from "./outcome.ts";
import { evaluateReal, realNixes } from "./real-nix.ts";

const MODES: readonly Mode[] = ["value", "json", "xml"];
/** Of files whose expressions fail, the other formats tell nothing new. */
const modesOf = (name: string) => (name === "errors" ? MODES.slice(0, 1) : MODES);

const files = caseFiles();
/** Every expression that fails takes a process of its own, and a test must not take minutes. */
const PART = 60;
const parts = files.flatMap(({ name, expressions }) => {
  const size = name === "errors" ? PART : expressions.length;
  return Array.from({ length: Math.ceil(expressions.length / size) }, (_, i) => ({
    name,
    part: i + 1,
    expressions: expressions.slice(i * size, (i + 1) * size),
  }));
});
const nixes = realNixes();

beforeAll(() => {
  process.chdir(folder);
  process.env["NIX_PATH"] = "";
});

test("there are enough cases", () => {
  expect(files.flatMap(({ expressions }) => expressions).length).toBeGreaterThan(300);
});

describe.each(nixes)("Nix $version", (nix) => {
  describe.each(parts)("$name, part $part", ({ name, expressions }) => {
    test.each(modesOf(name))("%s", async (mode) => {
      const { differences: found } = await compareAll(nix, mode, expressions);
      expect(found.map(explain)).toEqual([]);
    });
  });

  test("what versions differ in is as it was measured", async () => {
    const version = NIX_VERSIONS.find((each) => each === nix.version);
    if (version === undefined) return;
    const cases = Object.values(VERSION_CASES);
    const expressions = cases.map(({ expression }) => expression);
    const outcomes = await evaluateReal(nix, "value", expressions, folder);
    expect(outcomes.map((outcome) => (outcome.ok ? outcome.text : outcome.message))).toEqual(
      cases.map(({ results }) => results[version]),
    );
  });

  test("the known differences still differ", async () => {
    for (const { versions, examples, mode = "value" } of knownDifferences) {
      if (!versions.includes(nix.version)) continue;
      const { differences: still } = await differences(nix, mode, examples);
      expect(still.map(({ expression }) => expression)).toEqual(examples);
    }
  });
});
