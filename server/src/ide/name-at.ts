/**
 * What a name in the text is, at an offset: the common ground of definition, references, highlight,
 * rename and hover.
 */
import type { Definition, Reference, Span } from "../scope/bindings.ts";
import type { AttrName, Expr } from "../syntax/ast.ts";
import { builtinDoc } from "./builtin-docs.ts";
import type { SourceFile } from "./source-file.ts";
import { isComplete, type StaticAttribute, staticAttributes, staticValue } from "./static-value.ts";
import { pathAt } from "./walk.ts";

export type NameAt =
  /** A use of a name, or a definition of one. */
  | {
      readonly kind: "definition";
      readonly span: Span;
      readonly definition: Definition;
      /** Set when the cursor is at a use. */
      readonly reference: Reference | null;
    }
  | { readonly kind: "builtin"; readonly span: Span; readonly name: string }
  /** A name that an enclosing `with` gives; `attribute` when the text shows which. */
  | {
      readonly kind: "with";
      readonly span: Span;
      readonly reference: Reference;
      readonly attribute: StaticAttribute | null;
    }
  /** A step of a selection (`x.name`), of `inherit (x) name` or of `x ? name`. */
  | {
      readonly kind: "selection";
      readonly span: Span;
      readonly name: AttrName;
      readonly attribute: StaticAttribute | null;
    };

export function nameAt(file: SourceFile, offset: number): NameAt | null {
  const { bindings } = file;
  const path = pathAt(file.syntax.expr, offset);
  const selected = selectionAt(file, path, offset);
  if (selected) return selected;
  const reference = bindings.referenceAt(offset);
  // At `inherit x` of a `let` or `rec` set both stand: the use leads outwards, where `x` comes from.
  if (reference) {
    const { definition, builtin } = reference;
    if (definition) return { kind: "definition", span: reference, definition, reference };
    if (builtin !== null) return { kind: "builtin", span: reference, name: builtin };
    const attribute = withAttribute(file, reference);
    return reference.withs.length > 0
      ? { kind: "with", span: reference, reference, attribute }
      : null;
  }
  const definition = bindings.definitionAt(offset);
  const site = definition?.sites.find((span) => covers(span, offset));
  return definition && site
    ? { kind: "definition", span: site, definition, reference: null }
    : null;
}

/** The attribute of an enclosing `with` that a name is, when the text shows it. */
function withAttribute(file: SourceFile, reference: Reference): StaticAttribute | null {
  for (const node of reference.withs) {
    const scope = staticValue(file, node.scope);
    const attribute = staticAttributes(file, scope).get(reference.name);
    if (attribute) return attribute;
    if (!isComplete(scope)) return null;
  }
  return null;
}

function selectionAt(file: SourceFile, path: readonly Expr[], offset: number): NameAt | null {
  const expr = path[path.length - 1];
  if (!expr) return null;
  if (expr.kind === "Select" || expr.kind === "HasAttr") {
    return stepAt(file, expr.subject, expr.path, offset);
  }
  const bindings =
    expr.kind === "AttrSet" ? expr.bindings : expr.kind === "Let" ? expr.attrs.bindings : [];
  for (const binding of bindings) {
    if (binding.kind !== "Inherit" || !binding.from || !covers(binding, offset)) continue;
    const name = binding.names.find((step) => covers(step, offset));
    if (name) return stepAt(file, binding.from, [name], offset);
  }
  return null;
}

function stepAt(
  file: SourceFile,
  subject: Expr,
  path: readonly AttrName[],
  offset: number,
): NameAt | null {
  const at = path.findIndex((step) => covers(step, offset));
  const step = path[at];
  if (!step || step.name === null) return null;
  let value = staticValue(file, subject);
  let attribute: StaticAttribute | null = null;
  for (const each of path.slice(0, at + 1)) {
    if (each.name === null) return null;
    attribute = staticAttributes(file, value).get(each.name) ?? null;
    value = attribute?.value() ?? null;
  }
  if (attribute && attribute.site === null && builtinDoc(attribute.name)) {
    return { kind: "builtin", span: step, name: attribute.name };
  }
  return { kind: "selection", span: step, name: step, attribute };
}

function covers(span: Span, offset: number): boolean {
  return span.start <= offset && offset <= span.end;
}
