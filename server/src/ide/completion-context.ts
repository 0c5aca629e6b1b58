/**
 * Where the cursor is, for completion: what kind of name could be written there.
 *
 * While a name is being typed the text rarely parses. So a made-up name is put at the cursor, with
 * what is most often still missing behind it, until the exact parser accepts the text; the tree then
 * says precisely where the name stands. If no variant helps, the tolerant tree of the text serves.
 */
import type { ByteString } from "../base/bytes.ts";
import { analyzeBindings, type Bindings, type Scope, type Span } from "../scope/bindings.ts";
import type { AttrName, Binding, Expr } from "../syntax/ast.ts";
import { isPlainName } from "../syntax/identifiers.ts";
import { parseNix } from "../syntax/parser.ts";
import type { OptionStep } from "./evaluation-view.ts";
import { optionPath } from "./option-path.ts";
import { SourceFile } from "./source-file.ts";
import { pathAt } from "./walk.ts";

interface ContextBase {
  /** What is replaced: the name around the cursor. */
  readonly replace: Span;
  /** The file whose tree the expressions and scopes belong to: the text with the made-up name. */
  readonly file: SourceFile;
}

export type CompletionContext =
  | ExpressionContext
  | AttributeContext
  | InheritContext
  | BindingContext;

interface ExpressionContext extends ContextBase {
  readonly kind: "expression";
  readonly scope: Scope;
  /** Whether it stands behind another expression; null when that is not known. */
  readonly isArgument: boolean | null;
}

/** Behind `subject.path.`, in a selection, `?` or `inherit (subject)`. */
export interface AttributeContext extends ContextBase {
  readonly kind: "attribute";
  readonly subject: Expr;
  readonly path: readonly AttrName[];
  /** Names that are there already (of `inherit (e) a b`). */
  readonly taken: ReadonlySet<ByteString>;
}

/** In `inherit …;`: names of the enclosing scope. */
interface InheritContext extends ContextBase {
  readonly kind: "inherit";
  readonly scope: Scope;
  readonly taken: ReadonlySet<ByteString>;
}

/** Where a new binding begins, or in a module a later name of one. */
interface BindingContext extends ContextBase {
  readonly kind: "binding";
  /** The function whose argument the set is, or null. */
  readonly callee: Expr | null;
  /** Names that the set has already. */
  readonly taken: ReadonlySet<ByteString>;
  /** In a module the options among which the name would be one; null elsewhere. */
  readonly options: readonly OptionStep[] | null;
  /** Whether it is the first name of the binding. */
  readonly isBeginning: boolean;
}

/** Not a name that anybody writes; it only has to be one. */
const MADE_UP = "snowglobe'cursor";

/** What may be missing behind the name, the likeliest first. */
const VARIANTS = ["", ";", " = null;", ".x", ": null", "; }", " }", ")", "]", ");", "];"];

/** Texts larger than this are tried in fewer variants: each is a parse. In bytes. */
const LARGE = 100_000;

export function completionContext(file: SourceFile, offset: number): CompletionContext | null {
  const { source } = file;
  const replace = nameAround(source, offset);
  // In the middle of a number.
  if (/[0-9]/.test(source.charAt(replace.start - 1))) return null;
  const before = source.slice(0, replace.start);
  const after = source.slice(replace.end);
  const variants = source.length > LARGE ? VARIANTS.slice(0, 3) : VARIANTS;
  for (const variant of variants) {
    const text = before + MADE_UP + variant + after;
    const { expr } = parseNix(text);
    if (!expr) continue;
    // Where `a.b = …` was meant, `a` alone would do as well.
    return contextIn(made(file, text, expr), replace);
  }
  return tolerantContext(file, replace);
}

/** A file that is only this tree. */
interface Tried {
  readonly file: SourceFile;
  readonly expr: Expr;
  readonly bindings: Bindings;
}

function made(file: SourceFile, source: ByteString, expr: Expr): Tried {
  const bindings = analyzeBindings(expr, source.length);
  return { file: SourceFile.ofTree(file.id, source, expr, bindings), expr, bindings };
}

function contextIn(tried: Tried, replace: Span): CompletionContext | null {
  const { file, expr, bindings } = tried;
  const at = replace.start + 1;
  const path = pathAt(expr, at);
  const inner = path[path.length - 1];
  if (!inner) return null;
  const scope = bindings.scopeAt(at);
  if (inner.kind === "Var" && inner.name === MADE_UP) {
    const outer = path[path.length - 2];
    const isArgument = outer?.kind === "Call" && outer.fn !== inner;
    return { kind: "expression", replace, file, scope, isArgument };
  }
  if (inner.kind === "Select" || inner.kind === "HasAttr") {
    const step = inner.path.findIndex((name) => name.name === MADE_UP);
    if (step < 0) return null;
    const steps = inner.path.slice(0, step);
    return { kind: "attribute", replace, file, subject: inner.subject, path: steps, taken: NONE };
  }
  const binding = bindingAt(inner, at);
  if (!binding) return null;
  if (binding.kind === "Value") {
    const step = binding.path.findIndex((name) => name.name === MADE_UP);
    if (step < 0) return null;
    const options = optionPath(file, at)?.names.slice(0, -1) ?? null;
    if (step > 0) {
      const rest = { callee: null, taken: NONE, isBeginning: false };
      return options && { kind: "binding", replace, file, options, ...rest };
    }
    const outer = path[path.length - 2];
    const callee = outer?.kind === "Call" && outer.args[0] === inner ? outer.fn : null;
    const taken = namesOf(inner);
    return { kind: "binding", replace, file, callee, taken, options, isBeginning: true };
  }
  const taken = new Set(binding.names.flatMap(({ name }) => (name === null ? [] : [name])));
  if (!taken.delete(MADE_UP)) return null;
  if (binding.from) {
    return { kind: "attribute", replace, file, subject: binding.from, path: [], taken };
  }
  // A `let` or `rec` set does not see its own names in `inherit`.
  const around = path[path.length - 2];
  const outer = around ? bindings.scopeAt(Math.max(inner.start - 1, around.start)) : bindings.file;
  return { kind: "inherit", replace, file, scope: outer, taken };
}

const NONE: ReadonlySet<ByteString> = new Set();

function namesOf(expr: Expr): Set<ByteString> {
  const attrs = expr.kind === "AttrSet" ? expr.attrs : [];
  return new Set(attrs.map(({ name }) => name));
}

function bindingAt(expr: Expr, offset: number): Binding | null {
  const bindings =
    expr.kind === "AttrSet" ? expr.bindings : expr.kind === "Let" ? expr.attrs.bindings : [];
  return bindings.find(({ start, end }) => start <= offset && offset < end) ?? null;
}

/** A text that no variant made right: the names in scope, or the attributes behind a dot. */
function tolerantContext(file: SourceFile, replace: Span): CompletionContext | null {
  const { source, bindings } = file;
  const scope = bindings.scopeAt(replace.start);
  if (source.charAt(replace.start - 1) !== ".") {
    const inner = pathAt(file.syntax.expr, replace.start).pop();
    if (inner?.kind === "String" || inner?.kind === "Interpolation") return null;
    return { kind: "expression", replace, file, scope, isArgument: null };
  }
  const names: string[] = [];
  let end = replace.start;
  while (source.charAt(end - 1) === ".") {
    const name = nameAround(source, end - 1);
    if (name.end !== end - 1 || name.start === name.end) return null;
    names.unshift(source.slice(name.start, name.end));
    end = name.start;
  }
  const [first, ...rest] = names;
  if (first === undefined || !isPlainName(first)) return null;
  const text = `${" ".repeat(end)}${first}`;
  const subject: Expr = {
    kind: "Var",
    start: end,
    end: text.length,
    name: first,
    level: -1,
    slot: -1,
    fromWith: null,
  };
  const path = rest.map((name) => ({ start: end, end, name, expr: null }));
  return { kind: "attribute", replace, file, subject, path, taken: NONE };
}

/** The letters of a name on both sides of an offset. */
function nameAround(source: ByteString, offset: number): Span {
  const isNamePart = (at: number) => /[a-zA-Z0-9_'-]/.test(source.charAt(at));
  let start = offset;
  let end = offset;
  while (start > 0 && isNamePart(start - 1)) start -= 1;
  while (end < source.length && isNamePart(end)) end += 1;
  // A name does not start with a digit, `-` or `'`: those belong to something else.
  while (start < offset && /[0-9'-]/.test(source.charAt(start))) start += 1;
  return { start, end };
}
