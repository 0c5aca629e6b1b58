/**
 * Feature: inlay hints. Behind everything that evaluates to a derivation: the first seven characters
 * of its hash, its name, and whether it is the same as in the baseline.
 */
import type { BaselineView, DerivationHint } from "./evaluation-view.ts";

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
}

export const DEFAULT_HINT_STYLE: HintStyle = { format: "{hash} {name} {state}", lineLength: null };

/** Where there is no room for more than hashes, and where not even for them. */
const SHORTER = ["{hash} {state}", "{state}"];

/** Those that stand in the range, in source order. */
export function inlayHints(
  derivations: readonly DerivationHint[],
  range: { readonly start: number; readonly end: number },
  baseline: BaselineView | null = null,
  style: HintStyle = DEFAULT_HINT_STYLE,
  lineOf: (offset: number) => number = () => 0,
): InlayHint[] {
  const isKnown = baseline !== null && baseline.closure.size > 0;
  const stateOf = ({ drvPath }: DerivationHint) =>
    isKnown ? (baseline.closure.has(drvPath) ? "=" : "≠") : "";
  const written = (format: string) => (derivation: DerivationHint) =>
    label(derivation, stateOf(derivation), format);
  const lines = new Map<number, DerivationHint[]>();
  for (const each of derivations) {
    const line = style.lineLength === null ? each.end : lineOf(each.end);
    lines.set(line, [...(lines.get(line) ?? []), each]);
  }
  // Of the formats the first in which everything on the line is shown.
  const formats = new Map<DerivationHint, string>();
  for (const onLine of lines.values()) {
    const fits = (format: string) =>
      style.lineLength === null || onLine.map(written(format)).join("").length <= style.lineLength;
    const format = [style.format, ...SHORTER].find(fits) ?? "";
    for (const each of onLine) formats.set(each, format);
  }
  return derivations
    .filter(({ end }) => range.start <= end && end <= range.end)
    .map((derivation) => ({
      offset: derivation.end,
      label: written(formats.get(derivation) ?? style.format)(derivation),
      tooltip: tooltip(derivation),
    }))
    .filter((hint) => hint.label !== "");
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
