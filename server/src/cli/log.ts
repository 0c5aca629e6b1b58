/** `snowglobe log`: what the builder of a derivation printed. */
import * as fs from "node:fs";
import { type ByteString, bytesToText } from "../base/bytes.ts";
import { logFile } from "../build/build-log.ts";
import { sanitised } from "./build-logger.ts";
import { parseBuildOptions } from "./build-options.ts";
import { CliError } from "./cli-error.ts";
import { privateStore } from "./engine.ts";
import { evaluateInstallables } from "./evaluate-installables.ts";
import type { Output } from "./output.ts";

/** Exit status. */
export function log(argv: readonly string[], output: Output): number {
  const options = parseBuildOptions(argv);
  if (options.help) {
    output.stdout(HELP);
    return 0;
  }
  const store = privateStore(options);
  const evaluated = evaluateInstallables(options, output);
  if (evaluated === null) return 1;
  for (const { drvPath: path } of evaluated.targets) {
    // An output that is named stands for what made it.
    const drvPath: ByteString = path.endsWith(".drv") ? path : (store.info(path)?.deriver ?? path);
    const file = logFile(store.root, drvPath);
    if (!fs.existsSync(file)) {
      throw new CliError(`build log of '${bytesToText(drvPath)}' is not available`);
    }
    const text = fs.readFileSync(file, "latin1");
    output.stdout(process.stdout.isTTY ? sanitised(text) : text);
  }
  return 0;
}

const HELP = `usage: snowglobe log [OPTIONS] STORE-PATH... | FLAKE#ATTRIBUTE... | -f FILE [ATTRIBUTE...]

Prints what the builders of derivations printed when they were built here.

  -f, --file FILE       the file with the expression; -E, --expr EXPR the expression
  --store DIR           the store's directory
`;
