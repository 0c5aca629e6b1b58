/**
 * Whether an expression by itself can read no file: it has no path, and names no builtin that reads.
 * What it captures or is given may; that is told apart by whoever asks.
 */
import type { Expr } from "../syntax/ast.ts";
import { writtenChildren } from "../syntax/children.ts";

/** Builtins that see the world, whether they are written with `builtins.` or without. */
const READERS =
  /^(import|scopedImport|builtins|fetch.*|getFlake|flakeRefToString|parseFlakeRef|read.*|path|pathExists|filterSource|findFile|hashFile|getEnv|nixPath|__.*|storePath|toPath|toFile)$/;

const known = new WeakMap<Expr, boolean>();

export function readsNothing(root: Expr): boolean {
  let answer = known.get(root);
  if (answer === undefined) {
    answer = look(root);
    known.set(root, answer);
  }
  return answer;
}

function look(root: Expr): boolean {
  const pending: Expr[] = [root];
  for (let expr = pending.pop(); expr !== undefined; expr = pending.pop()) {
    switch (expr.kind) {
      case "Path":
      case "PathInterpolation":
      case "SearchPath":
      case "CurPos":
        return false;
      case "String":
        if (expr.value.startsWith("/")) return false;
        break;
      case "Var":
        // A name that a program binds itself is captured, and looked at there.
        if (READERS.test(expr.name)) return false;
        break;
      case "Select": {
        const [first] = expr.path;
        const isBuiltin = expr.subject.kind === "Var" && expr.subject.name === "builtins";
        if (isBuiltin && first?.name && !READERS.test(first.name)) {
          if (expr.fallback !== null) pending.push(expr.fallback);
          continue;
        }
        break;
      }
      default:
        break;
    }
    writtenChildren(expr, (child) => pending.push(child));
  }
  return true;
}
