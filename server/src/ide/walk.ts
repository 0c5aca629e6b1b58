/** Going through a tree as written, without recursion: texts nest deeper than JavaScript's stack. */
import type { Expr } from "../syntax/ast.ts";
import { writtenChildren } from "../syntax/children.ts";

/** Visits every expression, parents first and in source order; `false` skips what is inside. */
export function walk(root: Expr, visit: (expr: Expr) => boolean): void {
  const todo: Expr[] = [root];
  for (let expr = todo.pop(); expr; expr = todo.pop()) {
    if (!visit(expr)) continue;
    const first = todo.length;
    writtenChildren(expr, (child) => todo.push(child));
    reverseFrom(todo, first);
  }
}

function reverseFrom(list: Expr[], from: number): void {
  for (let i = from, j = list.length - 1; i < j; i++, j--) {
    const expr = list[i] as Expr;
    list[i] = list[j] as Expr;
    list[j] = expr;
  }
}

/**
 * The expressions that cover an offset (their ends included), outermost first. Where two neighbours
 * touch at the offset, the one that starts there wins.
 */
export function pathAt(root: Expr, offset: number): Expr[] {
  const path: Expr[] = [];
  let next: Expr | null = root.start <= offset && offset <= root.end ? root : null;
  while (next) {
    path.push(next);
    let found: Expr | null = null;
    writtenChildren(next, (child) => {
      if (child.start <= offset && offset <= child.end) {
        if (!found || child.start >= found.end) found = child;
      }
    });
    next = found;
  }
  return path;
}
