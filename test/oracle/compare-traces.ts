/** Which parts of expressions are evaluated, and in which order: what they trace until they fail or end. */
import { folder } from "./cases.ts";
import { answersOf, type Compared } from "./compare.ts";
import { askSession, type Said, tracesOf } from "./nix-session.ts";
import { runOurs } from "./our-nix.ts";
import { failure, type Outcome, summary } from "./outcome.ts";
import { modeOptions, operand, type RealNix } from "./real-nix.ts";

function outcome({ failure: failed, traces }: Said): Outcome {
  const end = failed === null ? "a value" : summary(failed).replace(/ at \S+$/, "");
  return { ok: true, text: `${traces.replaceAll("\n", " ")}: ${end}` };
}

function ours(expression: string): Outcome {
  const { status, stderr } = runOurs([...modeOptions("value"), "-E", operand(expression)]);
  return outcome({ failure: status === 0 ? null : failure(stderr), traces: tracesOf(stderr) });
}

export async function compareTraces(
  all: readonly RealNix[],
  expressions: readonly string[],
): Promise<Compared> {
  // That one goes through attributes in the order of where their names are in memory.
  const nixes = all.filter(({ version }) => version !== "2.8");
  const asked = nixes.map((nix) => askSession(nix, expressions, folder));
  const answers = await answersOf(expressions, ours);
  const compared: Compared = { differences: [], failures: 0 };
  for (const [n, nix] of nixes.entries()) {
    const said = (await asked[n]) as Said[];
    for (const [i, expression] of expressions.entries()) {
      const theirs = outcome(said[i] as Said);
      const ours = answers[i] as Outcome;
      if (said[i]?.failure !== null) compared.failures++;
      if (summary(ours) === summary(theirs)) continue;
      compared.differences.push({ expression, ours, theirs, nix });
    }
  }
  return compared;
}
