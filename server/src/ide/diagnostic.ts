/** What is wrong with a file, at one place of it, and what would mend it. */
import type { Span } from "../scope/bindings.ts";

export type Severity = "error" | "warning" | "information" | "hint";

/** Another place that explains the first. In another file when `file` is set. */
export interface RelatedPlace {
  /** Bytes of the same document. */
  readonly start: number;
  readonly end: number;
  readonly message: string;
}

/** A place in a file that may not be open: line and column from 1, the column in bytes. */
export interface ForeignPlace {
  readonly file: string;
  readonly line: number;
  readonly column: number;
  readonly message: string;
}

export interface Diagnostic {
  readonly start: number;
  readonly end: number;
  readonly severity: Severity;
  /** Stable, kebab-case; the same word in settings and documentation. */
  readonly code: string;
  readonly message: string;
  readonly related: readonly (RelatedPlace | ForeignPlace)[];
  /** The best first. */
  readonly fixes?: readonly Fix[];
}

/** A part of a document replaced by a text. */
export interface TextReplacement extends Span {
  /** UTF-16 text, as editors take it. */
  readonly text: string;
}

/** One way to mend a problem: edits of the document, or a command of the editor's side. */
export interface Fix {
  readonly title: string;
  /** True for the one that is right most of the time. */
  readonly isPreferred?: boolean;
  /** In bytes; they do not overlap. */
  readonly edits: readonly TextReplacement[];
  /** Without `snowglobe.`; offered only to clients that have it. */
  readonly command?: { readonly name: string; readonly arguments: readonly unknown[] };
}
