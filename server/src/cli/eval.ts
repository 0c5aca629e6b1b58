/** `snowglobe eval`: the value of an installable. */
import { bytesFromText, guillemets } from "../base/bytes.ts";
import type { Attrs } from "../eval/attrs.ts";
import { isDerivation } from "../eval/compare.ts";
import { stringText } from "../eval/context.ts";
import { NixError } from "../eval/errors.ts";
import type { Evaluator } from "../eval/evaluator.ts";
import { reportError } from "../eval/report.ts";
import { call, coerceToString, force, PLAIN } from "../eval/runtime.ts";
import { showValue } from "../eval/show-value.ts";
import { toJson } from "../eval/to-json.ts";
import type { Value } from "../eval/values.ts";
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

/** Everything in it evaluated, derivations as their paths, what fails as its error. */
function printed(ev: Evaluator, value: Value): string {
  return showValue(value, {
    maxDepth: Number.POSITIVE_INFINITY,
    maxAttrs: Number.POSITIVE_INFINITY,
    maxItems: Number.POSITIVE_INFINITY,
    maxString: Number.POSITIVE_INFINITY,
    force,
    abbreviate: (set) => (isDerivation(set) ? guillemets(`derivation${drvPath(ev, set)}`) : null),
    locate: (position) => ev.showPosition(position),
  });
}

/** After a space; nothing where there is none. */
function drvPath(ev: Evaluator, set: Attrs): string {
  const path = set.get("drvPath");
  if (path === undefined) return "";
  const at = set.position("drvPath");
  const why = "while evaluating the drvPath of a derivation";
  return ` ${stringText(coerceToString(ev, path, at, why, PLAIN))}`;
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
