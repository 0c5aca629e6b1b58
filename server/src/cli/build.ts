/** `snowglobe build`: nix build's job in the user's own store. */
import * as fs from "node:fs";
import * as path from "node:path";
import { bytesFromText, bytesToText } from "../base/bytes.ts";
import type { RealisedTarget, StoreEngine } from "../build/store-engine.ts";
import { parseBuildOptions } from "./build-options.ts";
import { CliError } from "./cli-error.ts";
import { evaluateInstallables } from "./evaluate-installables.ts";
import type { Output } from "./output.ts";
import { printPlan } from "./print-plan.ts";
import { recordBuild } from "./record-build.ts";
import { withEngine } from "./with-engine.ts";

/** Exit status. */
export async function build(argv: readonly string[], output: Output): Promise<number> {
  const options = parseBuildOptions(argv);
  if (options.help) {
    output.stdout(HELP);
    return 0;
  }
  const evaluated = evaluateInstallables(options, output);
  if (evaluated === null) return 1;
  const { targets } = evaluated;
  return await withEngine(options, output, async (engine, realise) => {
    await engine.addEvaluated(evaluated.store, evaluated.files);
    const plan = await engine.queryMissing(targets, realise);
    if (options.dryRun || (!options.quiet && options.logFormat === "raw"))
      output.stderr(printPlan(plan));
    if (options.dryRun) {
      if (options.json) printJson(output, await engine.outputsOf(targets));
      return 0;
    }
    const make = options.rebuild ? engine.rebuild : engine.realise;
    const realised = await make.call(engine, targets, realise);
    recordBuild(evaluated, options);
    if (options.outLink !== null) await link(engine, options.outLink, realised);
    if (options.json) printJson(output, realised);
    if (options.printOutPaths)
      for (const { outputs } of realised)
        for (const each of outputs.values()) output.stdout(`${each}\n`);
    return 0;
  });
}

/** `result`, `result-dev`; `result-1` for the second target and so on. */
async function link(
  engine: StoreEngine,
  outLink: string,
  realised: readonly RealisedTarget[],
): Promise<void> {
  for (const [i, { outputs }] of realised.entries()) {
    for (const [name, target] of outputs) {
      const suffix = (i === 0 ? "" : `-${i}`) + (name === "out" ? "" : `-${bytesToText(name)}`);
      const place = path.resolve(outLink) + suffix;
      const there = fs.lstatSync(place, { throwIfNoEntry: false });
      if (there !== undefined && !there.isSymbolicLink()) {
        throw new CliError(`cannot create symlink '${place}'; already exists`);
      }
      await engine.addRoot(place, target);
    }
  }
}

function printJson(output: Output, realised: readonly RealisedTarget[]): void {
  const plain = realised.map(({ drvPath, outputs }) => ({
    drvPath: bytesToText(drvPath),
    outputs: Object.fromEntries(
      [...outputs].map(([name, each]) => [bytesToText(name), bytesToText(each)]),
    ),
  }));
  output.stdout(bytesFromText(`${JSON.stringify(plain)}\n`));
}

const HELP = `usage: snowglobe build [OPTIONS] FLAKE#ATTRIBUTE... | -f FILE [ATTRIBUTE...] | -E EXPR [ATTRIBUTE...] | STORE-PATH...

Builds derivations in the user's own store, and links to their outputs.
An attribute or path may end in ^OUTPUT,... or ^* to choose outputs.

  -f, --file FILE       the file with the expression; -E, --expr EXPR the expression
  --arg NAME EXPR, --argstr NAME STRING, -I PATH, --option NAME VALUE, --impure, --show-trace
  --dry-run             only say what would be built and fetched
  --no-link             make no link; -o, --out-link PATH its name (result)
  --print-out-paths     print the outputs' paths; --json as JSON
  -L, --print-build-logs
  --log-format FORMAT   raw, or internal-json for programs
  -j, --max-jobs N      builds at the same time; --cores N for each of them
  -k, --keep-going      after a failure, build what does not need it
  -K, --keep-failed     keep the directory of a failed build
  --rebuild             build what is there again, and compare
  --timeout SECONDS     of one build; --max-silent-time SECONDS without output
  --fallback            build what cannot be fetched; --offline fetch nothing
  --store DIR           the store's directory
`;
