/** The evaluator of a command of `nix`: flakes are on, and evaluation is pure but for files. */
import { bytesFromText, guillemets } from "../base/bytes.ts";
import type { AutoArgs } from "../eval/auto-call.ts";
import { Evaluator } from "../eval/evaluator.ts";
import type { Slot } from "../eval/values.ts";
import { flakeBuiltins } from "../flake/builtins.ts";
import { NodeEvalHost } from "../host/node-eval-host.ts";
import { nodeHasher } from "../host/node-hash.ts";
import { MemoryStore } from "../store/memory-store.ts";
import { DEFAULT_STORE_DIR } from "../store/store-path.ts";
import { BuiltPaths, buildDuringEvaluation } from "./build-during-evaluation.ts";
import { parseBuildOptions } from "./build-options.ts";
import { CliError } from "./cli-error.ts";
import { evaluationSettings } from "./evaluation-settings.ts";
import { fetchClosures } from "./fetch-closures.ts";
import { messageText } from "./message-text.ts";
import type { NixOptions } from "./nix-options.ts";
import type { Output } from "./output.ts";

type Environment = Readonly<Record<string, string | undefined>>;

/** @param output messages of the program go to its stderr */
export function nixEvaluator(options: NixOptions, env: Environment, output: Output): Evaluator {
  if (options.file !== null && options.expr !== null)
    throw new CliError("'--file' and '--expr' are exclusive");
  const settings = new Map(options.settings);
  if (!settings.has("pure-eval"))
    settings.set("pure-eval", options.file === null ? "true" : "false");
  const features = ["nix-command", "flakes", "fetch-tree", ...options.features];
  const host = new NodeEvalHost({
    mayFetch: true,
    environment: env,
    onMessage: (kind, text) => output.stderr(messageText(kind, text)),
  });
  const storeDir = bytesFromText(env["NIX_STORE_DIR"] ?? DEFAULT_STORE_DIR);
  const building = { ...parseBuildOptions([]), settings: options.settings };
  const built = new BuiltPaths(building);
  const store = new MemoryStore({ storeDir, hasher: nodeHasher }, built);
  const evaluation = evaluationSettings({ settings, features, include: options.include }, env);
  const ev = new Evaluator(host, store, evaluation, flakeBuiltins(evaluation.features));
  buildDuringEvaluation(ev, built, building);
  ev.closures = fetchClosures(ev, built, building);
  return ev;
}

/** The values of `--arg` and `--argstr`. */
export function nixArguments(ev: Evaluator, options: NixOptions): AutoArgs {
  const args = new Map<string, Slot>();
  for (const { name, value, isString } of options.args) {
    const text = bytesFromText(value);
    args.set(
      bytesFromText(name),
      isString ? text : ev.evaluateText(text, guillemets("string"), ev.settings.directory),
    );
  }
  return args;
}
