/**
 * Feature: inlay hints. Behind everything that evaluates to a derivation: the first seven characters
 * of its hash, its name, whether it is the same as in the baseline, and where its result is. Behind
 * bindings, where that is wanted, their values if they are simple.
 */
import type {
  BaselineView,
  BuildState,
  DerivationHint,
  ShortValueView,
} from "./evaluation-view.ts";

export interface InlayHint {
  /** It stands behind this place. */
  readonly offset: number;
  readonly label: string;
  readonly tooltip: string;
}

const SHOWN_HASH = 7;

/** How hints are written. */
export interface HintStyle {
  /** `{hash}`, `{name}`, `{version}` and `{state}` stand for what they say. */
  readonly format: string;
  /** Characters of hints that the editor shows on one line; null: any number. */
  readonly lineLength: number | null;
  /** Whether simple values of bindings are shown. */
  readonly values?: boolean;
}

export const DEFAULT_HINT_STYLE: HintStyle = { format: "{hash} {name} {state}", lineLength: null };

/** What is known of derivations besides what they are. */
export interface HintFacts {
  readonly baseline: BaselineView | null;
  /** By the path of the derivation. */
  readonly states: ReadonlyMap<string, BuildState>;
}

export interface HintContext extends HintFacts {
  readonly style: HintStyle;
  readonly lineOf: (offset: number) => number;
  readonly values: readonly ShortValueView[];
}

const DEFAULT_CONTEXT: HintContext = {
  baseline: null,
  states: new Map(),
  style: DEFAULT_HINT_STYLE,
  lineOf: () => 0,
  values: [],
};

/** Where there is no room for more than hashes, and where not even for them. */
const SHORTER = ["{hash} {state}", "{state}"];

/** In the store, in a binary cache, to be built. */
export const STATE_GLYPHS: Readonly<Record<BuildState, string>> = {
  built: "✓",
  cached: "↓",
  "to-build": "⚒",
};

/** Those that stand in the range, in source order. */
export function inlayHints(
  derivations: readonly DerivationHint[],
  range: { readonly start: number; readonly end: number },
  context: Partial<HintContext> = {},
): InlayHint[] {
  const { baseline, states, style, lineOf, values } = { ...DEFAULT_CONTEXT, ...context };
  const isKnown = baseline !== null && baseline.closure.size > 0;
  const stateOf = ({ drvPath }: DerivationHint) => {
    const state = states.get(drvPath);
    const compared = isKnown ? (baseline.closure.has(drvPath) ? "=" : "≠") : "";
    return compared + (state === undefined ? "" : STATE_GLYPHS[state]);
  };
  const lines = new Map<number, DerivationHint[]>();
  for (const each of derivations) {
    const line = style.lineLength === null ? each.end : lineOf(each.end);
    lines.set(line, [...(lines.get(line) ?? []), each]);
  }
  const taken = new Set(derivations.map(({ end }) => end));
  return [
    ...[...lines.values()].flatMap((onLine) => hintsOfLine(onLine, stateOf, style)),
    ...values.filter(({ end }) => !taken.has(end)).map(valueHint),
  ]
    .filter(({ offset, label }) => range.start <= offset && offset <= range.end && label !== "")
    .sort((a, b) => a.offset - b.offset);
}

/** In the first format in which everything on the line is shown; else one hint for all, behind the last. */
function hintsOfLine(
  onLine: readonly DerivationHint[],
  stateOf: (derivation: DerivationHint) => string,
  { format, lineLength }: HintStyle,
): InlayHint[] {
  const written = (as: string) =>
    onLine.map((each) => ({
      offset: each.end,
      label: label(each, stateOf(each), as),
      tooltip: tooltip(each),
    }));
  const fits = (hints: readonly InlayHint[]) =>
    lineLength === null || hints.map((hint) => hint.label).join("").length <= lineLength;
  const own = written(format);
  if (fits(own)) return own;
  const shorter = SHORTER.map(written).find(
    (hints) => fits(hints) && hints.every((hint) => hint.label !== ""),
  );
  const last = onLine[onLine.length - 1];
  return shorter ?? (last ? [summary(onLine, stateOf, last.end)] : []);
}

/** `12 derivations 10= 2≠`; the tooltip names them. */
function summary(
  derivations: readonly DerivationHint[],
  stateOf: (derivation: DerivationHint) => string,
  offset: number,
): InlayHint {
  const counts = new Map<string, number>();
  for (const each of derivations) {
    const state = stateOf(each);
    if (state !== "") counts.set(state, (counts.get(state) ?? 0) + 1);
  }
  const states = [...counts].map(([state, count]) =>
    counts.size === 1 ? state : `${count}${state}`,
  );
  return {
    offset,
    label: [`${derivations.length} derivations`, ...states].join(" "),
    tooltip: derivations
      .map((each) => label(each, stateOf(each), "{hash} {name} {state}"))
      .join("\n"),
  };
}

function valueHint({ end, text }: ShortValueView): InlayHint {
  return { offset: end, label: `= ${text}`, tooltip: text };
}

function label({ drvPath, name }: DerivationHint, state: string, format: string): string {
  const values: Readonly<Record<string, string>> = {
    hash: hashPart(drvPath).slice(0, SHOWN_HASH),
    name,
    version: /-([0-9].*)$/.exec(name)?.[1] ?? "",
    state,
  };
  return format
    .replaceAll(/\{(\w+)\}/g, (whole, key: string) => values[key] ?? whole)
    .replaceAll(/ +/g, " ")
    .trim();
}

function hashPart(storePath: string): string {
  return storePath.slice(storePath.lastIndexOf("/") + 1).split("-", 1)[0] ?? "";
}

function tooltip(derivation: DerivationHint): string {
  const outputs = derivation.outputs.map(
    ({ name, path }) => `${name}: ${path ?? "known after the build"}`,
  );
  return [derivation.drvPath, ...outputs].join("\n");
}
