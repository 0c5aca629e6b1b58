/** From options, nix.conf and environment to what the evaluator is set to. */
import * as os from "node:os";
import { bytesFromText } from "../base/bytes.ts";
import { parseNixPath, parseSearchPathEntry } from "../eval/search-path.ts";
import { DEFAULT_CALL_DEPTH, type EvalSettings } from "../eval/settings.ts";
import { DEFAULT_NIX_VERSION, NIX_VERSIONS, type NixVersion } from "../eval/versions.ts";
import { installedNixVersion } from "../host/installed-nix.ts";
import { currentSystem, defaultSearchPath, readNixSettings } from "../host/nix-settings.ts";
import {
  LITERAL_LINTS,
  type LintLevel,
  type LintLevels,
  type LiteralLint,
} from "../syntax/lint-literals.ts";
import { CliError } from "./cli-error.ts";

export interface EvaluationArguments {
  settings: ReadonlyMap<string, string>;
  features: readonly string[];
  include: readonly string[];
}

function flag(settings: ReadonlyMap<string, string>, name: string): boolean {
  return settings.get(name) === "true";
}

function lintLevels(settings: ReadonlyMap<string, string>): LintLevels {
  const levels: Partial<Record<LiteralLint, LintLevel>> = {};
  for (const lint of LITERAL_LINTS) {
    const value = settings.get(lint);
    if (value === undefined || value === "ignore") continue;
    if (value !== "warn" && value !== "fatal") {
      throw new CliError(
        `option '${lint}' has invalid value '${value}' (expected 'ignore', 'warn', or 'fatal')`,
      );
    }
    levels[lint] = value;
  }
  return levels;
}

/** What `--nix-version` says. */
function nixVersion(
  given: string | undefined,
  env: Readonly<Record<string, string | undefined>>,
): NixVersion {
  if (given === undefined) return DEFAULT_NIX_VERSION;
  if (given === "auto") return installedNixVersion(env) ?? DEFAULT_NIX_VERSION;
  const version = NIX_VERSIONS.find((each) => each === given);
  if (version === undefined) {
    throw new CliError(
      `option 'nix-version' has invalid value '${given}' (expected 'auto', '${NIX_VERSIONS.join("', '")}')`,
    );
  }
  return version;
}

export function evaluationSettings(
  given: EvaluationArguments,
  env: Readonly<Record<string, string | undefined>>,
): EvalSettings {
  const settings = readNixSettings(env, given.settings);
  const pureEval = flag(settings, "pure-eval");
  const restrictEval = flag(settings, "restrict-eval");
  const nixPath = env["NIX_PATH"];
  const searchPath = given.include.map((entry) => parseSearchPathEntry(bytesFromText(entry)));
  if (!pureEval) {
    const configured = settings.get("nix-path");
    searchPath.push(
      ...(nixPath !== undefined
        ? parseNixPath(bytesFromText(nixPath))
        : (configured ?? "")
            .split(/\s+/)
            .filter((entry) => entry !== "")
            .map((entry) => parseSearchPathEntry(bytesFromText(entry)))),
    );
    if (!restrictEval) {
      searchPath.push(
        ...defaultSearchPath(env).map((entry) => parseSearchPathEntry(bytesFromText(entry))),
      );
    }
  }
  const depth = settings.get("max-call-depth");
  const maxCallDepth = depth === undefined ? DEFAULT_CALL_DEPTH : Number(depth);
  if (!Number.isSafeInteger(maxCallDepth) || maxCallDepth < 0)
    throw new CliError(`setting 'max-call-depth' has invalid value '${depth}'`);
  return {
    system: bytesFromText(settings.get("eval-system") || settings.get("system") || currentSystem()),
    nixVersion: nixVersion(settings.get("nix-version"), env),
    maxCallDepth,
    pureEval,
    restrictEval,
    searchPath,
    directory: bytesFromText(process.cwd()),
    homeDirectory: bytesFromText(env["HOME"] ?? os.homedir()),
    features: new Set([
      ...(settings.get("experimental-features") ?? "").split(/\s+/),
      ...given.features,
    ]),
    lints: lintLevels(settings),
    traceVerbose: flag(settings, "trace-verbose"),
    abortOnWarn: flag(settings, "abort-on-warn"),
    showTrace: flag(settings, "show-trace"),
  };
}
