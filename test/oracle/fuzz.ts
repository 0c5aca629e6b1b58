/**
 * Random expressions against real Nixes. `npm run fuzz -- [--minutes N] [--count N] [--seed S]
 * [--only SUBJECT] [--against VERSION] [--most N] [--coverage]`: each difference is made small and
 * printed as a case for `cases/`, or with `--as-found` as it is. Calls are chosen by what has been
 * called too seldom since the first seed; `--coverage` prints the whole table at the end, and with
 * `--against none` nothing is compared. SIGTERM ends it after a round.
 *
 * `--planted` plants bugs in a copy of the evaluator, those in whose names `--bug TEXT` stands, and
 * says which are found.
 */
import { folder } from "./cases.ts";
import { explain } from "./compare.ts";
import { cellName, ENOUGH } from "./coverage.ts";
import { Random } from "./generate/random.ts";
import { shrink } from "./generate/shrink.ts";
import { findPlantedBugs } from "./planted.ts";
import { realNixes } from "./real-nix.ts";
import { coverage, subjects } from "./subjects.ts";

const ROUND = 1000;

function option(name: string): string | undefined {
  const at = process.argv.indexOf(`--${name}`);
  return at < 0 ? undefined : process.argv[at + 1];
}

if (process.argv.includes("--planted")) {
  const args = ["--seed", option("seed") ?? "1", "--count", option("count") ?? "12000"];
  const against = option("against");
  if (against !== undefined) args.push("--against", against);
  process.exit(findPlantedBugs(args, option("bug")) ? 0 : 1);
}
process.chdir(folder);
process.env["NIX_PATH"] = "";
const against = option("against");
const nixes = realNixes().filter(({ version }) => against === undefined || version === against);
const only = option("only");
const chosen = Object.entries(subjects).filter(([name]) => only === undefined || name === only);
if (chosen.length === 0)
  throw new Error(`no subject '${only}': ${Object.keys(subjects).join(", ")}`);
const count = Number(option("count") ?? Number.POSITIVE_INFINITY);
const minutes = Number(option("minutes") ?? (Number.isFinite(count) ? 24 * 60 : 1));
const most = Number(option("most") ?? "20");

const begin = Date.now();
const end = begin + minutes * 60_000;
let seed = Number(option("seed") ?? Date.now() % 1_000_000);
const first = seed;
let expressions = 0;
let failures = 0;
let found = 0;
let stopped = false;
process.once("SIGTERM", () => {
  stopped = true;
});
while (!stopped && Date.now() < end && expressions < count && found < most) {
  const random = new Random(seed++);
  for (const [, { make, compare, share }] of chosen) {
    if (found >= most) break;
    const batch = Array.from({ length: chosen.length === 1 ? ROUND : share }, () => make(random));
    const compared = await compare(nixes, batch);
    expressions += batch.length;
    failures += compared.failures;
    for (const difference of compared.differences) {
      const again = async (texts: readonly string[]) =>
        (await compare([difference.nix], texts)).differences;
      const small =
        found < most && !process.argv.includes("--as-found")
          ? await shrink(difference, again)
          : difference;
      found++;
      console.log(`seed ${seed - 1}, Nix ${difference.nix.version}:\n${explain(small)}\n`);
    }
  }
}
const seconds = Math.round((Date.now() - begin) / 1000);
console.log(
  `seeds ${first} to ${seed - 1}: ${expressions} expressions against ${nixes.map(({ version }) => version).join(" and ")} in ${seconds} s, ${failures} answers were errors, ${found} differences`,
);
console.log(coverage.summary());
for (const cell of coverage.surprises()) console.log(`met, but left out: ${cellName(cell)}`);
if (process.argv.includes("--coverage")) {
  console.log(coverage.table());
  for (const cell of coverage.gaps()) console.log(`less than ${ENOUGH}: ${cellName(cell)}`);
}
process.exitCode = found > 0 ? 1 : 0;
