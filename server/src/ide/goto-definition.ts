/**
 * Feature: go to definition. A name leads to where it is bound, an attribute to where the text shows
 * that it is, a name that comes from a `with` to that attribute or else to the `with`, and a path to
 * its file.
 */
import type { Span } from "../scope/bindings.ts";
import type { FileView } from "./file-view.ts";
import { nameAt } from "./name-at.ts";
import { fileToOpen, isPath, pathTarget } from "./path-target.ts";
import type { SourceFile } from "./source-file.ts";
import { pathAt } from "./walk.ts";

export interface DefinitionLink {
  /** The text that was asked about. */
  readonly origin: Span;
  /** Absolute path of another file, or null for this one. */
  readonly file: string | null;
  /** In that file; its start for another file. */
  readonly target: Span;
  /** It leads only to the `with` that may give the name; an evaluation knows better. */
  readonly isGuess?: boolean;
}

export function gotoDefinition(
  file: SourceFile,
  offset: number,
  files: FileView,
): DefinitionLink[] {
  const path = pathAt(file.syntax.expr, offset);
  const expr = path[path.length - 1];
  if (expr && isPath(expr)) {
    const target = pathTarget(file, expr, files);
    const opened = target === null ? null : fileToOpen(target, files);
    if (opened === null) return [];
    return [{ origin: spanOf(expr), file: opened, target: { start: 0, end: 0 } }];
  }
  const name = nameAt(file, offset);
  if (!name) return [];
  const origin = spanOf(name.span);
  const isGuess = name.kind === "with" && !name.attribute?.site;
  return targetsOf(name).map((target) => ({
    origin,
    file: null,
    target: spanOf(target),
    ...(isGuess ? { isGuess } : {}),
  }));
}

function targetsOf(name: NonNullable<ReturnType<typeof nameAt>>): Span[] {
  switch (name.kind) {
    case "definition":
      return name.definition.sites;
    case "builtin":
      return [];
    case "selection":
      return name.attribute?.site ? [name.attribute.site] : [];
    case "with": {
      if (name.attribute?.site) return [name.attribute.site];
      return name.reference.withs.slice(0, 1).map((node) => node.scope);
    }
  }
}

function spanOf(span: Span): Span {
  return { start: span.start, end: span.end };
}
