/**
 * Feature: code lenses. Above the result of a file, or above each attribute of a result that is a
 * set: what can be done with the derivation there. One function makes each kind of lens.
 */
import type { Span } from "../scope/bindings.ts";
import { type FileRole, fileRole } from "../scope/file-role.ts";
import type {
  BaselineView,
  BuildState,
  ChangeCount,
  DerivationHint,
  ShellPlan,
} from "./evaluation-view.ts";
import { STATE_GLYPHS } from "./inlay-hints.ts";
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

/** What is known of derivations, by their paths. */
export interface LensFacts {
  /** Of those that have been compared with the baseline. */
  readonly changes?: ReadonlyMap<string, LensChange>;
  readonly states?: ReadonlyMap<string, BuildState>;
  readonly shells?: ReadonlyMap<string, ShellPlan>;
}

/** @param derivations of the last evaluation, at their places in this text */
export function codeLenses(
  file: SourceFile,
  derivations: readonly DerivationHint[],
  facts: LensFacts = {},
): CodeLens[] {
  // Without derivations only a flake has lenses: any other text is not gone through.
  if (derivations.length === 0 && file.name !== "flake.nix") return [];
  const role = file.directory === null ? null : fileRole(file.syntax.expr, file.id);
  const lenses = lensPlaces(file, derivations).flatMap((place) => [
    ...whatChanged(place, facts.changes?.get(place.derivation.drvPath)),
    ...onBuildable(file, role, place, facts),
    showDerivation(place),
  ]);
  return role === "flake" ? [...flakeShell(file), ...lenses] : lenses;
}

/**
 * Entering and building, of what has an address that a command line understands: a file that is
 * evaluated by itself, outputs of a flake, and attributes of them. Their one argument is
 * `{ file, attributePath }`; of a flake the path starts from its outputs.
 */
function onBuildable(
  file: SourceFile,
  role: FileRole | null,
  { start, end, attributePath, isPerSystem, derivation }: LensPlace,
  { states, shells }: LensFacts,
): CodeLens[] {
  const [first, output, ...rest] = attributePath;
  if (role === "flake" ? first !== "outputs" : role !== "expression") return [];
  // A command finds a name that stands alone among the outputs of this system.
  const isShell = output === "devShells";
  if (isPerSystem && !isShell && output !== "packages") return [];
  const ofFlake = isPerSystem ? rest : attributePath.slice(1);
  const target = [{ file: file.id, attributePath: role === "flake" ? ofFlake : attributePath }];
  const { drvPath } = derivation;
  const [shell, state] = [shells?.get(drvPath), states?.get(drvPath)];
  const enter = `Enter dev shell${shell === undefined ? "" : ` ${shellState(shell)}`}`;
  const build = `Build${state === undefined ? "" : ` ${STATE_GLYPHS[state]}`}`;
  const lenses = [
    { start, end, title: enter, command: "enterDevShell", arguments: target },
    { start, end, title: build, command: "build", arguments: target },
  ];
  return isPerSystem ? lenses.slice(isShell ? 0 : 1, isShell ? 1 : 2) : lenses;
}

/** `✓`, or what is there and what is to be done: `(3 ✓ · 12 ↓ 48 MB · 2 ⚒)`. */
function shellState({ here, fetch, downloadSize, build }: ShellPlan): string {
  if (fetch + build === 0) return STATE_GLYPHS.built;
  const parts = [
    here > 0 ? `${here} ${STATE_GLYPHS.built}` : "",
    fetch > 0 ? `${fetch} ${STATE_GLYPHS.cached}${megabytes(downloadSize)}` : "",
    build > 0 ? `${build} ${STATE_GLYPHS["to-build"]}` : "",
  ];
  return `(${parts.filter((part) => part !== "").join(" · ")})`;
}

/** With a space before it; nothing when the size is not known. */
function megabytes(bytes: number): string {
  if (bytes === 0) return "";
  const size = bytes / 1e6;
  return ` ${size < 10 ? Math.max(0.1, size).toFixed(1) : Math.round(size)} MB`;
}

/** The default shell of a flake, whose shells are made by a function for every system. */
function flakeShell(file: SourceFile): CodeLens[] {
  const written = resultOf(file.syntax.expr).find(
    ({ attributePath }) => attributePath.join(".") === "outputs.devShells",
  );
  if (written === undefined) return [];
  const { start, end } = written.place;
  const target = [{ file: file.id, attributePath: [] }];
  return [{ start, end, title: "Enter dev shell", command: "enterDevShell", arguments: target }];
}

/** How a derivation compares with what stood in its place. */
export interface LensChange {
  /** As people name it: `HEAD`. */
  readonly reference: string;
  /** The derivation path then; null: it was not there. */
  readonly before: string | null;
  /** Null when it is the same, and when nobody has counted. */
  readonly count: ChangeCount | null;
}

function whatChanged({ start, end, derivation }: LensPlace, change?: LensChange): CodeLens[] {
  if (!change) return [];
  const { reference, before, count } = change;
  const { drvPath, name } = derivation;
  const command = "whatChanged";
  if (before === drvPath) {
    const title = `Same derivation as ${reference}: nothing to rebuild`;
    return [{ start, end, title, command, arguments: [null, null, name, reference] }];
  }
  if (before === null) {
    const title = `Not in ${reference}`;
    return [{ start, end, title, command, arguments: [null, null, name, reference] }];
  }
  const counted = count && `Changes ${count.changed} of ${count.total} derivation`;
  const title = counted
    ? `${counted}${count.total === 1 ? "" : "s"} since ${reference}`
    : `Changed since ${reference}`;
  return [{ start, end, title, command, arguments: [before, drvPath, name, reference] }];
}

/**
 * What stood in the place of a derivation at another time: under its attribute, else under its name,
 * with another version if need be. Null where it may be any of several.
 */
export function counterpart(place: LensPlace, baseline: BaselineView): string | null {
  const { name, drvPath } = place.derivation;
  if (baseline.closure.has(drvPath)) return drvPath;
  const members = Object.values(baseline.members);
  const attribute = baseline.members[memberName(place)];
  const member = attribute ?? members.find((each) => each.name === name);
  if (member) return member.drvPath;
  // A file that is evaluated through another has none of its own there.
  const others = [...baseline.closure].map((path) => ({ path, other: nameOfDerivation(path) }));
  const exact = others.filter(({ other }) => other === name);
  const found =
    exact.length > 0
      ? exact
      : others.filter(({ other }) => unversioned(other) === unversioned(name));
  return found.length === 1 ? (found[0]?.path ?? null) : null;
}

/** As the evaluation calls it: of a flake only outputs of this system are evaluated. */
function memberName({ attributePath, isPerSystem }: LensPlace): string {
  const [first, output, ...rest] = attributePath;
  if (first !== "outputs") return attributePath.join(".");
  return [output, ...(isPerSystem ? rest : rest.slice(1))].join(".");
}

function nameOfDerivation(drvPath: string): string {
  const base = drvPath.slice(drvPath.lastIndexOf("/") + 1);
  return base.slice(base.indexOf("-") + 1).replace(/\.drv$/, "");
}

/** Archives keep their version: the source of a package is not another version of it. */
function unversioned(name: string): string {
  return /\.(tar(\.\w+)?|t[gx]z|zip|patch|diff)$/.test(name) ? name : name.replace(/-[0-9].*$/, "");
}

function showDerivation({ start, end, derivation }: LensPlace): CodeLens {
  const { drvPath } = derivation;
  return { start, end, title: "Show derivation", command: "showDerivation", arguments: [drvPath] };
}

export interface LensPlace extends Span {
  readonly derivation: DerivationHint;
  /** From the result of the file to it, empty for the result itself. */
  readonly attributePath: readonly string[];
  /** As in `ResultPart`. */
  readonly isPerSystem: boolean;
}

/** Where the derivations stand that somebody could build or enter from this file. */
export function lensPlaces(
  file: SourceFile,
  derivations: readonly DerivationHint[],
): readonly LensPlace[] {
  const known = new Map(derivations.map((each) => [each.end, each]));
  // A text of which nothing is known is not gone through.
  if (derivations.length === 0) return [];
  return resultOf(file.syntax.expr).flatMap(({ place, value, attributePath, isPerSystem }) => {
    const derivation = known.get(value.end);
    const { start, end } = place;
    return derivation ? [{ start, end, derivation, attributePath, isPerSystem }] : [];
  });
}
