/** Random expressions of fixed seeds; `npm run fuzz` goes on with others. */
import { beforeAll, describe, expect, test } from "vitest";
import { folder } from "./cases.ts";
import { explain } from "./compare.ts";
import { compareAndConfirm } from "./confirm.ts";
import { Random } from "./generate/random.ts";
import { realNixes } from "./real-nix.ts";
import { subjects } from "./subjects.ts";

const SEED = 20_260_101;
beforeAll(() => {
  process.chdir(folder);
  process.env["NIX_PATH"] = "";
});

describe.each(realNixes())("Nix $version", (nix) => {
  test.each(Object.entries(subjects))("%s", async (name, { make, compare, share }) => {
    const random = new Random(SEED);
    const count = Math.ceil(share / 2);
    const expressions = Array.from({ length: 2 * count }, () => make(random));
    const { differences, failures } = await compareAndConfirm(compare, [nix], expressions);
    expect(differences.map(explain)).toEqual([]);
    // A generator whose expressions all fail would compare nothing. Some are meant to.
    if (!/^(calls|files|syntax)$/.test(name)) expect(failures).toBeLessThan(count);
  });
});
