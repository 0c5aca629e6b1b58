/**
 * Random expressions against real Nixes. `npm run fuzz -- [--minutes N] [--count N] [--seed S]
 * [--only SUBJECT] [--against VERSION] [--most N] [--at-once N] [--coverage]`: each difference is
 * made small and printed as a case for `cases/`, or with `--as-found` as it is. Calls are chosen by
 * what has been called too seldom since the first seed; `--coverage` prints the whole table at the
 * end, and with `--against none` nothing is compared. What N seeds make is asked for at once: the
 * starts of processes take less of the time then. SIGTERM ends it after a round.
 *
 * `--planted` plants bugs in a copy of the evaluator, those in whose names `--bug TEXT` stands, and
 * says which are found.
 */
import { folder } from "./cases.ts";
import { type Compare, explain } from "./compare.ts";
import { compareAndConfirm } from "./confirm.ts";
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
// Nothing to compare with would be no difference.
if (nixes.length === 0 && against !== "none") {
  console.error(
    `no Nix ${against ?? ""} can be run: name one with SNOWGLOBE_NIX_ORACLE, or compare nothing with --against none`,
  );
  process.exit(1);
}
const only = option("only");
const chosen = Object.entries(subjects).filter(([name]) => only === undefined || name === only);
if (chosen.length === 0)
  throw new Error(`no subject '${only}': ${Object.keys(subjects).join(", ")}`);
const count = Number(option("count") ?? Number.POSITIVE_INFINITY);
const minutes = Number(option("minutes") ?? (Number.isFinite(count) ? 24 * 60 : 1));
const most = Number(option("most") ?? "20");
const atOnce = Number(option("at-once") ?? "1");

const begin = Date.now();
const end = begin + minutes * 60_000;
let seed = Number(option("seed") ?? Date.now() % 1_000_000);
const first = seed;
let expressions = 0;
let failures = 0;
let artefacts = 0;
let found = 0;
let stopped = false;
process.once("SIGTERM", () => {
  stopped = true;
});

/** What the next seeds make, by how it is compared: all of one way share processes. */
function nextRound(): Map<Compare, Map<string, number>> {
  const round = new Map<Compare, Map<string, number>>();
  for (let left = atOnce; left > 0 && expressions < count; left--, seed++) {
    const random = new Random(seed);
    for (const [, { make, compare, share }] of chosen) {
      const seeds = round.get(compare) ?? new Map<string, number>();
      round.set(compare, seeds);
      const size = chosen.length === 1 ? ROUND : share;
      const before = seeds.size;
      for (let i = 0; i < size; i++) seeds.set(make(random), seed);
      expressions += seeds.size - before;
    }
  }
  return round;
}

while (!stopped && Date.now() < end && expressions < count && found < most) {
  for (const [compare, seeds] of nextRound()) {
    if (found >= most) break;
    const compared = await compareAndConfirm(compare, nixes, [...seeds.keys()]);
    failures += compared.failures;
    artefacts += compared.artefacts;
    for (const difference of compared.differences) {
      const again = async (texts: readonly string[]) =>
        (await compareAndConfirm(compare, [difference.nix], texts)).differences;
      const small =
        found < most && !process.argv.includes("--as-found")
          ? await shrink(difference, again)
          : difference;
      found++;
      console.log(
        `seed ${seeds.get(difference.expression)}, Nix ${difference.nix.version}:\n${explain(small)}\n`,
      );
    }
  }
}
const seconds = Math.round((Date.now() - begin) / 1000);
console.log(
  `seeds ${first} to ${seed - 1}: ${expressions} expressions against ${nixes.map(({ version }) => version).join(" and ")} in ${seconds} s, ${failures} answers were errors, ${found} differences`,
);
if (artefacts > 0) console.log(`${artefacts} artefacts of the shared session, none alone`);
console.log(coverage.summary());
for (const cell of coverage.surprises()) console.log(`met, but left out: ${cellName(cell)}`);
if (process.argv.includes("--coverage")) {
  console.log(coverage.table());
  for (const cell of coverage.gaps()) console.log(`less than ${ENOUGH}: ${cellName(cell)}`);
}
process.exitCode = found > 0 ? 1 : 0;
