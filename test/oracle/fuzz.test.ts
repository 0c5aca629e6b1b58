/** Random expressions of fixed seeds; `npm run fuzz` goes on with others. */
import { beforeAll, describe, expect, test } from "vitest";
import { folder } from "./cases.ts";
import { compareAll, explain } from "./compare.ts";
import { Generator } from "./generate/expression.ts";
import { focused } from "./generate/focused.ts";
import { Random } from "./generate/random.ts";
import { realNixes } from "./real-nix.ts";

const SEED = 20_260_101;
const general = (random: Random) =>
  new Generator(random, { depth: 2 + random.below(5), wrong: 0.004 }).expression();
const kinds = [...Object.entries(focused), ["general", general] as const];

beforeAll(() => {
  process.chdir(folder);
  process.env["NIX_PATH"] = "";
});

describe.each(realNixes())("Nix $version", (nix) => {
  test.each(kinds)("%s", async (name, make) => {
    const random = new Random(SEED);
    const count = name === "general" ? 300 : 50;
    const expressions = Array.from({ length: count }, () => make(random));
    const { differences, failures } = await compareAll(nix, "value", expressions);
    expect(differences.map(explain)).toEqual([]);
    // A generator whose expressions all fail would compare nothing. Wrong calls are meant to.
    if (name !== "calls") expect(failures).toBeLessThan(count / 2);
  });
});
