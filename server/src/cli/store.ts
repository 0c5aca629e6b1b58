/** `snowglobe store`: about the user's own store. */
import * as fs from "node:fs";
import { bytesFromText } from "../base/bytes.ts";
import { findGarbage, removeGarbage } from "../build/collect-garbage.ts";
import { tryLockFile } from "../build/file-lock.ts";
import { verifyStore } from "../build/verify-store.ts";
import { parseBuildOptions } from "./build-options.ts";
import { CliError } from "./cli-error.ts";
import { privateStore } from "./engine.ts";
import type { Output } from "./output.ts";
import { storeErrorsToCli } from "./store-errors.ts";

/** Exit status. */
export function store(argv: readonly string[], output: Output): number | Promise<number> {
  const [subcommand, ...rest] = argv;
  if (subcommand === undefined || subcommand === "--help") {
    output.stdout(HELP);
    return 0;
  }
  const run = { gc, info, ping: info, verify }[subcommand];
  if (run === undefined) {
    throw new CliError(`'${subcommand}' is not a subcommand of 'snowglobe store'`);
  }
  return storeErrorsToCli(() => run(rest, output));
}

function info(argv: readonly string[], output: Output): number {
  const options = parseBuildOptions(argv);
  const store = privateStore(options);
  const paths = store.validPaths();
  const narSize = paths.reduce((sum, path) => sum + (store.info(path)?.narSize ?? 0), 0);
  const facts = {
    url: "private",
    root: store.root,
    storeDir: store.context.storeDir,
    exists: fs.existsSync(`${store.root}/info`),
    paths: paths.length,
    narSize,
  };
  const text = options.json
    ? `${JSON.stringify(facts)}\n`
    : `Store: private
Directory: ${facts.root}${facts.exists ? "" : " (nothing was built yet)"}
Seen by builds and shells at: ${facts.storeDir}
Valid paths: ${facts.paths}
Size: ${(narSize / 1024 / 1024).toFixed(1)} MiB
`;
  output.stdout(bytesFromText(text));
  return 0;
}

function verify(argv: readonly string[], output: Output): number {
  const withContents = !argv.includes("--no-contents");
  const flags = ["--no-contents", "--all", "--check-contents"];
  const options = parseBuildOptions(argv.filter((flag) => !flags.includes(flag)));
  const problems = [...verifyStore(privateStore(options), withContents)];
  if (options.json) output.stdout(bytesFromText(`${JSON.stringify(problems)}\n`));
  else for (const { message } of problems) output.stderr(`error: ${message}\n`);
  return problems.length === 0 ? 0 : 1;
}

async function gc(argv: readonly string[], output: Output): Promise<number> {
  const options = parseBuildOptions(argv);
  const store = privateStore(options);
  const lock = fs.existsSync(store.root) ? await tryLockFile(`${store.root}/in-use`) : undefined;
  if (fs.existsSync(store.root) && lock === undefined) {
    throw new CliError(
      "the store is in use; nothing was removed: try again when builds have ended",
    );
  }
  try {
    const garbage = findGarbage(store);
    if (!options.dryRun) removeGarbage(store, garbage);
    const freed = (garbage.narSize / 1024 / 1024).toFixed(2);
    const { length } = garbage.paths;
    if (options.dryRun) output.stdout(garbage.paths.map((path) => `${path}\n`).join(""));
    else output.stdout(bytesFromText(`${length} store paths deleted, ${freed} MiB freed\n`));
    return 0;
  } finally {
    lock?.release();
  }
}

const HELP = `usage: snowglobe store info|verify|gc [OPTIONS]

  info                  where the user's own store is and what it holds
  verify                whether all contents are as they were built; exit status 1 when not
    --no-contents       only whether everything is there
  gc                    remove what no link of 'build', no entered shell and no process uses;
                        the derivations of what was last built of each file stay
    --dry-run           only say what

  --json                for programs
  --store DIR           the store's directory
`;
