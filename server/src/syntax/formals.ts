/** The rule that a function's argument names differ. */
import type { Formal, Lambda, SyntaxProblem } from "./ast.ts";

/** The problem of a lambda with two equal formals or a formal named like its `@` name, else null. */
export function checkFormals(lambda: Lambda): SyntaxProblem | null {
  const formals = lambda.formals;
  if (formals === null) return null;
  const items = formals.items;
  const duplicate = items.length < 8 ? duplicateByScan(items) : duplicateByMap(items);
  if (duplicate !== null) return problem(duplicate, duplicate.start, duplicate.nameEnd);
  if (lambda.param === null) return null;
  for (const item of items) {
    if (item.name === lambda.param) return problem(item, lambda.start, lambda.paramStart);
  }
  return null;
}

function problem(item: Formal, start: number, end: number): SyntaxProblem {
  return {
    start,
    end: Math.max(end, start),
    code: "duplicate-formal",
    message: `duplicate formal function argument '${item.name}'`,
  };
}

/** The second occurrence of the first name that occurs twice. */
function duplicateByScan(items: Formal[]): Formal | null {
  for (let i = 0; i < items.length; i++) {
    const name = items[i]!.name;
    for (let j = i + 1; j < items.length; j++) {
      if (items[j]!.name === name) return items[j]!;
    }
  }
  return null;
}

function duplicateByMap(items: Formal[]): Formal | null {
  const firstAt = new Map<string, number>();
  let best: Formal | null = null;
  let bestFirst = items.length;
  for (let i = 0; i < items.length; i++) {
    const item = items[i]!;
    const first = firstAt.get(item.name);
    if (first === undefined) {
      firstAt.set(item.name, i);
    } else if (first < bestFirst) {
      best = item;
      bestFirst = first;
    }
  }
  return best;
}
