/**
 * Feature: references and highlights of a name within its file: where it is bound and every use. For
 * a builtin every use of it; for a name from a `with` every use that comes from the same one.
 */
import type { Span } from "../scope/bindings.ts";
import { nameAt } from "./name-at.ts";
import type { SourceFile } from "./source-file.ts";

export interface NameUse extends Span {
  readonly kind: "definition" | "use";
}

/** In source order; empty when there is no name at the offset. */
export function findReferences(file: SourceFile, offset: number): NameUse[] {
  const name = nameAt(file, offset);
  const all = file.bindings.references;
  const uses = (spans: readonly Span[], kind: NameUse["kind"]): NameUse[] =>
    spans.map(({ start, end }) => ({ start, end, kind }));
  switch (name?.kind) {
    case "definition": {
      const { sites, references } = name.definition;
      const found = [...uses(sites, "definition"), ...uses(references, "use")];
      return found.sort((a, b) => a.start - b.start);
    }
    case "builtin":
      return uses(
        all.filter((reference) => reference.builtin === name.name),
        "use",
      );
    case "with": {
      const { name: text, withs } = name.reference;
      const same = all.filter((other) => other.name === text && other.withs[0] === withs[0]);
      return uses(same, "use");
    }
    default:
      return [];
  }
}
