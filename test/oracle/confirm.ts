/** What differs in a session with many others may be no difference: each is asked for once more, alone. */
import type { Compare, Compared } from "./compare.ts";
import type { RealNix } from "./real-nix.ts";

export interface Confirmed extends Compared {
  /** How many differed among others only: names that have been read before change an order. */
  artefacts: number;
}

/** Compares, and leaves out what does not differ in fresh processes for this expression alone. */
export async function compareAndConfirm(
  compare: Compare,
  nixes: readonly RealNix[],
  expressions: readonly string[],
): Promise<Confirmed> {
  const { differences: seen, failures } = await compare(nixes, expressions);
  const differences: Compared["differences"] = [];
  for (const { nix, expression } of seen)
    differences.push(...(await compare([nix], [expression])).differences);
  return { differences, failures, artefacts: seen.length - differences.length };
}
