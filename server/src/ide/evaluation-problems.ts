/**
 * Feature: evaluation errors, placed in the user's file. An error inside a library is shown at the
 * innermost place of its trace that lies in this file, or at the path of the file that it is in; where
 * it happened and the rest of the trace are related places.
 */
import type { Expr } from "../syntax/ast.ts";
import type { Diagnostic, ForeignPlace } from "./diagnostic.ts";
import { placesOf } from "./error-files.ts";
import { errorHelp, LOCK_FLAKE } from "./error-help.ts";
import type { EvaluationError, EvaluationView, TraceFrame } from "./evaluation-view.ts";
import type { FileView } from "./file-view.ts";
import { optionDefinition } from "./option-definition.ts";
import { fileToOpen, literalTarget } from "./path-target.ts";
import type { SourceFile } from "./source-file.ts";
import { pathAt, walk } from "./walk.ts";

/** What is asked of the files around a problem. */
type DiskView = Pick<FileView, "kind" | "home">;

/** More frames than this help nobody. */
const MOST_RELATED = 20;

/** The errors of an evaluation, those at one place once, and what else it says. */
export function evaluationProblems(
  file: SourceFile,
  { error, others = [], unlocked = [] }: Pick<EvaluationView, "error" | "others" | "unlocked">,
  view: DiskView,
): Diagnostic[] {
  const locks = unlocked.map((place) => unlockedInput(file, place));
  if (error === null) return locks;
  const found = [evaluationProblem(file, error, view), ...locks];
  for (const other of others) {
    // One that has no place in this file says nothing that the first does not.
    const isHere =
      placesOf(other).some((place) => place.file === file.id) ||
      definitionOf(file, other, false) !== null ||
      pathToFault(file, other, view) !== null;
    const problem = evaluationProblem(file, other, view);
    const isNew = found.every(({ start, end }) => start !== problem.start || end !== problem.end);
    if (isHere && isNew) found.push(problem);
  }
  return found;
}

function unlockedInput(file: SourceFile, place: TraceFrame): Diagnostic {
  return {
    ...placeIn(file, place),
    severity: "information",
    code: "lock-not-written",
    message:
      "flake.lock does not say what this input is: it was locked for this evaluation, and may be another next time.",
    related: [],
    fixes: [LOCK_FLAKE],
  };
}

function evaluationProblem(file: SourceFile, error: EvaluationError, view: DiskView): Diagnostic {
  const places = placesOf(error);
  const used = places.find((place) => place.file === file.id);
  // A wrong value is to be changed where it is written, whoever needs it.
  const defined = definitionOf(file, error, true);
  const related = places
    .filter((place) => place !== used || defined !== null)
    .flatMap((place) => relatedPlace(place, place === error.at ? error.message : place.text));
  const place =
    defined ??
    (used && placeIn(file, used)) ??
    definitionOf(file, error, false) ??
    pathToFault(file, error, view) ??
    firstToken(file);
  const help = errorHelp(file, error, view);
  return {
    ...place,
    severity: "error",
    code: help.code ?? error.code,
    message: [withSuggestions(error), ...(help.line === null ? [] : [help.line])].join("\n"),
    related: [...help.related, ...related].slice(0, MOST_RELATED),
    fixes: help.fixes,
  };
}

function relatedPlace(place: TraceFrame, message: string): ForeignPlace[] {
  const { file, line, column } = place;
  return file === null || !file.startsWith("/") ? [] : [{ file, line, column, message }];
}

function withSuggestions({ message, suggestions }: EvaluationError): string {
  if (suggestions.length === 0) return message;
  const [last, ...others] = [...suggestions].reverse();
  const list = others.length > 0 ? `one of ${others.reverse().join(", ")} or ${last}` : last;
  return `${message}\nDid you mean ${list}?`;
}

/**
 * Where the option is defined that an error of the module system names.
 *
 * @param isSure that it is written here as a whole, and its value is what is wrong
 */
function definitionOf(
  file: SourceFile,
  { option }: EvaluationError,
  isSure: boolean,
): { start: number; end: number } | null {
  const found = option ? optionDefinition(file.syntax.expr, option.name) : null;
  if (!option || !found) return null;
  const { start, end, rest } = found;
  return isSure && (option.problem === "undefined" || rest !== "") ? null : { start, end };
}

/** Where the file is mentioned that an error is in, or that does not exist. */
function pathToFault(
  file: SourceFile,
  error: EvaluationError,
  view: DiskView,
): { start: number; end: number } | null {
  const others = placesOf(error).flatMap((place) => place.file ?? []);
  for (const wanted of new Set([...(error.files ?? []), ...others])) {
    let found: Expr | null = null;
    walk(file.syntax.expr, (expr) => {
      if (found || expr.kind !== "Path") return !found;
      const path = literalTarget(file, expr, view.home);
      if (path !== null && (path === wanted || fileToOpen(path, view) === wanted)) found = expr;
      return false;
    });
    if (found) return found;
  }
  return null;
}

/** From Nix's line and column to the span of what starts there. */
function placeIn(file: SourceFile, place: TraceFrame): { start: number; end: number } {
  const start = file.lines.offsetAt({ line: place.line - 1, column: place.column - 1 }, "utf-8");
  const name = /^[a-zA-Z_][a-zA-Z0-9_'-]*/.exec(file.source.slice(start, start + 200));
  // The expressions that start here: an operator or a call starts where its first operand does, and
  // to underline all of it is right only while it fits on the line.
  const lineEnd = file.lines.lineEnd(file.lines.lineAt(start));
  const whole = pathAt(file.syntax.expr, start).find(
    (expr) => expr.start === start && expr.end > start && expr.end <= lineEnd,
  );
  const end = whole?.end ?? (name ? start + name[0].length : Math.min(start + 1, lineEnd));
  return { start, end: Math.max(end, start) };
}

function firstToken(file: SourceFile): { start: number; end: number } {
  const { start, end } = file.syntax.expr;
  const lineEnd = file.lines.lineEnd(file.lines.lineAt(start));
  return { start, end: Math.max(start, Math.min(end, lineEnd)) };
}
