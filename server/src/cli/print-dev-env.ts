/** `snowglobe print-dev-env`: the environment that `develop` enters, as a script or as JSON. */
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { bytesFromText, bytesToUint8Array } from "../base/bytes.ts";
import { rcScript } from "../shell/rc-script.ts";
import { printShellEnvironment } from "../shell/shell-environment.ts";
import { parseBuildOptions } from "./build-options.ts";
import { buildDevShell, devShell, SHELL_ATTRIBUTES, withShellFile } from "./dev-environment.ts";
import { evaluateInstallables } from "./evaluate-installables.ts";
import type { Output } from "./output.ts";
import { withEngine } from "./with-engine.ts";

export async function printDevEnv(argv: readonly string[], output: Output): Promise<number> {
  const given = parseBuildOptions(argv);
  if (given.help) {
    output.stdout(HELP);
    return 0;
  }
  const options = withShellFile(given);
  const evaluated = evaluateInstallables(options, output, SHELL_ATTRIBUTES);
  if (evaluated === null) return 1;
  return await withEngine(options, output, async (engine, realise) => {
    const shell = devShell(evaluated, false);
    await engine.addEvaluated(evaluated.store, evaluated.files);
    const { environment } = await buildDevShell(engine, shell, realise);
    if (options.json) {
      output.stdout(`${printShellEnvironment(environment)}\n`);
      return 0;
    }
    // Files of structured attributes stay, for whoever runs the script.
    const folder =
      environment.structuredAttrs === undefined
        ? ""
        : fs.mkdtempSync(path.join(os.tmpdir(), "snowglobe-dev-env-"));
    const { text, files } = rcScript(environment, {
      outputsDirectory: bytesFromText(path.resolve("outputs")),
      filesDirectory: bytesFromText(folder),
    });
    for (const [name, contents] of files)
      fs.writeFileSync(path.join(folder, name), bytesToUint8Array(contents));
    output.stdout(`${text}\n`);
    return 0;
  });
}

const HELP = `usage: snowglobe print-dev-env [OPTIONS] [FLAKE | -f FILE [ATTRIBUTE] | -E EXPR [ATTRIBUTE]]

Prints the bash script that gives a shell the environment of a derivation. With nothing named: of
./flake.nix, ./shell.nix or ./default.nix. The options are those of 'snowglobe build'.

  --json                the variables and functions instead of a script
`;
