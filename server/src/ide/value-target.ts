/**
 * Whose value a hover shows: the expression that what stands under the cursor is the name or the
 * beginning of. Places that are nobody's (spaces, keywords, the inside of a string) show nothing.
 */
import type { Span } from "../scope/bindings.ts";
import type { Expr } from "../syntax/ast.ts";
import { dottedNames } from "./dotted-names.ts";
import type { SourceFile } from "./source-file.ts";
import { pathAt } from "./walk.ts";

export interface ValueTarget extends Span {
  /** As in `dottedNames`. */
  readonly names: readonly string[] | null;
}

/** An expression of the file's tree, or null. */
export function valueTarget(file: SourceFile, offset: number): ValueTarget | null {
  const path = pathAt(file.syntax.expr, offset);
  const [outer, inner] = path.slice(-2);
  // The text of a string around `${}` stands for the whole string.
  const isPart = inner?.kind === "String" && outer?.kind === "Interpolation";
  const expr = isPart ? outer : (inner ?? outer);
  const target = expr ? targetIn(file, expr, offset) : null;
  if (!target) return null;
  const { start, end } = target;
  return { start, end, names: isExpr(target) ? dottedNames(target) : null };
}

function isExpr(target: Span | Expr): target is Expr {
  return "kind" in target;
}

function targetIn(file: SourceFile, expr: Expr, offset: number): Span | Expr | null {
  switch (expr.kind) {
    case "Var":
    case "Path":
    case "PathInterpolation":
    case "SearchPath":
    case "Interpolation":
    case "CurPos":
      return expr;
    case "Select": {
      const last = expr.path[expr.path.length - 1];
      // A step in the middle is no expression of its own.
      return last && covers(last, offset) ? expr : null;
    }
    case "List":
      return isBracket(expr, offset) ? expr : null;
    case "AttrSet":
      return isBracket(expr, offset) ? expr : boundValue(file, expr.bindings, offset);
    case "Let":
      return boundValue(file, expr.attrs.bindings, offset);
    case "Binary":
      return covers({ start: expr.opStart, end: expr.opStart + expr.op.length }, offset)
        ? expr
        : null;
    case "If":
      return covers({ start: expr.start, end: expr.start + 2 }, offset) ? expr : null;
    case "Lambda":
      return argument(file, offset);
    default:
      return null;
  }
}

/** At a binding's name: what it is bound to. */
function boundValue(
  file: SourceFile,
  bindings: Extract<Expr, { kind: "AttrSet" }>["bindings"],
  offset: number,
): Span | null {
  const binding = bindings.find((each) => covers(each, offset));
  if (binding?.kind === "Value") {
    const last = binding.path[binding.path.length - 1];
    return last && covers(last, offset) ? binding.value : null;
  }
  return binding ? file.bindings.referenceAt(offset) : null;
}

/** At a function's argument: the first use of it. */
function argument(file: SourceFile, offset: number): Span | null {
  return file.bindings.definitionAt(offset)?.references[0] ?? null;
}

function isBracket(span: Span, offset: number): boolean {
  return offset <= span.start + 1 || offset >= span.end - 1;
}

function covers(span: Span, offset: number): boolean {
  return span.start <= offset && offset <= span.end;
}
