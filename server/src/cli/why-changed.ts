/**
 * `snowglobe why-changed A B`: what of the derivation A has to change to become B. Each is a Nix file or
 * an output of a flake, as it is or as git has it in a revision.
 */
import * as fs from "node:fs";
import * as path from "node:path";
import { type ByteString, bytesFromText, bytesToText } from "../base/bytes.ts";
import { Attrs } from "../eval/attrs.ts";
import { isDerivation } from "../eval/compare.ts";
import { stringText } from "../eval/context.ts";
import { NixError } from "../eval/errors.ts";
import type { Evaluator } from "../eval/evaluator.ts";
import { coerceToString, PLAIN } from "../eval/runtime.ts";
import { EvaluationSession } from "../eval/session.ts";
import { gitRevision } from "../host/git-revision.ts";
import { NodeEvalHost } from "../host/node-eval-host.ts";
import { plainChange } from "../host/session-report.ts";
import type { ChangeView } from "../ide/evaluation-view.ts";
import {
  type Derivations,
  derivationClosure,
  derivationDifference,
} from "../store/derivation-difference.ts";
import type { Store } from "../store/store.ts";
import { DEFAULT_STORE_DIR } from "../store/store-path.ts";
import { CliError } from "./cli-error.ts";
import { privateStore } from "./engine.ts";
import { evaluationSettings } from "./evaluation-settings.ts";
import { directoryRef, type FlakeOperand, parseFlakeOperand } from "./flake-operand.ts";
import { type FlakeAttributes, flakeAttribute, PACKAGE_ATTRIBUTES } from "./installables.ts";
import { messageText } from "./message-text.ts";
import { nixEvaluator } from "./nix-evaluator.ts";
import { parseNixOptions } from "./nix-options.ts";
import type { Output } from "./output.ts";
import { storeErrorsToCli } from "./store-errors.ts";

const HELP = `usage: snowglobe why-changed [--json] [-A ATTR] [-I PATH]… A B

  A, B      a Nix file, or REVISION:FILE for the file as git has it: HEAD:shell.nix;
            of a flake .#NAME, HEAD:flake.nix#NAME, or a reference as nix takes it;
            of what was built the path of its .drv
  -A ATTR   the attribute of both that is compared
`;

interface Options {
  json: boolean;
  attribute: string;
  include: string[];
  operands: string[];
}

function parseOptions(argv: readonly string[]): Options | null {
  const options: Options = { json: false, attribute: "", include: [], operands: [] };
  for (let i = 0; i < argv.length; i++) {
    const flag = argv[i] as string;
    const value = () => {
      const next = argv[++i];
      if (next === undefined) throw new CliError(`flag '${flag}' requires 1 argument(s)`);
      return next;
    };
    if (flag === "--help") return null;
    if (flag === "--json") options.json = true;
    else if (flag === "-A" || flag === "--attr") options.attribute = value();
    else if (flag === "-I") options.include.push(value());
    else if (flag.startsWith("-")) throw new CliError(`unrecognised flag '${flag}'`);
    else options.operands.push(flag);
  }
  if (options.operands.length !== 2)
    throw new CliError(
      "two things to compare are needed: snowglobe why-changed HEAD:shell.nix shell.nix",
    );
  return options;
}

/** Exit status 0; the answer "nothing" is one too. */
export function whyChanged(argv: readonly string[], output: Output): number {
  const options = parseOptions(argv);
  if (options === null) {
    output.stdout(HELP);
    return 0;
  }
  const flakes = nixEvaluator(parseNixOptions([]), process.env, output);
  const { store } = flakes;
  const session = newSession(store, options, output);
  const [before, after] = options.operands.map((operand) => {
    if (isStoredDerivation(operand)) return bytesFromText(operand);
    const flake = flakeOperand(flakes, operand, options.attribute);
    if (flake === null) return derivationOf(session, operand, options.attribute);
    return flakeDerivation(flakes, flake, operand);
  }) as [ByteString, ByteString];
  const stored = privateStore({ store: null });
  const derivations: Derivations = {
    context: store.context,
    readDerivation: (drvPath) =>
      store.isValidPath(drvPath) ? store.readDerivation(drvPath) : stored.derivation(drvPath),
  };
  return storeErrorsToCli(() => compare(flakes, derivations, before, after, options, output));
}

function compare(
  flakes: Evaluator,
  derivations: Derivations,
  before: ByteString,
  after: ByteString,
  options: Options,
  output: Output,
): number {
  const change =
    before === after
      ? null
      : plainChange(
          flakes.store,
          (path) => flakes.files.physical(path),
          derivationDifference(derivations, before, after),
        );
  if (options.json) {
    output.stdout(bytesFromText(`${JSON.stringify(change, null, 2)}\n`));
  } else if (change === null) {
    output.stdout(`Same derivation: nothing to rebuild.\n${before}\n`);
  } else {
    const old = derivationClosure(derivations, before);
    const now = derivationClosure(derivations, after);
    const changed = [...now].filter((each) => !old.has(each)).length;
    output.stdout(`Changes ${changed} of ${now.size} derivations.\n`);
    output.stdout(bytesFromText(`${lines(change, "").join("\n")}\n`));
  }
  return 0;
}

function newSession(store: Store, { include }: Options, output: Output): EvaluationSession {
  const host = new NodeEvalHost({
    environment: process.env,
    onMessage: (kind, text) => output.stderr(messageText(kind, text)),
  });
  const given = { settings: new Map<string, string>(), features: ["pipe-operators"], include };
  return new EvaluationSession(host, store, evaluationSettings(given, process.env));
}

/** What `nix` knows of references to flakes; everything else before a colon is a revision. */
const SCHEME = /^(?:path|github|gitlab|sourcehut|flake|https?|(?:git|hg|file|tarball)(?:\+\w+)?)$/;
const REVISED = /^([^:/#?]+):(.+)$/;

/** Null when the operand is no flake but a file. */
function flakeOperand(ev: Evaluator, operand: string, attribute: string): FlakeOperand | null {
  const [, revision, rest] = REVISED.exec(operand) ?? [];
  if (revision === undefined || rest === undefined || SCHEME.test(revision)) {
    const file = flakeFile(operand);
    const isOther = revision !== undefined || operand.includes("#");
    if (file === null && !isOther) return null;
    const text = file === null ? operand : `${path.dirname(file)}${fragmentOf(operand)}`;
    const parsed = parseFlakeOperand(ev, text);
    return { ...parsed, fragment: parsed.fragment || attribute };
  }
  const file = flakeFile(rest);
  if (file === null) return null;
  const commit = gitRevision(file, revision)?.commit;
  if (commit === undefined) throw new CliError(`git knows no revision '${revision}' of '${file}'`);
  const ref = new Map(directoryRef(path.dirname(file))).set("rev", commit);
  return { ref, fragment: decodeURIComponent(fragmentOf(rest).slice(1)) || attribute };
}

/** One that was built: its derivation is in the user's store. */
function isStoredDerivation(operand: string): boolean {
  return operand.startsWith(`${DEFAULT_STORE_DIR}/`) && operand.endsWith(".drv");
}

function fragmentOf(operand: string): string {
  return /#.*$/s.exec(operand)?.[0] ?? "";
}

/** The `flake.nix` that a path names by itself or by its directory, which need not be there any more. */
function flakeFile(operand: string): string | null {
  const file = path.resolve(operand.replace(/#.*$/s, ""));
  if (path.basename(file) === "flake.nix") return file;
  const inside = path.join(file, "flake.nix");
  return fs.existsSync(inside) ? inside : null;
}

function flakeDerivation(ev: Evaluator, flake: FlakeOperand, operand: string): ByteString {
  try {
    const { value, position } = flakeAttribute(ev, flake, COMPARED);
    if (!(value instanceof Attrs) || !isDerivation(value))
      throw new CliError(`'${operand}' is no derivation`);
    const drvPath = (value as Attrs).get("drvPath") ?? null;
    return stringText(coerceToString(ev, drvPath, position, "while evaluating 'drvPath'", PLAIN));
  } catch (error) {
    if (!(error instanceof NixError)) throw error;
    throw new CliError(`${operand}: ${bytesToText(error.message)}`);
  }
}

/** A name is a package or a shell of this system. */
const COMPARED: FlakeAttributes = {
  defaults: [...PACKAGE_ATTRIBUTES.defaults, "devShells.SYSTEM.default", "devShell.SYSTEM"],
  prefixes: [...PACKAGE_ATTRIBUTES.prefixes, "devShells.SYSTEM."],
};

function derivationOf(session: EvaluationSession, operand: string, attribute: string): ByteString {
  const revised = /^([^:/]+):(.+)$/.exec(operand);
  const file = path.resolve(revised?.[2] ?? operand);
  if (!revised && !fs.existsSync(file)) throw new CliError(`path '${file}' does not exist`);
  let past: Map<ByteString, ByteString | null> = new Map();
  if (revised) {
    const revision = gitRevision(file, revised[1] ?? "");
    const found = revision?.differing([file]);
    if (!found) throw new CliError(`git knows no revision '${revised[1]}' of '${file}'`);
    past = found;
  }
  const { members, error } = session.evaluatePast(bytesFromText(file), null, past);
  const member = members.get(bytesFromText(attribute));
  if (member !== undefined) return member.drvPath;
  if (error !== null) throw new CliError(`${operand}: ${bytesToText(error.message)}`);
  const names = [...members.keys()].filter((name) => name !== "").map(bytesToText);
  const hint = names.length === 0 ? "" : `; there is ${names.slice(0, 10).join(", ")} (option -A)`;
  throw new CliError(`'${operand}' has no derivation '${attribute}'${hint}`);
}

/** A tree, and under each derivation what it says itself. */
function lines({ name, reasons, inputs }: ChangeView, indent: string): string[] {
  const isKnown = reasons.length + inputs.length === 0;
  return [
    `${indent}${name}${isKnown ? " (see above)" : ""}`,
    ...reasons.flatMap(({ kind, name: what, before, after, origin }) => {
      const head = `${indent}  ${kind} ${what}`;
      if (origin !== null) return [`${head}: ${origin}`];
      const pieces = changedLines(before, after);
      return pieces.length === 1
        ? [`${head}: ${pieces[0]}`]
        : [`${head}:`, ...pieces.map((piece) => `${indent}    ${piece}`)];
    }),
    ...inputs.flatMap((input) => lines(input, `${indent}    `)),
  ];
}

/** Two short values on one line, else the lines that only one of them has. */
function changedLines(before: string | null, after: string | null): string[] {
  const [old, now] = [before?.split("\n") ?? [], after?.split("\n") ?? []];
  if (old.length <= 1 && now.length <= 1) return [`${before ?? "(none)"} -> ${after ?? "(none)"}`];
  const [had, has] = [new Set(old), new Set(now)];
  return [
    ...old.filter((line) => !has.has(line)).map((line) => `- ${line}`),
    ...now.filter((line) => !had.has(line)).map((line) => `+ ${line}`),
  ];
}
