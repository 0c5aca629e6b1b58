/** The shape of the commands `snowglobe flake …`. */
import type { Evaluator } from "../eval/evaluator.ts";
import type { LockedFlake } from "../flake/lock-flake.ts";
import type { NixOptions } from "./nix-options.ts";
import type { Output } from "./output.ts";

/** Exit status. Throws `NixError`, `CliError` and `Interruption`. */
export type FlakeCommand = (
  ev: Evaluator,
  flake: LockedFlake,
  options: NixOptions,
  output: Output,
) => number | Promise<number>;
