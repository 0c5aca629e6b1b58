/**
 * Feature: code lenses. Above the result of a file, or above each attribute of a result that is a
 * set: what can be done with the derivation there. One function makes each kind of lens.
 */
import type { Span } from "../scope/bindings.ts";
import { fileRole } from "../scope/file-role.ts";
import type { DerivationHint } from "./evaluation-view.ts";
import { resultOf } from "./result.ts";
import type { SourceFile } from "./source-file.ts";

/** A line of text above a place. Clients that do not know the command show the title only. */
export interface CodeLens extends Span {
  readonly title: string;
  /** A command of the editor's side, without `snowglobe.`. */
  readonly command: string;
  /** Plain data. */
  readonly arguments: readonly unknown[];
}

/** @param derivations of the last evaluation, at their places in this text */
export function codeLenses(file: SourceFile, derivations: readonly DerivationHint[]): CodeLens[] {
  return lensPlaces(file, derivations).flatMap((place) => [
    ...onBuildable(file, place),
    showDerivation(place),
  ]);
}

/**
 * Entering and building, of what has an address that a command line understands: a file that is
 * evaluated by itself, and attributes of it. Their one argument is `{ file, attributePath }`.
 */
function onBuildable(file: SourceFile, { start, end, attributePath }: LensPlace): CodeLens[] {
  if (file.directory === null || fileRole(file.syntax.expr, file.id) !== "expression") return [];
  const target = [{ file: file.id, attributePath }];
  return [
    { start, end, title: "Enter dev shell", command: "enterDevShell", arguments: target },
    { start, end, title: "Build", command: "build", arguments: target },
  ];
}

function showDerivation({ start, end, derivation }: LensPlace): CodeLens {
  const { drvPath } = derivation;
  return { start, end, title: "Show derivation", command: "showDerivation", arguments: [drvPath] };
}

export interface LensPlace extends Span {
  readonly derivation: DerivationHint;
  /** From the result of the file to it, empty for the result itself. */
  readonly attributePath: readonly string[];
}

/** Where the derivations stand that somebody could build or enter from this file. */
export function lensPlaces(
  file: SourceFile,
  derivations: readonly DerivationHint[],
): readonly LensPlace[] {
  const known = new Map(derivations.map((each) => [each.end, each]));
  return resultOf(file.syntax.expr).flatMap(({ place, value, attributePath }) => {
    const derivation = known.get(value.end);
    const { start, end } = place;
    return derivation ? [{ start, end, derivation, attributePath }] : [];
  });
}
