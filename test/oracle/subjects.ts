/** What is fuzzed: for each subject how its expressions are made, and how they are compared. */
import { type Compare, compareMany } from "./compare.ts";
import { compareFlakes } from "./compare-flakes.ts";
import { compareStores } from "./compare-stores.ts";
import { compareSyntax } from "./compare-syntax.ts";
import { compareTraces } from "./compare-traces.ts";
import { Coverage } from "./coverage.ts";
import { general } from "./generate/expression.ts";
import { files } from "./generate/files.ts";
import { flakes } from "./generate/flakes.ts";
import { derivations, focused } from "./generate/focused.ts";
import { LIBRARIES, library } from "./generate/library.ts";
import { printed } from "./generate/printed.ts";
import type { Random } from "./generate/random.ts";
import { SteeredCalls } from "./generate/steered-calls.ts";
import { syntax } from "./generate/syntax.ts";
import { traced } from "./generate/traced.ts";
import type { Mode } from "./outcome.ts";

export interface Subject {
  make: (random: Random) => string;
  compare: Compare;
  /** Of about a thousand. */
  share: number;
}

const inMode =
  (mode: Mode): Compare =>
  (nixes, expressions) =>
    compareMany(nixes, mode, expressions);
const values = inMode("value");

export const coverage = new Coverage();
const steered = new SteeredCalls(coverage);

export const subjects: Readonly<Record<string, Subject>> = {
  calls: { make: (r) => steered.next(r), compare: values, share: 480 },
  general: { make: general, compare: values, share: 200 },
  traces: { make: traced, compare: compareTraces, share: 50 },
  syntax: { make: syntax, compare: compareSyntax, share: 50 },
  "--json": { make: printed, compare: inMode("json"), share: 25 },
  "--xml": { make: printed, compare: inMode("xml"), share: 25 },
  files: { make: files, compare: values, share: 25 },
  stores: { make: (r) => derivations(r, true), compare: compareStores, share: 20 },
  flakes: { make: flakes, compare: compareFlakes, share: 2 },
  ...(LIBRARIES.length > 0 && { library: { make: library, compare: values, share: 50 } }),
  ...Object.fromEntries(
    Object.entries(focused).map(([name, make]) => [name, { make, compare: values, share: 25 }]),
  ),
};
