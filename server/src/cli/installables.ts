/** Installables, as the commands of `nix` take them: `.#attr`, `-f FILE ATTR`, `--expr E ATTR`. */
import * as fs from "node:fs";
import { bytesFromText, bytesToText, guillemets } from "../base/bytes.ts";
import { type AutoArgs, findAlongAttrPath, parseAttrPath } from "../eval/auto-call.ts";
import { NixError } from "../eval/errors.ts";
import type { Evaluator } from "../eval/evaluator.ts";
import { canonicalPath } from "../eval/lib/canonical-path.ts";
import { force } from "../eval/runtime.ts";
import { findFile } from "../eval/search-path.ts";
import type { Value } from "../eval/values.ts";
import { callFlake } from "../flake/call-flake.ts";
import { flakeRefToUrl } from "../flake/flake-ref.ts";
import { type LockedFlake, lockFlake } from "../flake/lock-flake.ts";
import { warnOfLock } from "./flake-lock.ts";
import { type FlakeOperand, parseFlakeOperand } from "./flake-operand.ts";

export interface InstallableSource {
  /** `-f`: a file, `<name>`, or `-` for standard input. */
  readonly file: string | null;
  /** `--expr`. */
  readonly expr: string | null;
}

/** Where a command looks for an attribute of a flake; `SYSTEM` stands for the system. */
export interface FlakeAttributes {
  /** Whole attribute paths, when none is given. */
  readonly defaults: readonly string[];
  /** What may stand before a given one; that it stands alone is tried last. */
  readonly prefixes: readonly string[];
}

export const PACKAGE_ATTRIBUTES: FlakeAttributes = {
  defaults: ["packages.SYSTEM.default", "defaultPackage.SYSTEM"],
  prefixes: ["packages.SYSTEM.", "legacyPackages.SYSTEM."],
};

export interface EvaluatedInstallable {
  readonly value: Value;
  /** Position id of the attribute. */
  readonly position: number;
  /** As it was found: `packages.x86_64-linux.hello`. */
  readonly attrPath: string;
  /** Null for files and expressions. */
  readonly flake: LockedFlake | null;
}

/** Throws `NixError`, `CliError`, `Interruption`. */
export function evaluateInstallable(
  ev: Evaluator,
  source: InstallableSource,
  operand: string,
  attributes: FlakeAttributes = PACKAGE_ATTRIBUTES,
  args: AutoArgs = new Map(),
): EvaluatedInstallable {
  if (source.file === null && source.expr === null)
    return flakeAttribute(ev, parseFlakeOperand(ev, operand), attributes);
  const root = rootOf(ev, source);
  const attrPath = operand.replace(/\^[^^]*$/, "").replace(/^\.$/, "");
  const { value, position } = findAlongAttrPath(ev, root, bytesFromText(attrPath), args);
  return { value, position, attrPath, flake: null };
}

function rootOf(ev: Evaluator, { file, expr }: InstallableSource): Value {
  const { directory } = ev.settings;
  if (expr !== null) return ev.evaluateText(bytesFromText(expr), guillemets("string"), directory);
  if (file === "-")
    return ev.evaluateText(fs.readFileSync(0, "latin1"), guillemets("stdin"), directory);
  const text = bytesFromText(file as string);
  const name = /^<(.+)>$/.exec(text)?.[1];
  const path =
    name === undefined
      ? canonicalPath(text.startsWith("/") ? text : `${directory}/${text}`)
      : findFile(ev, ev.searchPath, name);
  return ev.importFile(path);
}

/** Throws as `evaluateInstallable`. */
export function flakeAttribute(
  ev: Evaluator,
  { ref, fragment }: FlakeOperand,
  { defaults, prefixes }: FlakeAttributes,
): EvaluatedInstallable {
  const flake = lockFlake(ev, ref);
  warnOfLock(ev, flake);
  const system = (path: string) => path.replace("SYSTEM", bytesToText(ev.settings.system));
  const wanted = fragment.startsWith(".")
    ? [fragment.slice(1)]
    : fragment === ""
      ? defaults.map(system)
      : [...prefixes.map((prefix) => system(prefix) + fragment), fragment];
  const outputs = force(callFlake(ev, flake));
  for (const attrPath of wanted) {
    try {
      const { value, position } = findAlongAttrPath(
        ev,
        outputs,
        bytesFromText(attrPath),
        new Map(),
      );
      return { value, position, attrPath, flake };
    } catch (error) {
      // Another place may have it; what fails to evaluate is an error wherever it is.
      if (!(error instanceof NixError) || !isAbsent(error, bytesFromText(attrPath))) throw error;
    }
  }
  const names = wanted.map((path) => `'${path}'`);
  const list =
    names.length === 1 ? names[0] : `${names.slice(0, -1).join(", ")} or ${names.at(-1)}`;
  throw new NixError(
    "missing-attribute",
    `flake '${flakeRefToUrl(ref)}' does not provide attribute ${bytesFromText(list ?? "")}`,
  );
}

/** Whether the selection itself failed, not something on the way to it. */
function isAbsent({ message }: NixError, path: string): boolean {
  if (message.startsWith("the expression selected by the selection path")) return true;
  return parseAttrPath(path).some(
    (part) => message === `attribute '${part}' in selection path '${path}' not found`,
  );
}
