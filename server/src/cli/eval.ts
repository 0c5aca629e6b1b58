/** `snowglobe eval`: the value of an installable. */
import { bytesFromText, guillemets } from "../base/bytes.ts";
import { Attrs } from "../eval/attrs.ts";
import { isDerivation } from "../eval/compare.ts";
import { stringText } from "../eval/context.ts";
import { NixError } from "../eval/errors.ts";
import type { Evaluator } from "../eval/evaluator.ts";
import { reportError } from "../eval/report.ts";
import { call, coerceToString, force, PLAIN } from "../eval/runtime.ts";
import { showValue } from "../eval/show-value.ts";
import { toJson } from "../eval/to-json.ts";
import type { Slot, Value } from "../eval/values.ts";
import { CliError } from "./cli-error.ts";
import { evaluateInstallable } from "./installables.ts";
import { nixArguments, nixEvaluator } from "./nix-evaluator.ts";
import { parseNixOptions } from "./nix-options.ts";
import type { Output } from "./output.ts";

/** Exit status. */
export function evalCommand(argv: readonly string[], output: Output): number {
  const options = parseNixOptions(argv);
  if (options.help) {
    output.stdout(HELP);
    return 0;
  }
  if (options.operands.length > 1)
    throw new CliError(`unexpected argument '${options.operands[1]}'`);
  if (options.raw && options.json) throw new CliError("--raw and --json are mutually exclusive");
  const ev = nixEvaluator(options, process.env, output);
  try {
    const [operand = "."] = options.operands;
    const args = nixArguments(ev, options);
    const found = evaluateInstallable(ev, options, operand, undefined, args);
    let { value } = found;
    if (options.apply !== null) {
      const text = bytesFromText(options.apply);
      const fn = ev.evaluateText(text, guillemets("string"), ev.settings.directory);
      value = call(ev, fn, value, 0);
    }
    if (options.raw) {
      const why = "while generating the eval command output";
      output.stdout(stringText(coerceToString(ev, value, found.position, why, PLAIN)));
    } else if (options.json) output.stdout(`${toJson(ev, value, found.position, false).text}\n`);
    else output.stdout(`${printed(ev, value)}\n`);
    return 0;
  } catch (error) {
    if (!(error instanceof NixError)) throw error;
    output.stderr(reportError(ev, error));
    return 1;
  }
}

/** Everything in it evaluated, derivations as their paths. */
function printed(ev: Evaluator, value: Value): string {
  forceShown(ev, value, new Set());
  return showValue(value, {
    maxDepth: Number.MAX_SAFE_INTEGER,
    maxAttrs: Number.MAX_SAFE_INTEGER,
    maxItems: Number.MAX_SAFE_INTEGER,
    maxString: Number.MAX_SAFE_INTEGER,
    abbreviate: (set) => (isDerivation(set) ? guillemets(`derivation ${drvPath(ev, set)}`) : null),
    locate: (position) => ev.showPosition(position),
  });
}

function drvPath(ev: Evaluator, set: Attrs): string {
  const path = set.get("drvPath");
  if (path === undefined) return "";
  const at = set.position("drvPath");
  return stringText(coerceToString(ev, path, at, "while evaluating 'drvPath'", PLAIN));
}

function forceShown(ev: Evaluator, slot: Slot, seen: Set<Value>): void {
  const value = force(slot);
  if (typeof value !== "object" || value === null || seen.has(value)) return;
  seen.add(value);
  if (Array.isArray(value)) for (const item of value) forceShown(ev, item, seen);
  if (!(value instanceof Attrs)) return;
  const all = value.sortedNames();
  const names = isDerivation(value) ? ["drvPath"] : all;
  for (const name of names) forceShown(ev, value.get(name) ?? null, seen);
}

const HELP = `usage: snowglobe eval [OPTIONS] [INSTALLABLE]

Prints the value of an attribute of a flake ('.#attr', 'path:DIR#attr'; '.' without one), of a file
(-f FILE ATTR) or of an expression (--expr E ATTR).

  --json, --raw         as JSON; a string without quotes
  --apply FUNCTION      of the value
  --impure              environment, current time, system and all files are in reach
  --arg NAME EXPR, --argstr NAME STRING, -I PATH, --option NAME VALUE, --system S
  --show-trace          the whole trace of an error
`;
