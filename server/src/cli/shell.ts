/** `snowglobe shell`: a shell or program with packages in reach, and nothing else changed. */
import { bytesToText } from "../base/bytes.ts";
import { parseBuildOptions } from "./build-options.ts";
import { CliError } from "./cli-error.ts";
import { develop } from "./develop.ts";
import { evaluateInstallables } from "./evaluate-installables.ts";
import type { Output } from "./output.ts";
import { printPlan } from "./print-plan.ts";
import { runInTerminal } from "./run-in-terminal.ts";
import { withEngine } from "./with-engine.ts";

export async function shell(argv: readonly string[], output: Output): Promise<number> {
  const at = argv.findIndex((word) => word === "-p" || word === "--packages");
  return at < 0
    ? await shellWithOutputs(argv, output)
    : await develop(packagesAsExpression(argv, at), output);
}

/** The environment with packages of `<nixpkgs>` among its inputs, as `nix-shell -p` makes it. */
function packagesAsExpression(argv: readonly string[], at: number): string[] {
  const end = argv.findIndex((word, i) => i > at && word.startsWith("-"));
  const packages = argv.slice(at + 1, end < 0 ? undefined : end);
  if (packages.length === 0) throw new CliError("flag '-p' requires 1 argument(s)");
  const inputs = packages.map((name) => `(${name})`).join(" ");
  const expression = `with import <nixpkgs> { }; (pkgs.runCommandCC or pkgs.runCommand) "shell" { buildInputs = [ ${inputs} ]; } ""`;
  return [...argv.slice(0, at), "--expr", expression, ...(end < 0 ? [] : argv.slice(end))];
}

async function shellWithOutputs(argv: readonly string[], output: Output): Promise<number> {
  let program: readonly string[] = [process.env["SHELL"] || "/bin/sh"];
  const command = {
    operands: "rest",
    take: (...words: string[]) => {
      program = words;
    },
  } as const;
  const options = parseBuildOptions(argv, { "-c": command, "--command": command });
  if (options.help) {
    output.stdout(HELP);
    return 0;
  }
  const evaluated = evaluateInstallables(options, output);
  if (evaluated === null) return 1;
  return await withEngine(options, output, async (engine, realise) => {
    await engine.addEvaluated(evaluated.store, evaluated.files);
    if (options.dryRun) {
      output.stderr(printPlan(await engine.queryMissing(evaluated.targets, realise)));
      return 0;
    }
    const realised = await engine.realise(evaluated.targets, realise);
    const folders = realised.flatMap(({ outputs }) =>
      Array.from(outputs.values(), (path) => `${bytesToText(path)}/bin`),
    );
    const { PATH } = process.env;
    const env = { ...process.env, PATH: [...folders, ...(PATH ? [PATH] : [])].join(":") };
    // `env` looks the program up where the store is.
    return await runInTerminal(engine.enterCommand(["/usr/bin/env", ...program]), env);
  });
}

const HELP = `usage: snowglobe shell [OPTIONS] -p PACKAGE... | -f FILE [ATTRIBUTE...] | -E EXPR [ATTRIBUTE...]

Starts a shell, or with -c a program, that has the programs of packages in its PATH.

  -p, --packages PACKAGE...  packages of <nixpkgs>, or expressions in its scope; their whole
                             environment is entered, as 'snowglobe develop' does
  -f, --file FILE            the file with the expression; -E, --expr EXPR the expression
  -c, --command CMD ARG...   run a program instead; everything behind belongs to it
  --dry-run                  only say what would be built and fetched
  Further options are those of 'snowglobe build'.
`;
