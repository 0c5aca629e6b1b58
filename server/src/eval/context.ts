/**
 * String contexts: which store objects a string refers to.
 *
 * An element is written as Nix writes it inside: `/nix/store/…` (that path), `=/nix/store/….drv` (the
 * derivation and everything it needs to be built), `!out!/nix/store/….drv` (one output of it).
 * A context is immutable and never empty; no context is `null`.
 */
import type { ByteString } from "../base/bytes.ts";
import { ContextString, type NixString } from "./values.ts";

export type ContextElement = ByteString;
export type Context = ReadonlySet<ContextElement>;

/** The union; one of the arguments itself when it already contains the other. */
export function unionContext(a: Context | null, b: Context | null): Context | null {
  if (a === null || a === b) return b;
  if (b === null) return a;
  const [large, small] = a.size >= b.size ? [a, b] : [b, a];
  let out: Set<ContextElement> | null = null;
  for (const element of small) {
    if (large.has(element)) continue;
    if (out === null) out = new Set(large);
    out.add(element);
  }
  return out ?? large;
}

/** Collects the contexts of many strings; a union of each with all before would copy them again and again. */
export class ContextUnion {
  #context: Context | null = null;
  /** The same as `#context` while nobody else has it. */
  #own: Set<ContextElement> | null = null;

  add(context: Context | null): void {
    const all = this.#context;
    if (context === null || context === all) return;
    if (all === null) {
      this.#context = context;
      return;
    }
    for (const element of context) {
      if (this.#own === null) {
        if (all.has(element)) continue;
        this.#own = new Set(all);
        this.#context = this.#own;
      }
      this.#own.add(element);
    }
  }

  /** All that has been added; null when that is nothing. */
  get context(): Context | null {
    this.#own = null;
    return this.#context;
  }
}

export function withContext(text: ByteString, context: Context | null): NixString {
  return context === null || context.size === 0 ? text : new ContextString(text, context);
}

export function stringText(s: NixString): ByteString {
  return typeof s === "string" ? s : s.text;
}

export function stringContext(s: NixString): Context | null {
  return typeof s === "string" ? null : s.context;
}

export type ParsedElement =
  | { kind: "opaque"; path: ByteString }
  | { kind: "deep"; drvPath: ByteString }
  | { kind: "built"; drvPath: ByteString; output: ByteString };

export function parseElement(element: ContextElement): ParsedElement {
  const first = element.charCodeAt(0);
  if (first === 0x3d /* = */) return { kind: "deep", drvPath: element.slice(1) };
  if (first === 0x21 /* ! */) {
    const end = element.indexOf("!", 1);
    return { kind: "built", output: element.slice(1, end), drvPath: element.slice(end + 1) };
  }
  return { kind: "opaque", path: element };
}

/** The element in the words of error messages (`/nix/store/….drv^out`). */
export function showElement(element: ContextElement): ByteString {
  const parsed = parseElement(element);
  if (parsed.kind === "built") return `${parsed.drvPath}^${parsed.output}`;
  return parsed.kind === "deep" ? parsed.drvPath : parsed.path;
}
