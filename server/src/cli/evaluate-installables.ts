/** From what the user names to derivations and their wanted outputs. */
import * as fs from "node:fs";
import { type ByteString, bytesFromText, bytesToText, guillemets } from "../base/bytes.ts";
import type { BuildTarget } from "../build/store-engine.ts";
import { Attrs } from "../eval/attrs.ts";
import { type AutoArgs, findAlongAttrPath, parseAttrPath } from "../eval/auto-call.ts";
import { stringText } from "../eval/context.ts";
import { NixError } from "../eval/errors.ts";
import { Evaluator } from "../eval/evaluator.ts";
import { type FoundDerivation, findDerivations } from "../eval/find-derivations.ts";
import { canonicalPath } from "../eval/lib/canonical-path.ts";
import { reportError } from "../eval/report.ts";
import { expectBool, expectList, expectString, force } from "../eval/runtime.ts";
import { findFile } from "../eval/search-path.ts";
import type { Slot, Value } from "../eval/values.ts";
import { flakeBuiltins } from "../flake/builtins.ts";
import type { FlakeRef } from "../flake/flake-ref.ts";
import { outputMember } from "../flake/output-members.ts";
import { NodeEvalHost } from "../host/node-eval-host.ts";
import { nodeHasher } from "../host/node-hash.ts";
import { MemoryStore } from "../store/memory-store.ts";
import type { NarSource } from "../store/nar.ts";
import type { Store } from "../store/store.ts";
import { DEFAULT_STORE_DIR } from "../store/store-path.ts";
import { BuiltPaths, buildDuringEvaluation } from "./build-during-evaluation.ts";
import type { BuildCommandOptions } from "./build-options.ts";
import { evaluationSettings } from "./evaluation-settings.ts";
import { evaluateInstallable, type FlakeAttributes, PACKAGE_ATTRIBUTES } from "./installables.ts";
import { messageText } from "./message-text.ts";
import type { Output } from "./output.ts";
import { warnOfUnknownSettings } from "./unknown-settings.ts";

export interface EvaluatedInstallables {
  /** For what else is to be evaluated. */
  readonly ev: Evaluator;
  /** What the evaluation added. */
  readonly store: Store;
  /** Reads the sources of it. */
  readonly files: NarSource;
  readonly targets: EvaluatedTarget[];
}

export interface EvaluatedTarget extends BuildTarget {
  /** The file that it is an attribute of, or an output of its flake; null for what has no such place. */
  readonly source: { readonly file: string; readonly attribute: string } | null;
}

/**
 * `null`: an evaluation error, which has been printed. Throws `CliError`.
 *
 * @param attributes where names are looked up in flakes
 */
export function evaluateInstallables(
  options: BuildCommandOptions,
  output: Output,
  attributes: FlakeAttributes = PACKAGE_ATTRIBUTES,
): EvaluatedInstallables | null {
  const host = new NodeEvalHost({
    mayFetch: true,
    environment: process.env,
    onMessage: (kind, text) => output.stderr(messageText(kind, text)),
  });
  const built = new BuiltPaths(options);
  const store = new MemoryStore({ storeDir: DEFAULT_STORE_DIR, hasher: nodeHasher }, built);
  const isFlake = options.file === null && options.expression === null;
  const features = isFlake ? ["flakes", "fetch-tree", ...options.features] : options.features;
  const settings = new Map(options.settings);
  if (isFlake && !settings.has("pure-eval")) settings.set("pure-eval", "true");
  const evaluation = evaluationSettings({ ...options, settings, features }, process.env);
  warnOfUnknownSettings(evaluation, options.settings, output);
  const ev = new Evaluator(host, store, evaluation, flakeBuiltins(evaluation.features));
  buildDuringEvaluation(ev, built, options);
  try {
    return {
      ev,
      store,
      files: ev.files.storedSource(),
      targets: targetsOf(ev, options, attributes),
    };
  } catch (error) {
    if (!(error instanceof NixError)) throw error;
    output.stderr(reportError(ev, error));
    return null;
  }
}

function targetsOf(
  ev: Evaluator,
  options: BuildCommandOptions,
  attributes: FlakeAttributes,
): EvaluatedTarget[] {
  const { file, expression } = options;
  const named = options.installables.length === 0 ? [""] : options.installables;
  const targets: EvaluatedTarget[] = [];
  const args = autoArgs(ev, options);
  let root: Value | undefined;
  for (const installable of named) {
    const [attribute = "", outputs] = installable.split("^");
    if (attribute.startsWith(`${DEFAULT_STORE_DIR}/`)) {
      const drvPath = bytesFromText(attribute);
      targets.push({ drvPath, outputs: outputNames(outputs) ?? [], source: null });
      continue;
    }
    let value: Value;
    let source: EvaluatedTarget["source"] = null;
    if (file === null && expression === null) {
      const found = evaluateInstallable(
        ev,
        { file: null, expr: null },
        attribute || ".",
        attributes,
      );
      value = found.value;
      const flake = found.flake === null ? null : flakeFileOf(found.flake.ref);
      const member = bytesToText(outputMember(parseAttrPath(bytesFromText(found.attrPath))));
      if (flake !== null) source = { file: flake, attribute: member };
    } else {
      root ??= rootValue(ev, file, expression);
      value = findAlongAttrPath(ev, root, bytesFromText(attribute), args).value;
      if (file !== null && file !== "-") {
        const path = bytesToText(ev.resolveImport(filePath(ev, file)));
        source = { file: path, attribute: parseAttrPath(bytesFromText(attribute)).join(".") };
      }
    }
    for (const found of findDerivations(ev, value, args)) {
      // Of a set all are built.
      const names = [source?.attribute ?? "", bytesToText(found.attrPath)];
      const place = source && { ...source, attribute: names.filter((name) => name).join(".") };
      targets.push({
        drvPath: found.drvPath,
        outputs: outputNames(outputs) ?? outputsToInstall(ev, found),
        source: place,
      });
    }
  }
  return targets;
}

/** The `flake.nix` of a flake in a directory of this machine, as it is there now; null for others. */
function flakeFileOf(ref: FlakeRef): string | null {
  const url = /^file:\/\/(\/.*)$/.exec(String(ref.get("url") ?? ""))?.[1];
  const top = ref.get("type") === "path" ? String(ref.get("path")) : url && decodeURI(url);
  if (top === undefined || ref.has("rev") || ref.has("ref")) return null;
  return bytesToText(canonicalPath(`${top}/${ref.get("dir") ?? ""}/flake.nix`));
}

/** After a `^`: `*` is all of them. */
function outputNames(text: string | undefined): ByteString[] | undefined {
  if (text === undefined) return undefined;
  return text === "*" ? [] : text.split(",").map(bytesFromText);
}

function rootValue(ev: Evaluator, file: string | null, expression: string | null): Value {
  const { directory } = ev.settings;
  if (expression !== null)
    return ev.evaluateText(bytesFromText(expression), guillemets("string"), directory);
  if (file === "-")
    return ev.evaluateText(fs.readFileSync(0, "latin1"), guillemets("stdin"), directory);
  const { expr, file: source } = ev.parseFile(ev.resolveImport(filePath(ev, file as string)));
  return ev.evaluate(expr, source);
}

function filePath(ev: Evaluator, name: string): ByteString {
  const { directory } = ev.settings;
  const input = bytesFromText(name);
  const lookup = /^<(.+)>$/.exec(input)?.[1];
  if (lookup !== undefined) return findFile(ev, ev.searchPath, lookup);
  return canonicalPath(input.startsWith("/") ? input : `${directory}/${input}`);
}

function autoArgs(ev: Evaluator, options: BuildCommandOptions): AutoArgs {
  const args = new Map<ByteString, Slot>();
  for (const { name, value, isString } of options.args) {
    const bytes = bytesFromText(value);
    args.set(
      bytesFromText(name),
      isString ? bytes : ev.evaluateText(bytes, guillemets("string"), ev.settings.directory),
    );
  }
  return args;
}

/** As `nix build`: the output that was selected, else `meta.outputsToInstall`, else all. */
function outputsToInstall(ev: Evaluator, { value, outputName }: FoundDerivation): ByteString[] {
  const specified = value.get("outputSpecified");
  if (specified !== undefined && expectBool(ev, specified, 0, "")) return [outputName];
  const meta = value.get("meta");
  const list = meta === undefined ? undefined : asAttrs(meta)?.get("outputsToInstall");
  if (list === undefined) return [];
  const why = "while evaluating the 'meta.outputsToInstall' attribute of a derivation";
  return expectList(ev, list, 0, why).map((each) => stringText(expectString(ev, each, 0, why)));
}

function asAttrs(slot: Slot): Attrs | undefined {
  const value = force(slot);
  return value instanceof Attrs ? value : undefined;
}
