/**
 * Feature: an overlay written as `{ final, prev }: …`. Nixpkgs calls an overlay with two arguments one
 * after the other, so this one is given all of the package set where it wants two names, and Nix's
 * error (infinite recursion, a missing argument) says nothing of the cause.
 */
import { bytesToText } from "../base/bytes.ts";
import { resultSet } from "../scope/file-role.ts";
import type { Expr, Lambda } from "../syntax/ast.ts";
import type { Diagnostic, TextReplacement } from "./diagnostic.ts";
import type { SourceFile } from "./source-file.ts";
import { walk } from "./walk.ts";

export const OVERLAY_ARGUMENTS = "overlay-arguments";

/** The names that the two arguments of overlays have had. */
const PAIRS: readonly (readonly [string, string])[] = [
  ["self", "super"],
  ["final", "prev"],
];
const NEW_NAMES = ["final", "prev"] as const;

/** Functions whose arguments are overlays. */
const TAKES_OVERLAY = /(^|\.)(extend|appendOverlays|composeExtensions|composeManyExtensions)$/;

export function overlayArguments(file: SourceFile): Diagnostic[] {
  if (!/\{\s*(self|super|final|prev)\b/.test(file.source)) return [];
  const found: Diagnostic[] = [];
  const certain = certainOverlays(file);
  walk(file.syntax.expr, (expr) => {
    const pair = expr.kind === "Lambda" ? overlayPair(expr) : null;
    if (expr.kind === "Lambda" && pair) found.push(problemOf(file, expr, pair, certain.has(expr)));
    return true;
  });
  return found;
}

/** Which of the pairs a function takes as a set of exactly these two (and `...`, if it gives a set), or null. */
export function overlayPair(lambda: Lambda): readonly [string, string] | null {
  const { formals, param } = lambda;
  if (!formals || param !== null || formals.items.length !== 2) return null;
  if (formals.ellipsis && resultSet(lambda.body) === null) return null;
  if (formals.items.some(({ fallback }) => fallback !== null)) return null;
  const names = new Set(formals.items.map(({ name }) => name));
  return PAIRS.find((pair) => pair.every((name) => names.has(name))) ?? null;
}

/** Functions that stand where only an overlay can: in `overlays = [ … ]`, as an argument of `extend`. */
function certainOverlays(file: SourceFile): Set<Expr> {
  const found = new Set<Expr>();
  walk(file.syntax.expr, (expr) => {
    if (expr.kind === "Call" && TAKES_OVERLAY.test(file.source.slice(expr.fn.start, expr.fn.end))) {
      for (const arg of expr.args) for (const each of listed(arg)) found.add(each);
    }
    const set = expr.kind === "AttrSet" ? expr : expr.kind === "Let" ? expr.attrs : null;
    for (const binding of set?.bindings ?? []) {
      if (binding.kind !== "Value") continue;
      const last = binding.path[binding.path.length - 1]?.name;
      if (last === "overlays") for (const each of listed(binding.value)) found.add(each);
    }
    return true;
  });
  return found;
}

function listed(expr: Expr): readonly Expr[] {
  return expr.kind === "List" ? expr.items : [expr];
}

function problemOf(
  file: SourceFile,
  lambda: Lambda,
  pair: readonly [string, string],
  isCertain: boolean,
): Diagnostic {
  const { formals } = lambda;
  const { start, end } = formals ?? lambda;
  const written = bytesToText(file.source.slice(start, end)).replaceAll(/\s+/g, " ");
  const message = `an overlay takes two arguments one after the other, 'final: prev: …'; '${written}:' takes one set, and is given the whole package set`;
  const edits = editsOf(file, lambda, pair);
  return {
    start,
    end,
    severity: isCertain ? "error" : "warning",
    code: OVERLAY_ARGUMENTS,
    message,
    related: [],
    fixes: [{ title: "Write it as final: prev: …", isPreferred: true, edits }],
  };
}

/** `{ self, super }:` becomes `final: prev:`, and so do the uses unless the new names are taken. */
function editsOf(
  file: SourceFile,
  lambda: Lambda,
  pair: readonly [string, string],
): TextReplacement[] {
  const { formals } = lambda;
  if (!formals) return [];
  const definitions = pair.map((name) => {
    const formal = formals.items.find((each) => each.name === name);
    return formal ? file.bindings.definitionAt(formal.start) : null;
  });
  const [final, prev] = definitions;
  if (!final || !prev) return [];
  const isTaken = file.bindings.definitions.some(
    (each) => each !== final && each !== prev && NEW_NAMES.some((name) => name === each.name),
  );
  const names = isTaken ? pair : NEW_NAMES;
  const edits = [final, prev].flatMap((definition, i) => {
    const name = names[i] ?? "";
    if (definition.name === name) return [];
    return definition.references.map(({ start, end }) => ({ start, end, text: name }));
  });
  const parameters = { start: formals.start, end: formals.end, text: names.join(": ") };
  return [parameters, ...edits];
}
