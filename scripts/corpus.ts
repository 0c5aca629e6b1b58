// `npm run corpus -- [--nix COMMAND] [--args NIX] [--only A,B] [--parse-only] DIR…`: whole trees through the
// parser and the evaluator, compared with a real Nix. COMMAND: what stands before `nix` and `nix-instantiate`.

import { isMainThread, Worker } from "node:worker_threads";
import { nixOutcomes, ourOutcomes } from "./corpus/attributes.ts";
import { acceptedByNix, available, parseTree } from "./corpus/parse.ts";

interface Options {
  nix: readonly string[];
  args: string;
  only: string[] | null;
  parseOnly: boolean;
  trees: string[];
}

const words = (text: string) => text.split(/\s+/).filter((word) => word !== "");

function options(argv: readonly string[]): Options {
  const oracle = process.env["SNOWGLOBE_NIX_ORACLE"];
  const found: Options = {
    nix: words(oracle ?? ""),
    args: '{ system = "x86_64-linux"; config = { allowUnfree = true; allowBroken = true; }; }',
    only: null,
    parseOnly: false,
    trees: [],
  };
  for (let i = 0; i < argv.length; i++) {
    const flag = argv[i] as string;
    if (flag === "--nix") found.nix = words(argv[++i] ?? "");
    else if (flag === "--args") found.args = argv[++i] ?? "";
    else if (flag === "--only") found.only = (argv[++i] ?? "").split(",");
    else if (flag === "--parse-only") found.parseOnly = true;
    else found.trees.push(flag);
  }
  const fromEnvironment = process.env["SNOWGLOBE_CORPUS"];
  if (found.trees.length === 0 && fromEnvironment) found.trees = fromEnvironment.split(":");
  return found;
}

/** What must be equal: the words of an error need not. */
const kindOf = (outcome: string) => (outcome.startsWith("error:") ? "error" : outcome);

/** True when everything agrees. */
async function compare(
  directory: string,
  { nix, args, only, parseOnly }: Options,
): Promise<boolean> {
  const parsed = parseTree(directory);
  const missed = acceptedByNix(nix, parsed.refused);
  console.log(
    `${directory}: ${parsed.files} files, ${(parsed.bytes / 1e6).toFixed(1)} MB, ` +
      `${parsed.megabytesPerSecond.toFixed(1)} MB/s warm; refused ${parsed.refused.length}, of which Nix accepts ${missed.length}`,
  );
  for (const file of missed) console.log(`  refused: ${file}`);
  if (parseOnly) return missed.length === 0;
  const tree = { directory, args };
  const ours = ourOutcomes(tree, only);
  const theirs = await nixOutcomes(nix, tree, [...ours.keys()]);
  const kinds = new Map<string, number>();
  const different: string[] = [];
  const reworded: string[] = [];
  for (const [name, outcome] of ours) {
    const kind = outcome.startsWith("/") ? "derivation" : kindOf(outcome);
    kinds.set(kind, (kinds.get(kind) ?? 0) + 1);
    if (kindOf(outcome) !== kindOf(theirs.get(name) ?? ""))
      different.push(`${name}: ${outcome}, Nix: ${theirs.get(name)}`);
    else if (outcome !== theirs.get(name))
      reworded.push(`${name}: ${outcome}, Nix: ${theirs.get(name)}`);
  }
  const counts = Array.from(kinds, ([kind, n]) => `${n} ${kind}`).join(", ");
  console.log(
    `  ${ours.size} attributes (${counts}): ${different.length} differ, ${reworded.length} errors in other words`,
  );
  for (const line of [...different, ...reworded]) console.log(`  ${line}`);
  return missed.length + different.length === 0;
}

const given = options(process.argv.slice(2));
if (given.trees.length === 0) {
  console.error(
    "usage: npm run corpus -- [--nix COMMAND] [--args NIX] [--only A,B] [--parse-only] DIR…",
  );
  process.exit(1);
}
if (!available(given.nix)) {
  console.error("no Nix can be run: install one, or name one with --nix");
  process.exit(1);
}

/** Some attributes go deeper than the stack of a main thread. */
const STACK_MB = 256;

if (isMainThread) {
  const resourceLimits = { stackSizeMb: STACK_MB, maxOldGenerationSizeMb: 8192 };
  // Loaders of the main thread do not reach a worker.
  const load = `import("tsx/esm/api").then(({ register }) => { register(); return import(${JSON.stringify(import.meta.url)}); })`;
  const argv = process.argv.slice(2);
  const worker = new Worker(load, { eval: true, argv, resourceLimits });
  worker.on("exit", (code) => process.exit(code));
} else {
  let agreed = true;
  for (const directory of given.trees) agreed = (await compare(directory, given)) && agreed;
  process.exit(agreed ? 0 : 1);
}
