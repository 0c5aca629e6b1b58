/** `snowglobe flake …`: what a flake is, where it is, its lock, its outputs, and whether they are right. */
import { NixError } from "../eval/errors.ts";
import { reportError } from "../eval/report.ts";
import { lockFlake } from "../flake/lock-flake.ts";
import { CliError } from "./cli-error.ts";
import { CHECK_OPTIONS, flakeCheck } from "./flake-check.ts";
import type { FlakeCommand } from "./flake-command.ts";
import { flakeLock, isLockCommand, LOCK_OPTIONS, lockRequest, warnOfLock } from "./flake-lock.ts";
import { flakeMetadata } from "./flake-metadata.ts";
import { parseFlakeOperand } from "./flake-operand.ts";
import { flakeShow, SHOW_OPTIONS } from "./flake-show.ts";
import { nixEvaluator } from "./nix-evaluator.ts";
import { parseNixOptions } from "./nix-options.ts";
import type { Output } from "./output.ts";

/** Exit status. */
export function flakeCommand(argv: readonly string[], output: Output): number | Promise<number> {
  const [name = "--help", ...rest] = argv;
  if (name === "--help") {
    output.stdout(HELP);
    return 0;
  }
  const run = COMMANDS[name];
  if (run === undefined) throw new CliError(`'flake ${name}' is not supported yet`);
  const options = parseNixOptions(rest, OWN_OPTIONS[name]);
  const ev = nixEvaluator(options, process.env, output);
  try {
    const { operand, updates } = lockRequest(name, options);
    const { ref } = parseFlakeOperand(ev, operand);
    const flake = lockFlake(ev, ref, updates);
    if (!isLockCommand(name)) warnOfLock(ev, flake);
    return run(ev, flake, options, output);
  } catch (error) {
    if (!(error instanceof NixError)) throw error;
    output.stderr(reportError(ev, error));
    return 1;
  }
}

const COMMANDS: Readonly<Record<string, FlakeCommand>> = {
  metadata: flakeMetadata,
  info: flakeMetadata,
  show: flakeShow,
  check: flakeCheck,
  lock: flakeLock,
  update: flakeLock,
};

const OWN_OPTIONS: Readonly<Record<string, Readonly<Record<string, number>>>> = {
  show: SHOW_OPTIONS,
  check: CHECK_OPTIONS,
  lock: LOCK_OPTIONS,
  update: LOCK_OPTIONS,
};

const HELP = `usage: snowglobe flake COMMAND [OPTIONS] [FLAKE]

FLAKE is a path or a reference ('.' without one). Commands:

  metadata [--json]                           what it is, and its lock
  show [--json] [--all-systems] [--legacy]    its outputs
  check [--no-build] [--all-systems]          evaluates its outputs, says what is wrong with them, and
                                              builds its checks
  lock [--update-input NAME]                  writes flake.lock: inputs that it lacks are locked
  update [NAME…] [--flake FLAKE]              writes flake.lock: these inputs, or all, are locked anew

  --show-trace                                the whole trace of an error
`;
