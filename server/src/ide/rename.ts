/**
 * Feature: rename a name within its file. Refused where the program would mean something else: the
 * new name is taken in the same scope, a use would find another binding, or a binding would catch a
 * use of another name.
 *
 * `inherit x;` writes one name for two things, so it is split when only one of them is renamed:
 * `inherit x y;` becomes `inherit y; x = new;`.
 */
import { type ByteString, bytesFromText, bytesToText } from "../base/bytes.ts";
import type { Definition, Reference, Scope, Span } from "../scope/bindings.ts";
import { builtinOfGlobal } from "../scope/global-names.ts";
import type { InheritBinding } from "../syntax/ast.ts";
import { isPlainName } from "../syntax/identifiers.ts";
import type { TextReplacement } from "./diagnostic.ts";
import { nameAt } from "./name-at.ts";
import type { SourceFile } from "./source-file.ts";
import { walk } from "./walk.ts";

export type RenameResult =
  | { readonly ok: true; readonly edits: readonly TextReplacement[] }
  | { readonly ok: false; readonly reason: string };

/** The name that a rename at an offset would change, or null when there is none. */
export function prepareRename(file: SourceFile, offset: number): Span | null {
  const name = nameAt(file, offset);
  return name?.kind === "definition" ? { start: name.span.start, end: name.span.end } : null;
}

export function rename(file: SourceFile, offset: number, newName: string): RenameResult {
  const name = nameAt(file, offset);
  if (name?.kind !== "definition") return refused("There is no name here that can be renamed.");
  const { definition } = name;
  const to = bytesFromText(newName);
  if (!isPlainName(to) || to === "or") return refused(`'${newName}' is not a valid name.`);
  if (to === definition.name) return { ok: true, edits: [] };
  const reason = conflictOf(file, definition, to);
  if (reason) return refused(reason);
  return { ok: true, edits: editsOf(file, definition, newName) };
}

function refused(reason: string): RenameResult {
  return { ok: false, reason };
}

function conflictOf(file: SourceFile, definition: Definition, to: ByteString): string | null {
  const text = bytesToText(to);
  const { scope } = definition;
  if (scope.names.has(to)) return `'${text}' is already defined in the same scope.`;
  for (const reference of definition.references) {
    for (let at: Scope | null = reference.scope; at && at !== scope; at = at.parent) {
      if (at.names.has(to)) return `A use of it would find another '${text}'.`;
    }
  }
  const caught = file.bindings.references.find(
    (reference) => reference.name === to && isInside(reference, scope),
  );
  if (caught && !isShadowed(caught, scope, to)) {
    return builtinOfGlobal(text) === null
      ? `It would catch a use of another '${text}'.`
      : `It would hide the builtin '${text}', which is used here.`;
  }
  return null;
}

function isInside(reference: Reference, scope: Scope): boolean {
  for (let at: Scope | null = reference.scope; at; at = at.parent) if (at === scope) return true;
  return false;
}

/** Whether a scope between the use and `scope` binds the name. */
function isShadowed(reference: Reference, scope: Scope, name: ByteString): boolean {
  for (let at: Scope | null = reference.scope; at && at !== scope; at = at.parent) {
    if (at.names.has(name)) return true;
  }
  return false;
}

function editsOf(file: SourceFile, definition: Definition, newName: string): TextReplacement[] {
  const places = new Map<number, { span: Span; isSite: boolean }>();
  for (const span of definition.references) places.set(span.start, { span, isSite: false });
  for (const span of definition.sites) places.set(span.start, { span, isSite: true });
  const edits: TextReplacement[] = [];
  for (const inherit of inheritsOf(file)) {
    const renamed = inherit.names.filter((name) => places.has(name.start));
    if (renamed.length === 0) continue;
    const splits = renamed.map((name) => {
      const isSite = places.get(name.start)?.isSite === true;
      places.delete(name.start);
      const old = textOf(file, name);
      const from = inherit.from ? `${inheritedFrom(file, inherit)}.` : "";
      return isSite ? `${newName} = ${from}${old};` : `${old} = ${newName};`;
    });
    const kept = inherit.names.filter((name) => !renamed.includes(name));
    const text = [...(kept.length > 0 ? [inheritText(file, inherit, kept)] : []), ...splits];
    edits.push({ start: inherit.start, end: inherit.end, text: text.join(" ") });
  }
  for (const { span } of places.values()) {
    edits.push({ start: span.start, end: span.end, text: newName });
  }
  return edits.sort((a, b) => a.start - b.start);
}

function inheritsOf(file: SourceFile): InheritBinding[] {
  const found: InheritBinding[] = [];
  walk(file.syntax.expr, (expr) => {
    const bindings =
      expr.kind === "AttrSet" ? expr.bindings : expr.kind === "Let" ? expr.attrs.bindings : [];
    for (const binding of bindings) if (binding.kind === "Inherit") found.push(binding);
    return true;
  });
  return found;
}

function inheritedFrom(file: SourceFile, inherit: InheritBinding): string {
  const { from } = inherit;
  if (!from) return "";
  const text = textOf(file, from);
  return from.kind === "Var" || from.kind === "Select" ? text : `(${text})`;
}

function inheritText(file: SourceFile, inherit: InheritBinding, names: readonly Span[]): string {
  const from = inherit.from ? ` (${textOf(file, inherit.from)})` : "";
  return `inherit${from} ${names.map((name) => textOf(file, name)).join(" ")};`;
}

function textOf(file: SourceFile, span: Span): string {
  return bytesToText(file.source.slice(span.start, span.end));
}
