/** `snowglobe develop`: enters the environment that a derivation is built in. */
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { type ByteString, bytesFromText, bytesToText } from "../base/bytes.ts";
import type { PrivateEngine } from "../build/private-engine.ts";
import { readNixSettings } from "../host/nix-settings.ts";
import { openShellSession } from "../shell/shell-session.ts";
import type { ShellTask } from "../shell/start-up-file.ts";
import { type BuildCommandOptions, type MoreFlags, parseBuildOptions } from "./build-options.ts";
import { CliError } from "./cli-error.ts";
import { buildDevShell, devShell, SHELL_ATTRIBUTES, withShellFile } from "./dev-environment.ts";
import { privateStore } from "./engine.ts";
import { evaluateInstallables } from "./evaluate-installables.ts";
import type { Output } from "./output.ts";
import { printPlan } from "./print-plan.ts";
import { recordBuild } from "./record-build.ts";
import { runInTerminal } from "./run-in-terminal.ts";
import { withEngine } from "./with-engine.ts";

interface SessionOptions {
  command: string[] | null;
  phase: string | null;
  ignoreEnvironment: boolean;
  keep: string[];
  unset: string[];
}

const PHASES = ["unpack", "configure", "build", "check", "install", "installcheck"];

/** Options at their defaults, and the flags that set them. */
function sessionOptions(): { session: SessionOptions; flags: MoreFlags } {
  const session: SessionOptions = {
    command: null,
    phase: null,
    ignoreEnvironment: false,
    keep: [],
    unset: [],
  };
  const alike = (names: readonly string[], flag: MoreFlags[string]): MoreFlags =>
    Object.fromEntries(names.map((name) => [name, flag]));
  const set = (change: Partial<SessionOptions>) => ({
    operands: 0,
    take: () => void Object.assign(session, change),
  });
  const phases = PHASES.map((name): [string, MoreFlags[string]] => [
    `--${name}`,
    set({ phase: name === "installcheck" ? "installCheck" : name }),
  ]);
  const flags: MoreFlags = {
    ...Object.fromEntries(phases),
    ...alike(["-c", "--command"], {
      operands: "rest",
      take: (...words) => {
        session.command = words;
      },
    }),
    "--phase": {
      operands: 1,
      take: (name) => {
        session.phase = name;
      },
    },
    ...alike(["-i", "--ignore-env", "--ignore-environment"], set({ ignoreEnvironment: true })),
    ...alike(["-k", "--keep", "--keep-env-var"], {
      operands: 1,
      take: (name) => session.keep.push(name),
    }),
    ...alike(["-u", "--unset", "--unset-env-var"], {
      operands: 1,
      take: (name) => session.unset.push(name),
    }),
  };
  return { session, flags };
}

export async function develop(argv: readonly string[], output: Output): Promise<number> {
  const { session, flags } = sessionOptions();
  const given = parseBuildOptions(argv, flags);
  if (given.help) {
    output.stdout(HELP);
    return 0;
  }
  const options = withShellFile(given);
  const task = shellTask(session);
  const environment = sessionEnvironment(session);
  const evaluated = evaluateInstallables(options, output, SHELL_ATTRIBUTES);
  if (evaluated === null) return 1;
  const json = (value: object) => output.stdout(bytesFromText(`${JSON.stringify(value)}\n`));

  return await withEngine(options, output, async (engine, realise) => {
    const shell = devShell(evaluated, task.kind === "interactive");
    await engine.addEvaluated(evaluated.store, evaluated.files);
    if (options.dryRun) {
      const plan = printPlan(await engine.queryMissing(shell.targets, realise));
      const shellHook = shell.drv.env.get("shellHook") ?? "";
      if (options.json) json({ plan: bytesToText(plan), shellHook: bytesToText(shellHook) });
      else output.stderr(plan);
      return 0;
    }
    const built = await buildDevShell(engine, shell, realise);
    await keepShell(engine, options, built.path);
    recordBuild(evaluated, options);
    const { command, dispose } = openShellSession(
      engine,
      built.environment,
      task,
      built.bash,
      process.cwd(),
    );
    if (options.json) {
      json({ name: bytesToText(shell.drv.name), command });
      return 0;
    }
    const env = { ...environment, NIX_GCROOT: bytesToText(built.path), SHELL: built.bash };
    return await runInTerminal(command, env).finally(dispose);
  });
}

/** What was last entered under a name in a directory stays when garbage is collected. */
async function keepShell(
  engine: PrivateEngine,
  options: BuildCommandOptions,
  path: ByteString,
): Promise<void> {
  const { file, expression, installables } = options;
  const name = JSON.stringify([process.cwd(), file, expression, installables]);
  const folder = join(privateStore(options).root, "shells");
  mkdirSync(folder, { recursive: true });
  const hash = engine.context.hasher.hex("sha256", bytesFromText(name)).slice(0, 32);
  await engine.addRoot(join(folder, hash), path);
}

function shellTask({ command, phase }: SessionOptions): ShellTask {
  if (command !== null && phase !== null)
    throw new CliError("you cannot use both '--command' and '--phase'");
  if (command !== null) return { kind: "command", words: command.map(bytesFromText) };
  if (phase !== null) return { kind: "phase", name: bytesFromText(phase) };
  const settings = readNixSettings(process.env);
  const setting = (name: string) => bytesFromText(settings.get(name) ?? "");
  const prompt = {
    whole: setting("bash-prompt"),
    prefix: setting("bash-prompt-prefix"),
    suffix: setting("bash-prompt-suffix"),
  };
  return { kind: "interactive", prompt };
}

function sessionEnvironment({ ignoreEnvironment, keep, unset }: SessionOptions) {
  if (!ignoreEnvironment && keep.length > 0)
    throw new CliError("--keep does not make sense without --ignore-environment");
  const taken = Object.entries(process.env).filter(
    ([name]) => !unset.includes(name) && (!ignoreEnvironment || keep.includes(name)),
  );
  return Object.fromEntries(taken);
}

const HELP = `usage: snowglobe develop [OPTIONS] [FLAKE | -f FILE [ATTRIBUTE] | -E EXPR [ATTRIBUTE]]

Builds the environment that a derivation is built in, and starts a bash in it. With nothing named: of
./flake.nix, ./shell.nix or ./default.nix.

  -f, --file FILE       the file with the expression; -E, --expr EXPR the expression
  -c, --command CMD ARG...   run a program instead; everything behind belongs to it
  --phase NAME, --unpack, --configure, --build, --check, --install   run a phase instead
  -i, --ignore-environment   start from no variables but those of -k, --keep NAME
  -u, --unset NAME      start without a variable
  --dry-run             only say what would be built and fetched
  --json                build, and print the command that enters the shell; with --dry-run the plan
  Further options are those of 'snowglobe build'.
`;
