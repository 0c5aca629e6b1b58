/**
 * Feature: names defined twice in one attribute set, `let` or argument set, each with the place of
 * its first definition. Nix's parser refuses them and names one; here all of them are found.
 *
 * `a.b = …; a.c = …;` and sets written in two parts are one set, so only what cannot be merged is
 * reported: two values where at least one is no set literal.
 */
import { type ByteString, bytesToText } from "../base/bytes.ts";
import type { AttrName, AttrSet, Binding, Expr, Lambda } from "../syntax/ast.ts";
import type { Diagnostic } from "./diagnostic.ts";
import type { SourceFile } from "./source-file.ts";
import { walk } from "./walk.ts";

export const DUPLICATE_ATTRIBUTE = "duplicate-attribute";
export const DUPLICATE_FORMAL = "duplicate-formal";

export function isDuplicateName(code: string): boolean {
  return code === DUPLICATE_ATTRIBUTE || code === DUPLICATE_FORMAL;
}

export function duplicateNames(file: SourceFile): Diagnostic[] {
  const found: Diagnostic[] = [];
  // What the exact parser accepted has none.
  if (file.syntax.exact) return found;
  const report: Report = (duplicate) => found.push(diagnosticOf(file, duplicate));
  /** Literals that are a part of another set are judged with it. */
  const merged = new Set<AttrSet>();
  walk(file.syntax.expr, (expr) => {
    if (expr.kind === "Lambda") duplicateFormals(expr, report);
    else if (expr.kind === "AttrSet" && !merged.has(expr))
      duplicateAttributes(expr, merged, report);
    else if (expr.kind === "Let") duplicateAttributes(expr.attrs, merged, report);
    return true;
  });
  if (found.length === 0) found.push(...parserDuplicates(file));
  return found.sort((a, b) => a.start - b.start);
}

/** What the exact parser says, for a text that is too wrong to be looked through. */
function parserDuplicates(file: SourceFile): Diagnostic[] {
  return file.syntax.problems
    .filter((problem) => isDuplicateName(problem.code))
    .map(({ start, end, code, message }) => ({
      start,
      end,
      severity: "error",
      code,
      message: bytesToText(message),
      related: [],
    }));
}

interface Place {
  readonly start: number;
  readonly end: number;
}

interface Duplicate extends Place {
  readonly code: string;
  /** In Nix's words, without the place of the first. */
  readonly message: string;
  readonly first: Place;
}

type Report = (duplicate: Duplicate) => void;

function diagnosticOf(file: SourceFile, duplicate: Duplicate): Diagnostic {
  const { start, end, code, first } = duplicate;
  const { line, column } = file.lines.positionAt(first.start, "utf-8");
  const where = code === DUPLICATE_ATTRIBUTE ? ` at ${file.name}:${line + 1}:${column + 1}` : "";
  return {
    start,
    end,
    severity: "error",
    code,
    message: duplicate.message + where,
    related: [{ start: first.start, end: first.end, message: "first defined here" }],
  };
}

function duplicateFormals(lambda: Lambda, report: Report): void {
  const seen = new Map<ByteString, Place>();
  if (lambda.param !== null) {
    const start = lambda.paramStart;
    seen.set(lambda.param, { start, end: start + lambda.param.length });
  }
  for (const formal of lambda.formals?.items ?? []) {
    const place = { start: formal.start, end: formal.nameEnd };
    const first = seen.get(formal.name);
    if (!first) {
      seen.set(formal.name, place);
      continue;
    }
    const message = `duplicate formal function argument '${bytesToText(formal.name)}'`;
    // `{ a }@a:` has the parameter behind the formals: the second one in the text is the wrong one.
    const [one, two] = first.start < place.start ? [first, place] : [place, first];
    report({ ...two, code: DUPLICATE_FORMAL, message, first: one });
  }
}

/** What is known of one name: where it is defined first, and its attributes if it is a set literal. */
interface Entry extends Place {
  readonly attributes: Map<ByteString, Entry> | null;
}

function duplicateAttributes(set: AttrSet, merged: Set<AttrSet>, report: Report): void {
  addBindings(new Map(), set.bindings, [], merged, report);
}

function addBindings(
  target: Map<ByteString, Entry>,
  bindings: readonly Binding[],
  outer: readonly ByteString[],
  merged: Set<AttrSet>,
  report: Report,
): void {
  for (const binding of bindings) {
    if (binding.kind === "Inherit") {
      for (const name of binding.names) addLeaf(target, name, outer, report);
    } else addValue(target, binding.path, binding.value, outer, merged, report);
  }
}

function addLeaf(
  target: Map<ByteString, Entry>,
  step: AttrName,
  outer: readonly ByteString[],
  report: Report,
): void {
  if (step.name === null) return;
  const known = target.get(step.name);
  if (known) report(conflict([...outer, step.name], step, step, known));
  else target.set(step.name, { start: step.start, end: step.end, attributes: null });
}

function addValue(
  top: Map<ByteString, Entry>,
  path: readonly AttrName[],
  value: Expr,
  outer: readonly ByteString[],
  merged: Set<AttrSet>,
  report: Report,
): void {
  let target = top;
  const names = [...outer];
  const first = path[0] as AttrName;
  for (const [i, step] of path.entries()) {
    // A name that is known only when evaluating starts a set of its own.
    if (step.name === null) return;
    names.push(step.name);
    const last = i === path.length - 1;
    if (last && value.kind !== "AttrSet") {
      const known = target.get(step.name);
      if (known) report(conflict(names, first, step, known));
      else target.set(step.name, { start: first.start, end: step.end, attributes: null });
      return;
    }
    const known = target.get(step.name);
    if (known && known.attributes === null) {
      report(conflict(names, first, step, known));
      return;
    }
    const entry = known ?? { start: first.start, end: step.end, attributes: new Map() };
    target.set(step.name, entry);
    target = entry.attributes as Map<ByteString, Entry>;
  }
  if (value.kind === "AttrSet") {
    merged.add(value);
    addBindings(target, value.bindings, names, merged, report);
  }
}

function conflict(path: readonly ByteString[], from: Place, to: Place, first: Place): Duplicate {
  return {
    start: from.start,
    end: to.end,
    code: DUPLICATE_ATTRIBUTE,
    message: `attribute '${bytesToText(path.join("."))}' already defined`,
    first,
  };
}
