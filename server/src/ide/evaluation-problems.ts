/**
 * Feature: evaluation errors, placed in the user's file. An error inside a library is shown at the
 * innermost place of its trace that lies in this file; where it happened and the rest of the trace
 * are related places.
 */
import type { Diagnostic, ForeignPlace } from "./diagnostic.ts";
import { errorHelp, LOCK_FLAKE } from "./error-help.ts";
import type { EvaluationError, EvaluationView, TraceFrame } from "./evaluation-view.ts";
import type { FileView } from "./file-view.ts";
import { resultOf } from "./result.ts";
import type { SourceFile } from "./source-file.ts";
import { pathAt } from "./walk.ts";

/** More frames than this help nobody. */
const MOST_RELATED = 20;

/** The errors of an evaluation, those at one place once, and what else it says. */
export function evaluationProblems(
  file: SourceFile,
  { error, others = [], unlocked = [] }: Pick<EvaluationView, "error" | "others" | "unlocked">,
  view: Pick<FileView, "kind">,
): Diagnostic[] {
  const locks = unlocked.map((place) => unlockedInput(file, place));
  if (error === null) return locks;
  const found = [evaluationProblem(file, error, view), ...locks];
  for (const other of others) {
    // One that has no place in this file says nothing that the first does not.
    const isHere =
      [other.at, ...other.trace].some((place) => place?.file === file.id) ||
      optionNamed(file, other) !== null;
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

function evaluationProblem(
  file: SourceFile,
  error: EvaluationError,
  view: Pick<FileView, "kind">,
): Diagnostic {
  const places = [...(error.at ? [error.at] : []), ...error.trace];
  const own = places.find((place) => place.file === file.id);
  const related = places
    .filter((place) => place !== own)
    .flatMap((place) => relatedPlace(place, place === error.at ? error.message : place.text));
  const help = errorHelp(file, error, view);
  return {
    ...(own ? placeIn(file, own) : (optionNamed(file, error) ?? firstToken(file))),
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

/** The module system names the option that is wrong, and not the place: "The option `a.b' …". */
function optionNamed(
  file: SourceFile,
  { message }: EvaluationError,
): { start: number; end: number } | null {
  const named = /^(?:error: )?The option (?:value )?[`'‘]([^'’]+)['’]/.exec(message);
  if (!named) return null;
  const wanted = named[1]?.split(".") ?? [];
  const parts = resultOf(file.syntax.expr).map((part) => ({
    part,
    common: commonSteps(part.attributePath, wanted),
  }));
  const best = parts.reduce((a, b) => (b.common > a.common ? b : a), { part: null, common: 0 } as {
    part: (typeof parts)[number]["part"] | null;
    common: number;
  }).part;
  if (!best) return null;
  const { start, end } = best.place;
  const text = file.source.slice(start, end).replace(/[\s=]+$/, "");
  return { start, end: start + text.length };
}

/** Steps that two paths begin with together; `config.a` is `a`, and so is that of a machine of a network. */
function commonSteps(path: readonly string[], wanted: readonly string[]): number {
  const steps = (own: readonly string[]) => {
    const different = wanted.findIndex((step, i) => own[i] !== step);
    return different < 0 ? wanted.length : different;
  };
  return Math.max(steps(path), steps(path.slice(1)));
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
