/** What `develop` and `print-dev-env` share: from a named derivation to its built environment. */
import { existsSync } from "node:fs";
import { type ByteString, bytesToText, guillemets } from "../base/bytes.ts";
import type {
  BuildOptions,
  BuildTarget,
  RealisedTarget,
  StoreEngine,
} from "../build/store-engine.ts";
import { NixError } from "../eval/errors.ts";
import { findDerivations } from "../eval/find-derivations.ts";
import { environmentDerivation } from "../shell/environment-derivation.ts";
import { readShellEnvironment } from "../shell/read-shell-environment.ts";
import type { ShellEnvironment } from "../shell/shell-environment.ts";
import type { Derivation } from "../store/derivation.ts";
import type { BuildCommandOptions } from "./build-options.ts";
import { CliError } from "./cli-error.ts";
import type { EvaluatedInstallables } from "./evaluate-installables.ts";
import { type FlakeAttributes, PACKAGE_ATTRIBUTES } from "./installables.ts";

/** Where an interactive bash of the machine may be. */
const BASHES = ["/bin/bash", "/usr/bin/bash", "/run/current-system/sw/bin/bash"];

/** The files that stand for a shell when nothing is named. */
const SHELL_FILES = ["shell.nix", "default.nix"];

/** A shell that can be planned and built. */
export interface DevShell {
  /** What the shell is for. */
  readonly drv: Derivation;
  /** The environment, and the bash if it is one from the store. */
  readonly targets: readonly BuildTarget[];
  /** The bash to use when it is not one of the targets; absolute path. */
  readonly bash: string;
}

export interface BuiltDevShell {
  readonly environment: ShellEnvironment;
  /** The store path that it was read from; its closure is all that the shell uses. */
  readonly path: ByteString;
  /** Absolute path, valid inside the shell. */
  readonly bash: string;
}

/** Where a shell is looked up in a flake. */
export const SHELL_ATTRIBUTES: FlakeAttributes = {
  defaults: ["devShells.SYSTEM.default", "devShell.SYSTEM", ...PACKAGE_ATTRIBUTES.defaults],
  prefixes: ["devShells.SYSTEM.", ...PACKAGE_ATTRIBUTES.prefixes],
};

/** The options with a file that is named, or else that is there and no flake is. */
export function withShellFile(options: BuildCommandOptions): BuildCommandOptions {
  if (options.file !== null || options.expression !== null || options.installables.length > 0)
    return options;
  if (existsSync("flake.nix")) return options;
  const file = SHELL_FILES.find((each) => existsSync(each));
  if (file !== undefined) return { ...options, file };
  throw new CliError(
    `there is no flake.nix, ${SHELL_FILES.join(" or ")} here: name a file with '-f FILE'`,
  );
}

/**
 * @param interactive the user types in it, so that a bash that can edit lines is wanted
 *
 * Throws `CliError` when not exactly one derivation was found, `StoreError` when it has no environment.
 */
export function devShell(evaluated: EvaluatedInstallables, interactive: boolean): DevShell {
  const { store, targets } = evaluated;
  const [target, ...more] = targets;
  if (target === undefined) {
    throw new CliError("there is no derivation whose shell could be entered");
  }
  const drv = store.readDerivation(target.drvPath);
  if (more.length > 0) {
    const names = targets.map(({ drvPath }) => store.readDerivation(drvPath).name);
    throw new CliError(
      bytesToText(
        `one shell can be entered, not ${targets.length}: name one of ${names.join(", ")}`,
      ),
    );
  }
  const shell = { drvPath: environmentDerivation(store, target.drvPath).drvPath, outputs: [] };
  const bash = interactive ? bashInteractive(evaluated) : undefined;
  return {
    drv,
    targets: [shell, ...(bash === undefined ? [] : [{ drvPath: bash, outputs: ["out"] }])],
    bash: BASHES.find((each) => existsSync(each)) ?? bytesToText(drv.builder),
  };
}

/** As Nix does, the one of `<nixpkgs>`; `undefined` when there is none. */
function bashInteractive({ ev }: EvaluatedInstallables): ByteString | undefined {
  try {
    const text = "(import <nixpkgs> { }).bashInteractive";
    const value = ev.evaluateText(text, guillemets("string"), ev.settings.directory);
    return findDerivations(ev, value, new Map())[0]?.drvPath;
  } catch (error) {
    if (error instanceof NixError) return undefined;
    throw error;
  }
}

/** Throws what `StoreEngine.realise` and `readShellEnvironment` throw. */
export async function buildDevShell(
  engine: StoreEngine,
  { targets, bash }: DevShell,
  options: BuildOptions,
): Promise<BuiltDevShell> {
  const [shell, program] = await engine.realise(targets, options);
  return {
    ...readShellEnvironment(engine, shell as RealisedTarget),
    bash:
      program === undefined ? bash : `${bytesToText(program.outputs.get("out") ?? "")}/bin/bash`,
  };
}
