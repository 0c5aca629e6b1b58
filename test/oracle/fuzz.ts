/**
 * Random expressions against real Nixes. `npm run fuzz -- [--minutes N] [--seed S] [--only KIND]
 * [--against VERSION] [--most N]`: each
 * difference is made small and printed as a case for `cases/`.
 * With `--coverage` nothing is compared: it prints how often each builtin was called with what.
 */
import { folder } from "./cases.ts";
import { compareMany, type Difference, explain } from "./compare.ts";
import { Coverage } from "./coverage.ts";
import { anyExpression, focused } from "./generate/focused.ts";
import { Random } from "./generate/random.ts";
import { shrink } from "./generate/shrink.ts";
import { realNixes } from "./real-nix.ts";

const BATCH = 1000;

function option(name: string): string | undefined {
  const at = process.argv.indexOf(`--${name}`);
  return at < 0 ? undefined : process.argv[at + 1];
}

process.chdir(folder);
process.env["NIX_PATH"] = "";
const against = option("against");
const coverage = process.argv.includes("--coverage") ? new Coverage() : null;
const nixes = (coverage === null ? realNixes() : []).filter(
  ({ version }) => against === undefined || version === against,
);
const end = Date.now() + Number(option("minutes") ?? "1") * 60_000;
const only = option("only");
const make = only === undefined ? anyExpression : focused[only];
if (make === undefined)
  throw new Error(`no generator '${only}': ${Object.keys(focused).join(", ")}`);
const most = Number(option("most") ?? "20");
let seed = Number(option("seed") ?? Date.now() % 1_000_000);
const first = seed;
let expressions = 0;
let failed = 0;
const found: (Difference & { version: string })[] = [];
while (Date.now() < end && found.length < most) {
  const random = new Random(seed++);
  const batch = Array.from({ length: BATCH }, () => make(random));
  expressions += batch.length;
  if (coverage !== null) for (const expression of batch) coverage.add(expression);
  for (const nix of nixes) {
    const { differences, failures } = await compareMany(nix, batch);
    failed += failures;
    for (const difference of differences) {
      const small = await shrink(nix, difference);
      found.push({ ...small, version: nix.version });
      console.log(`seed ${seed - 1}, Nix ${nix.version}:\n${explain(small)}\n`);
    }
  }
}
console.log(
  `seeds ${first} to ${seed - 1}: ${expressions} expressions against ${nixes.map(({ version }) => version).join(" and ")}, ${failed} answers were errors, ${found.length} differences`,
);
if (coverage !== null) {
  console.log(coverage.table());
  const gaps = coverage.gaps(50);
  console.log(`${gaps.length} cells with less than 50:\n${gaps.join("\n")}`);
}
process.exitCode = found.length > 0 ? 1 : 0;
