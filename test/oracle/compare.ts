/** Our evaluator beside a real Nix. */
import { folder } from "./cases.ts";
import { isKnown } from "./known-differences.ts";
import { evaluateInSession } from "./nix-session.ts";
import { evaluateOurs } from "./our-nix.ts";
import { type Mode, type Outcome, summary } from "./outcome.ts";
import { evaluateReal, inParallel, type RealNix } from "./real-nix.ts";

export interface Difference {
  expression: string;
  ours: Outcome;
  theirs: Outcome;
}

const CHUNK = 25;

/** What differs, known differences included. */
export async function differences(
  nix: RealNix,
  mode: Mode,
  expressions: readonly string[],
): Promise<{ differences: Difference[]; failures: number }> {
  const chunks: string[][] = [];
  for (let i = 0; i < expressions.length; i += CHUNK) chunks.push(expressions.slice(i, i + CHUNK));
  let failures = 0;
  const found = await inParallel(chunks, 2, async (chunk) => {
    const real = await evaluateReal(nix, mode, chunk, folder);
    return chunk.flatMap((expression, i) => {
      const [ours, theirs] = [evaluateOurs(mode, expression), real[i]!];
      if (!theirs.ok) failures++;
      return summary(ours) === summary(theirs) ? [] : [{ expression, ours, theirs }];
    });
  });
  return { differences: found.flat(), failures };
}

/** What differs and is not in the table. */
export async function compareAll(
  nix: RealNix,
  mode: Mode,
  expressions: readonly string[],
): Promise<{ differences: Difference[]; failures: number }> {
  const { differences: all, failures } = await differences(nix, mode, expressions);
  return { differences: all.filter((it) => !isKnown(nix.version, mode, it)), failures };
}

/**
 * The same for a great many expressions of one line each: what fails costs no process of its own there.
 * What seems to differ is asked for once more, alone.
 */
export async function compareMany(
  nix: RealNix,
  expressions: readonly string[],
): Promise<{ differences: Difference[]; failures: number }> {
  const lines = expressions.filter((text) => !/[\n\t]/.test(text));
  const others = expressions.filter((text) => /[\n\t]/.test(text));
  const real = await evaluateInSession(nix, lines, folder);
  const differing = lines.filter((expression, i) => {
    const [ours, theirs] = [evaluateOurs("value", expression), real[i] as Outcome];
    const differ = summary(ours) !== summary(theirs);
    return differ && !isKnown(nix.version, "value", { expression, ours, theirs });
  });
  const { differences: found, failures } = await compareAll(nix, "value", [
    ...differing,
    ...others,
  ]);
  return { differences: found, failures: failures + real.filter(({ ok }) => !ok).length };
}

/** As text that tells where. */
export function explain({ expression, ours, theirs }: Difference): string {
  const say = (what: Outcome) => (what.ok ? what.text : `${summary(what)}: ${what.message}`);
  return `${expression}\n  ours: ${say(ours)}\n  real: ${say(theirs)}`;
}
