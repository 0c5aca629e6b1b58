/**
 * One document at one revision, and what is derived from its text, each thing made once and on demand.
 *
 * The tree is the exact parser's when the text is right, else the tolerant one with holes. Without a
 * tolerant parser (it is loaded after the start) a wrong text is one hole.
 */
import { type ByteString, bytesFromText } from "../base/bytes.ts";
import type { LineTable } from "../base/line-table.ts";
import { SourceText } from "../base/source-text.ts";
import { analyzeBindings, type Bindings } from "../scope/bindings.ts";
import type { Call, Expr, SyntaxProblem } from "../syntax/ast.ts";
import { type ParseOptions, type ParseResult, parseNix } from "../syntax/parser.ts";
import { withExactProblem } from "../syntax/tree-problems.ts";
import { changedProblem } from "./changed-problem.ts";
import { type Basis, type ParsedText, patchedSyntax } from "./patched-syntax.ts";
import { addChanges, type TextChange } from "./text-change.ts";

/** A tree that may have holes, and what is wrong with its text. */
export interface TolerantTree {
  readonly expr: Expr;
  readonly problems: readonly SyntaxProblem[];
}

/** An incremental, tolerant parse of one open document (tree-sitter). */
export interface TolerantDocument {
  /** Makes `text` its text; what has not changed since the text before is not parsed again. */
  update(text: string, lines: LineTable): void;
  tree(): TolerantTree;
  dispose(): void;
}

export interface FileSyntax {
  readonly expr: Expr;
  /** Whether the exact parser accepted the text. */
  readonly exact: boolean;
  /** Empty exactly when `exact`. */
  readonly problems: readonly SyntaxProblem[];
  /** Known of a text that the exact parser accepted. */
  readonly ambiguousOrs: readonly Call[];
}

/** Larger texts are kept after parsing, for the trees of the texts that follow. In bytes. */
const LARGE = 100_000;

export interface SourceFileConfig {
  /** The tolerant tree of this text. */
  readonly tolerant?: () => TolerantTree | null;
  /** The tolerant tree of another, small text. */
  readonly parseFragment?: (fragment: ByteString) => Expr | null;
  /** An earlier text of which a tree is known (`SourceFile.basis`). */
  readonly basis?: Basis | null;
}

export class SourceFile {
  /** Absolute path, or the URI of a document that is no file. */
  readonly id: string;
  /** Grows with every edit of the document. */
  readonly revision: number;
  readonly content: SourceText;
  readonly #config: SourceFileConfig;
  #exact: ParseResult | null = null;
  #syntax: FileSyntax | null = null;
  #bindings: Bindings | null = null;
  #parsed: ParsedText | null = null;
  /** Undefined: nobody has asked. */
  #exactProblem: SyntaxProblem | null | undefined;

  constructor(id: string, revision: number, content: SourceText, config: SourceFileConfig = {}) {
    this.id = id;
    this.revision = revision;
    this.content = content;
    this.#config = config;
  }

  /** A text that is not the document's own (a variant of it), already parsed. */
  static ofTree(id: string, source: ByteString, expr: Expr, bindings: Bindings): SourceFile {
    const file = new SourceFile(id, -1, SourceText.ofBytes(source));
    file.#syntax = { expr, exact: true, problems: [], ambiguousOrs: [] };
    file.#bindings = bindings;
    return file;
  }

  get text(): string {
    return this.content.text;
  }

  /** The text in UTF-8. */
  get source(): ByteString {
    return this.content.source;
  }

  get lines(): LineTable {
    return this.content.lines;
  }

  /** What the exact parser says is wrong; where little has changed, without parsing all of the text. */
  get exactProblem(): SyntaxProblem | null {
    if (this.#exactProblem === undefined) {
      const { basis } = this.#config;
      const changed = basis ? changedProblem(basis, this.source, this.#options) : undefined;
      this.#exactProblem = changed === undefined ? this.#parseExactly().problem : changed;
    }
    return this.#exactProblem;
  }

  /** What the exact parser makes of the text. */
  #parseExactly(): ParseResult {
    this.#exact ??= parseNix(this.source, this.#options);
    return this.#exact;
  }

  get #options(): ParseOptions {
    return { fileName: bytesFromText(this.name) };
  }

  get syntax(): FileSyntax {
    this.#syntax ??= this.#parse();
    return this.#syntax;
  }

  get bindings(): Bindings {
    this.#bindings ??= analyzeBindings(this.syntax.expr, this.source.length);
    return this.#bindings;
  }

  /** The last part of the path, for messages. */
  get name(): string {
    return this.id.slice(this.id.lastIndexOf("/") + 1);
  }

  /** The directory that relative paths start from, or null for a document that is no file. */
  get directory(): string | null {
    if (!this.id.startsWith("/")) return null;
    return this.id.slice(0, this.id.lastIndexOf("/")) || "/";
  }

  /**
   * For the text after further changes: this text, or the last one before it of which a tree is
   * known. Null for texts that are small.
   */
  basis(changes: readonly TextChange[]): Basis | null {
    const { basis } = this.#config;
    if (this.#parsed) return { parsed: this.#parsed, regions: addChanges([], changes) };
    return basis ? { parsed: basis.parsed, regions: addChanges(basis.regions, changes) } : null;
  }

  #parse(): FileSyntax {
    const { source, exactProblem } = this;
    const parsed = exactProblem ? { expr: null, problem: exactProblem } : this.#parseExactly();
    const { expr, problem } = parsed;
    if (expr) {
      if (source.length > LARGE) this.#parsed = { source, expr, left: [] };
      return { expr, exact: true, problems: [], ambiguousOrs: parsed.ambiguousOrs };
    }
    const ambiguousOrs: Call[] = [];
    const { basis, parseFragment, tolerant } = this.#config;
    if (basis && parseFragment && source.length > LARGE) {
      this.#parsed = patchedSyntax(basis, source, parseFragment);
      if (this.#parsed)
        return { expr: this.#parsed.expr, exact: false, problems: [problem], ambiguousOrs };
    }
    const tree = tolerant?.() ?? null;
    return {
      expr: tree?.expr ?? { kind: "Hole", start: 0, end: source.length },
      exact: false,
      problems: withExactProblem(problem, tree?.problems ?? []),
      ambiguousOrs,
    };
  }
}
