import { expect, test } from "vitest";
import { analyze } from "../testing/analysis-fixture.ts";
import type { DerivationHint } from "./evaluation-view.ts";

/** Lenses of a text in which everything called `drv` is a derivation. */
function lenses(source: string): string[] {
  const { host, id, text } = analyze(source);
  const derivations = [...source.matchAll(/\bdrv\b/g)].map(({ index }): DerivationHint => {
    const drvPath = `/nix/store/${index}-drv.drv`;
    return { start: index, end: index + 3, name: "drv", drvPath, outputs: [] };
  });
  host.evaluated(id, { revision: 1, derivations, error: null });
  return host
    .analysis()
    .codeLenses(id)
    .map((lens) => `${text(lens)}| ${lens.title} ${lens.arguments}`);
}

test("the result of a file, through functions and lets", () => {
  expect(lenses("{ a ? 1 }: let drv = a; in drv")).toEqual([
    "drv| Show derivation /nix/store/27-drv.drv",
  ]);
});

test("the attributes of a set, also in sets inside it", () => {
  expect(lenses("{ a = drv; b.c = { d = drv; }; e = [ drv ]; }")).toEqual([
    "a = | Show derivation /nix/store/6-drv.drv",
    "d = | Show derivation /nix/store/23-drv.drv",
  ]);
});

test("nothing where nothing is a derivation", () => {
  expect(lenses("[ drv ]")).toEqual([]);
});
