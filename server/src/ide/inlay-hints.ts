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

/** Those that stand in the range, in source order. */
export function inlayHints(
  derivations: readonly DerivationHint[],
  range: { readonly start: number; readonly end: number },
  baseline: BaselineView | null = null,
): InlayHint[] {
  const isKnown = baseline !== null && baseline.closure.size > 0;
  return derivations
    .filter(({ end }) => range.start <= end && end <= range.end)
    .map((derivation) => ({
      offset: derivation.end,
      label: [
        `${hashPart(derivation.drvPath).slice(0, SHOWN_HASH)} ${derivation.name}`,
        ...(isKnown ? [baseline.closure.has(derivation.drvPath) ? "=" : "≠"] : []),
      ].join(" "),
      tooltip: tooltip(derivation),
    }));
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
