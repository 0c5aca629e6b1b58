/** Makes an expression that differs small, by putting parts of it in place of the whole or of others. */
import { bytesFromText, bytesToText } from "../../../server/src/base/bytes.ts";
import type { Expr } from "../../../server/src/syntax/ast.ts";
import { writtenChildren } from "../../../server/src/syntax/children.ts";
import { parseNix } from "../../../server/src/syntax/parser.ts";
import type { Difference } from "../compare.ts";

/** Evaluations that one expression may cost. */
const BUDGET = 100;
const SIMPLE = ["1", "null", '""', "[ ]", "{ }"];

/** Smaller texts made from this one, the smallest first. */
function candidates(text: string): string[] {
  const { expr } = parseNix(bytesFromText(text), { pipeOperators: true });
  if (expr === null) return [];
  const bytes = bytesFromText(text);
  const out = new Set<string>();
  const visit = (node: Expr): void => {
    const put = (part: string) =>
      out.add(bytes.slice(0, node.start) + part + bytes.slice(node.end));
    for (const simple of SIMPLE) if (simple.length < node.end - node.start) put(simple);
    writtenChildren(node, (child) => {
      put(`(${bytes.slice(child.start, child.end)})`);
      put(bytes.slice(child.start, child.end));
      visit(child);
    });
  };
  visit(expr);
  // Without a binding or an element.
  for (const { 0: part, index } of bytes.matchAll(/[\w'"${}]+ = [^;{}]*;/g))
    out.add(bytes.slice(0, index) + bytes.slice(index + part.length));
  return [...out]
    .filter((candidate) => candidate.length < bytes.length)
    .sort((a, b) => a.length - b.length)
    .map(bytesToText);
}

/** @param compare says which of some expressions differ */
export async function shrink(
  difference: Difference,
  compare: (expressions: readonly string[]) => Promise<readonly Difference[]>,
): Promise<Difference> {
  let best = difference;
  let left = BUDGET;
  for (let at = 0; left > 0; ) {
    const next = candidates(best.expression).slice(at, at + 10);
    if (next.length === 0) return best;
    left -= next.length;
    const found = await compare(next);
    // Another difference is as good, an error that both have and say otherwise is not.
    const smaller = found.find(
      ({ ours, theirs }) => ours.ok === best.ours.ok && theirs.ok === best.theirs.ok,
    );
    if (smaller === undefined) at += 10;
    else {
      best = smaller;
      at = 0;
    }
  }
  return best;
}
