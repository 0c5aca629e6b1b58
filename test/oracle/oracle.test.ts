/** Our evaluator and real Nixes on the same expressions. */
import { beforeAll, describe, expect, test } from "vitest";
import { caseFiles, folder } from "./cases.ts";
import { compareAll, differences, explain } from "./compare.ts";
import { knownDifferences } from "./known-differences.ts";
import type { Mode } from "./outcome.ts";
import { realNixes } from "./real-nix.ts";

const MODES: readonly Mode[] = ["value", "json", "xml"];
/** Of files whose expressions fail, the other formats tell nothing new. */
const modesOf = (name: string) => (name === "errors" ? MODES.slice(0, 1) : MODES);

const files = caseFiles();
const nixes = realNixes();

beforeAll(() => {
  process.chdir(folder);
  process.env["NIX_PATH"] = "";
});

test("there are enough cases", () => {
  expect(files.flatMap(({ expressions }) => expressions).length).toBeGreaterThan(300);
});

describe.each(nixes)("Nix $version", (nix) => {
  describe.each(files)("$name", ({ name, expressions }) => {
    test.each(modesOf(name))("%s", async (mode) => {
      const { differences: found } = await compareAll(nix, mode, expressions);
      expect(found.map(explain)).toEqual([]);
    });
  });

  test("the known differences still differ", async () => {
    for (const { versions, examples, mode = "value" } of knownDifferences) {
      if (!versions.includes(nix.version)) continue;
      const { differences: still } = await differences(nix, mode, examples);
      expect(still.map(({ expression }) => expression)).toEqual(examples);
    }
  });
});
