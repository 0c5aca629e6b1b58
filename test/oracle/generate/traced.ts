/** Expressions whose parts say when they are evaluated. */
import { bytesFromText, bytesToText } from "../../../server/src/base/bytes.ts";
import type { Expr } from "../../../server/src/syntax/ast.ts";
import { writtenChildren } from "../../../server/src/syntax/children.ts";
import { parseNix } from "../../../server/src/syntax/parser.ts";
import { Generator } from "./expression.ts";
import type { Random } from "./random.ts";

/** How much of an expression is wrapped. */
const SHARE = 0.4;

/** With `builtins.trace "tN"` around parts, which are numbered in the order of the text. */
export function withTraces(r: Random, expression: string): string {
  const text = bytesFromText(expression);
  const { expr } = parseNix(text, { pipeOperators: true });
  if (expr === null) return expression;
  const puts: { at: number; text: string; end: boolean }[] = [];
  let count = 0;
  const visit = (node: Expr): void => {
    const wrapped = node.end > node.start && r.chance(SHARE);
    if (wrapped) puts.push({ at: node.start, text: `(builtins.trace "t${++count}" (`, end: false });
    writtenChildren(node, visit);
    if (wrapped) puts.push({ at: node.end, text: "))", end: true });
  };
  writtenChildren(expr, visit);
  let out = "";
  let done = 0;
  for (const put of puts.sort((a, b) => a.at - b.at || Number(b.end) - Number(a.end))) {
    out += text.slice(done, put.at) + put.text;
    done = put.at;
  }
  return bytesToText(out + text.slice(done));
}

export function traced(r: Random): string {
  // Attributes are gone through in the order in which their names were first read: new names each time.
  const suffix = `_${r.next().toString(36)}`;
  const generator = new Generator(r, { depth: 2 + r.below(3), wrong: r.pick([0, 0.05]), suffix });
  return withTraces(r, generator.expression());
}
