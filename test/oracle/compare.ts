/** Our evaluator beside a real Nix. */
import { setImmediate } from "node:timers/promises";
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

/** Our own answers, with pauses in which other processes are listened to. */
export async function answersOf<T>(
  expressions: readonly string[],
  answer: (expression: string) => T,
): Promise<T[]> {
  const out: T[] = [];
  for (const expression of expressions) {
    out.push(answer(expression));
    if (out.length % 10 === 0) await setImmediate();
  }
  return out;
}

/**
 * The same for a great many expressions and all Nixes at a time: what fails costs no process of its
 * own there. What seems to differ is asked for once more, alone.
 */
export async function compareMany(
  nixes: readonly RealNix[],
  mode: Mode,
  expressions: readonly string[],
): Promise<Compared> {
  // A tab completes names there.
  const lines = expressions.filter((text) => !text.includes("\t"));
  const others = expressions.filter((text) => text.includes("\t"));
  const asked = nixes.map((nix) => evaluateInSession(nix, mode, lines, folder));
  const ours = await answersOf(lines, (expression) => evaluateOurs(mode, expression));
  const compared: Compared = { differences: [], failures: 0 };
  for (const [n, nix] of nixes.entries()) {
    const real = (await asked[n]) as Outcome[];
    const differing = lines.filter((expression, i) => {
      const it = { expression, ours: ours[i] as Outcome, theirs: real[i] as Outcome };
      return summary(it.ours) !== summary(it.theirs) && !isKnown(nix.version, mode, it);
    });
    const again = await compareAll(nix, mode, [...differing, ...others]);
    compared.failures += again.failures + real.filter(({ ok }) => !ok).length;
    for (const difference of again.differences) compared.differences.push({ ...difference, nix });
  }
  return compared;
}

/** What several Nixes say otherwise than we do, and how often they said that something failed. */
export interface Compared {
  differences: (Difference & { nix: RealNix })[];
  failures: number;
}

export type Compare = (
  nixes: readonly RealNix[],
  expressions: readonly string[],
) => Promise<Compared>;

/** As text that tells where. */
export function explain({ expression, ours, theirs }: Difference): string {
  const say = (what: Outcome) =>
    what.ok ? what.text : `${summary(what)}: ${what.message.split("\n", 1)}`;
  return `${expression}\n  ours: ${say(ours)}\n  real: ${say(theirs)}`;
}
