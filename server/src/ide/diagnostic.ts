/** What is wrong with a file, at one place of it. */

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
}
