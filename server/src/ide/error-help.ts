/**
 * Feature: help with evaluation errors. Nix's message stands as it is; below it one line of ours where
 * more is known, and fixes where the text to change is in this file.
 */
import { bytesFromText, bytesToText } from "../base/bytes.ts";
import { fileRole, MODULE_ROLES, resultSet } from "../scope/file-role.ts";
import type { AttrSet, Call, Expr } from "../syntax/ast.ts";
import { showName } from "../syntax/identifiers.ts";
import { allowInConfig } from "./allow-in-config.ts";
import type { Fix, RelatedPlace } from "./diagnostic.ts";
import type { EvaluationError, OptionError, TraceFrame } from "./evaluation-view.ts";
import type { FileView } from "./file-view.ts";
import { optionDefinition } from "./option-definition.ts";
import { missingNixpkgs } from "./pin-nixpkgs.ts";
import { replaceHash } from "./replace-hash.ts";
import type { SourceFile } from "./source-file.ts";
import { pathAt, walk } from "./walk.ts";

export interface ErrorHelp {
  /** Of the problem, where it is better known than by the error's kind. */
  readonly code?: string;
  /** One line, or null. */
  readonly line: string | null;
  readonly fixes: readonly Fix[];
  readonly related: readonly RelatedPlace[];
}

/** More of a cycle than this is not read. */
const LONGEST_CYCLE = 6;

export function errorHelp(
  file: SourceFile,
  error: EvaluationError,
  view: Pick<FileView, "kind">,
): ErrorHelp {
  switch (error.code) {
    case "missing-attribute":
    case "undefined-variable":
      return missingName(file, error);
    case "unexpected-argument":
      return unexpectedArgument(file, error);
    case "missing-argument":
      return missingArgument(file, error);
    case "infinite-recursion":
      return recursion(file, error);
    case "time-limit":
      return { line: null, fixes: [RUN_LONGER], related: [] };
    case "memory-limit":
      return { line: null, fixes: [MORE_MEMORY], related: [] };
    case "not-fetched":
    case "fetch-failed":
      return notFetched(file, error);
    default: {
      const missing = missingNixpkgs(file, error, view);
      if (missing) return { ...missing, code: "missing-nixpkgs", related: [] };
      return error.option?.problem === "unknown"
        ? unknownOption(file, error, error.option)
        : refusal(file, error);
    }
  }
}

const RUN_LONGER: Fix = {
  title: "Evaluate this file again with ten times the time",
  edits: [],
  command: { name: "runLonger", arguments: [] },
};

export const LOCK_FLAKE: Fix = {
  title: "Lock the inputs of this flake (writes flake.lock)",
  isPreferred: true,
  edits: [],
  command: { name: "lockFlake", arguments: [] },
};

const MORE_MEMORY: Fix = { ...RUN_LONGER, title: "Evaluate this file again with more memory" };

function notFetched(file: SourceFile, error: EvaluationError): ErrorHelp {
  const { code, message, wanted } = error;
  if (!wanted) return NOTHING;
  const host = /^https?:\/\/(?:[^/@]*@)?([^/]+)/i.exec(wanted.url)?.[1];
  const from = host === undefined ? "" : ` from ${host}`;
  const checked =
    wanted.sha256 === null ? "no hash says what it has to be" : "it is checked against its hash";
  const isAgain = code === "fetch-failed";
  const isUnlocked = /^flake\.lock has no entry for the input/.test(message);
  return {
    line: isAgain ? null : `The command Fetch downloads it${from}; ${checked}.`,
    fixes: [
      ...replaceHash(file, error),
      ...(isUnlocked ? [LOCK_FLAKE] : []),
      {
        title: isAgain ? `Fetch${from} again` : `Fetch${from}`,
        isPreferred: !isUnlocked,
        edits: [],
        command: { name: "fetch", arguments: [] },
      },
    ],
    related: [],
  };
}

const NOTHING: ErrorHelp = { line: null, fixes: [], related: [] };

// ------------------------------------------------------------------------------------ missing names

function missingName(file: SourceFile, error: EvaluationError): ErrorHelp {
  const { name, suggestions } = error;
  if (name === undefined || name === null) return NOTHING;
  const others = (error.alternatives ?? []).filter((each) => !suggestions.includes(each));
  const target = usesOf(file, error, name);
  const fixes = [...suggestions, ...others].map(
    (path, i): Fix => ({
      title: `Replace it by ${path}`,
      ...(i === 0 ? { isPreferred: true } : {}),
      edits: target.map(({ start, end }) => ({ start, end, text: quotedPath(path) })),
    }),
  );
  const line = others.length === 0 ? null : `There is ${listed(others, "and")}.`;
  return { line, fixes: target.length === 0 ? [] : fixes, related: [] };
}

/** Where the name is written that the error is about: a step of a selection or a variable. */
function usesOf(
  file: SourceFile,
  error: EvaluationError,
  name: string,
): { start: number; end: number }[] {
  const wanted = bytesFromText(name);
  for (const place of ownPlaces(file, error)) {
    const offset = offsetOf(file, place);
    for (const expr of pathAt(file.syntax.expr, offset).reverse()) {
      if (expr.kind === "Var" && expr.name === wanted) return [expr];
      if (expr.kind !== "Select" && expr.kind !== "HasAttr") continue;
      const step = expr.path.find((each) => each.name === wanted);
      if (step) return [step];
    }
    const inherited = inheritedAt(file, offset, wanted);
    // An inherited name can only be replaced where it is one name still.
    if (inherited) return [inherited];
  }
  return [];
}

function inheritedAt(file: SourceFile, offset: number, name: string) {
  let found: { start: number; end: number } | null = null;
  walk(file.syntax.expr, (expr) => {
    const set = expr.kind === "AttrSet" ? expr : expr.kind === "Let" ? expr.attrs : null;
    for (const binding of set?.bindings ?? []) {
      if (binding.kind !== "Inherit" || offset < binding.start || binding.end < offset) continue;
      found ??= binding.names.find((each) => each.name === name) ?? null;
    }
    return expr.start <= offset && offset <= expr.end;
  });
  return found as { start: number; end: number } | null;
}

/** `python3Packages.numpy` as Nix is written, names that need quotes in quotes. */
function quotedPath(path: string): string {
  return path
    .split(".")
    .map((name) => bytesToText(showName(bytesFromText(name))))
    .join(".");
}

function unknownOption(
  file: SourceFile,
  { message }: EvaluationError,
  { name, near }: OptionError,
): ErrorHelp {
  const [nearest] = near;
  if (nearest === undefined) return NOTHING;
  const steps = nearest.split(".").length;
  const wrong = name.split(".").slice(0, steps).join(".");
  const place = optionDefinition(file.syntax.expr, wrong);
  const fixes = near.map((other, i): Fix => {
    const { start, end } = place?.last ?? file.syntax.expr;
    const text = quotedPath(other.split(".").at(-1) ?? "");
    return { title: `Replace it by ${other}`, isPreferred: i === 0, edits: [{ start, end, text }] };
  });
  return {
    // Newer releases of the module system say so themselves.
    line: /Did you mean/.test(message) ? null : `There is ${listed(near, "and")}.`,
    fixes: place?.rest === "" ? fixes : [],
    related: [],
  };
}

// --------------------------------------------------------------------------------------- arguments

function unexpectedArgument(file: SourceFile, error: EvaluationError): ErrorHelp {
  const { name, suggestions } = error;
  const set = argumentSet(file, error);
  const wanted = bytesFromText(name ?? "");
  const fixes: Fix[] = [];
  for (const binding of set?.bindings ?? []) {
    if (binding.kind !== "Value") continue;
    const [first] = binding.path;
    if (first?.name !== wanted) continue;
    const { start, end } = first;
    for (const [i, text] of suggestions.entries()) {
      const isPreferred = i === 0;
      fixes.push({ title: `Rename it to ${text}`, isPreferred, edits: [{ start, end, text }] });
    }
    const edits = [{ ...withSpaceBefore(file, binding), text: "" }];
    fixes.push({ title: `Remove the argument ${name}`, edits });
  }
  return { line: takes(error), fixes, related: [] };
}

function withSpaceBefore(file: SourceFile, span: { start: number; end: number }) {
  let { start } = span;
  while (start > 0 && /\s/.test(file.source.charAt(start - 1))) start -= 1;
  return { start, end: span.end };
}

function missingArgument(file: SourceFile, error: EvaluationError): ErrorHelp {
  const { name } = error;
  const set = argumentSet(file, error);
  const fixes: Fix[] = [];
  if (set && name) {
    const isInScope = isDefinedAt(file, set.start, bytesFromText(name));
    const at = set.end - 1;
    const gap = /\s/.test(file.source.charAt(at - 1)) ? "" : " ";
    const edits = [{ start: at, end: at, text: `${gap}inherit ${name}; ` }];
    if (isInScope) fixes.push({ title: `Pass ${name} on: inherit ${name};`, edits });
  }
  return { line: takes(error), fixes, related: [] };
}

function isDefinedAt(file: SourceFile, offset: number, name: string): boolean {
  const { bindings } = file;
  for (let scope = bindings.scopeAt(offset) as typeof bindings.file | null; scope; ) {
    if (scope.names.has(name)) return true;
    scope = scope.parent;
  }
  return false;
}

/** "The function takes a, b and c." */
function takes({ formals = [] }: EvaluationError): string | null {
  if (formals.length === 0) return null;
  const shown = formals.length > 12 ? [...formals.slice(0, 12), "…"] : formals;
  return `The function takes ${listed(shown, "and")}.`;
}

/** The set that is written as the argument of the failed call, if the call is in this file. */
function argumentSet(file: SourceFile, error: EvaluationError): AttrSet | null {
  for (const place of ownPlaces(file, error)) {
    const path = pathAt(file.syntax.expr, offsetOf(file, place));
    const call = path.reverse().find((expr): expr is Call => expr.kind === "Call");
    const set = call?.args.find((arg): arg is AttrSet => arg.kind === "AttrSet");
    if (set) return set;
  }
  return null;
}

// --------------------------------------------------------------------------------------- recursion

const IMPORTS_FIRST =
  "What a module imports is found before config and pkgs are known: import it always, and use lib.mkIf in it.";

function recursion(file: SourceFile, { cycle = [] }: EvaluationError): ErrorHelp {
  if (cycle.length === 0) return NOTHING;
  // Each needs the one before it: read from the outermost inwards, and back to where it began.
  const frames = [...cycle].reverse();
  const names = frames.map((frame) => cycleName(file, frame));
  const distinct = names.filter((name, i) => name !== names[i - 1]);
  const shown = distinct.slice(0, LONGEST_CYCLE);
  const rest = distinct.length > shown.length ? ["…"] : [];
  const [first = ""] = shown;
  const related = frames.flatMap((frame): RelatedPlace[] => {
    if (frame.file !== file.id) return [];
    const start = offsetOf(file, frame);
    const message = `${cycleName(file, frame)} takes part in the recursion`;
    return [{ start, end: expressionEnd(file, start), message }];
  });
  const last = shown.length > 1 || rest.length > 0 ? [first] : ["itself"];
  const line = `To know ${[...shown, ...rest, ...last].join(", Nix needs ")}.`;
  const overlay = ownFinal(file, frames);
  const isOfImports =
    MODULE_ROLES.has(fileRole(file.syntax.expr, file.id)) &&
    frames.some((frame) => frame.file === file.id && cycleName(file, frame) === "imports");
  const more = isOfImports ? IMPORTS_FIRST : overlay?.line;
  return {
    line: more === undefined ? line : `${line} ${more}`,
    fixes: overlay === null ? [] : [overlay.fix],
    related: related.slice(0, LONGEST_CYCLE),
  };
}

/** `final: prev: { a = final.a.override { }; }`: what is defined here is taken for what was there before. */
function ownFinal(
  file: SourceFile,
  frames: readonly TraceFrame[],
): { line: string; fix: Fix } | null {
  const offsets = frames.filter((frame) => frame.file === file.id).map((at) => offsetOf(file, at));
  let found: { line: string; fix: Fix } | null = null;
  walk(file.syntax.expr, (expr) => {
    const overlay = found === null ? overlayNames(expr) : null;
    for (const { name, value } of overlay?.set.attrs ?? []) {
      const { start, end } = value;
      if (overlay === null || !offsets.some((at) => start <= at && at < end)) continue;
      walk(value, (inner) => {
        if (inner.kind !== "Select" || inner.path[0]?.name !== name) return true;
        const { subject } = inner;
        if (subject.kind !== "Var" || subject.name !== overlay.final) return true;
        const [final, prev, shown] = [overlay.final, overlay.prev, name].map(bytesToText);
        found = {
          line: `${final}.${shown} is what is defined here; ${prev}.${shown} is what was there before.`,
          fix: {
            title: `Use ${prev}.${shown}, which was there before`,
            isPreferred: true,
            edits: [{ start: subject.start, end: subject.end, text: prev ?? "" }],
          },
        };
        return true;
      });
    }
    return true;
  });
  return found;
}

/** The parameters of a function of two that gives a set. */
function overlayNames(expr: Expr): { final: string; prev: string; set: AttrSet } | null {
  const inner = expr.kind === "Lambda" ? expr.body : null;
  if (expr.kind !== "Lambda" || inner?.kind !== "Lambda") return null;
  const set = resultSet(inner.body);
  const [final, prev] = [expr.param, inner.param];
  if (expr.formals || inner.formals || final === null || prev === null || set === null) return null;
  return { final, prev, set };
}

/** The name that an expression is bound to, or its text. */
function cycleName(file: SourceFile, frame: TraceFrame): string {
  if (frame.file !== file.id) {
    const name = frame.file?.slice(frame.file.lastIndexOf("/") + 1) ?? "a text";
    return `${name}:${frame.line}`;
  }
  const offset = offsetOf(file, frame);
  for (const expr of pathAt(file.syntax.expr, offset).reverse()) {
    const set = expr.kind === "AttrSet" ? expr : expr.kind === "Let" ? expr.attrs : null;
    for (const binding of set?.bindings ?? []) {
      if (binding.kind !== "Value" || binding.value.start !== offset) continue;
      const [from, to] = [binding.path[0]?.start ?? 0, binding.path.at(-1)?.end ?? 0];
      return bytesToText(file.source.slice(from, to));
    }
  }
  const text = bytesToText(file.source.slice(offset, expressionEnd(file, offset)));
  const [line = ""] = text.split("\n");
  return line.length > 30 || line !== text ? `${line.slice(0, 30)} …` : line;
}

function expressionEnd(file: SourceFile, start: number): number {
  const starting = pathAt(file.syntax.expr, start).filter((expr) => expr.start === start);
  return starting[0]?.end ?? start;
}

// ---------------------------------------------------------------------------------------- refusals

interface Refusal {
  readonly pattern: RegExp;
  readonly setting: (name: string) => string;
}

/** What nixpkgs refuses to evaluate, by its words, and the setting of nixpkgs that allows it. */
const REFUSALS: readonly Refusal[] = [
  { pattern: /unfree/, setting: () => "allowUnfree = true;" },
  { pattern: /marked as broken/, setting: () => "allowBroken = true;" },
  {
    pattern: /marked as insecure|security vulnerabilit/,
    setting: (name) => `permittedInsecurePackages = [ "${name}" ];`,
  },
  {
    pattern: /not (?:supported|available) on/,
    setting: () => "allowUnsupportedSystem = true;",
  },
];

function refusal(file: SourceFile, { message }: EvaluationError): ErrorHelp {
  const refused = /Package [‘'"]([^’'"]+)[’'"] in (.*), refusing to evaluate/s.exec(message);
  if (!refused) return NOTHING;
  const [, name = "", reason = ""] = refused;
  const known = REFUSALS.find(({ pattern }) => pattern.test(reason));
  if (!known) return NOTHING;
  const setting = known.setting(name);
  return {
    line: `Allow it with import <nixpkgs> { config = { ${setting} }; }, or in a NixOS configuration with nixpkgs.config.`,
    fixes: allowInConfig(file, setting),
    related: [],
  };
}

// ------------------------------------------------------------------------------------------ places

function ownPlaces(file: SourceFile, error: EvaluationError): TraceFrame[] {
  const places = [...(error.at ? [error.at] : []), ...error.trace];
  return places.filter((place) => place.file === file.id);
}

function offsetOf(file: SourceFile, { line, column }: TraceFrame): number {
  return file.lines.offsetAt({ line: line - 1, column: column - 1 }, "utf-8");
}

/** `a`, `a or b`, `a, b or c`. */
function listed(names: readonly string[], word: "and" | "or"): string {
  if (names.length < 2) return names.join("");
  return `${names.slice(0, -1).join(", ")} ${word} ${names[names.length - 1]}`;
}
