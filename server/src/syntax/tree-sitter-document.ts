/**
 * Open documents as tree-sitter trees: tolerant of errors, and parsed again around an edit only.
 *
 * The two WebAssembly modules (tree-sitter's runtime and our grammar) come from outside as bytes, so
 * that this works wherever they can be read. Trees live in the runtime's memory, which no garbage
 * collector sees: whoever opens a document disposes of it.
 */
import { Edit, Language, type Node, Parser, type Point, type Tree } from "web-tree-sitter";
import { bytesFromText } from "../base/bytes.ts";
import { LineTable } from "../base/line-table.ts";
import type { Expr, SyntaxProblem } from "./ast.ts";
import { lowerTree } from "./lower.ts";
import { makeHole } from "./nodes.ts";
import { treeProblems } from "./tree-problems.ts";

/** One replacement, in UTF-16 indices of the text before it. */
export interface Utf16Change {
  start: number;
  end: number;
  text: string;
}

/** Nix for tree-sitter, loaded. */
export class NixGrammar {
  readonly #parser: Parser;

  private constructor(parser: Parser) {
    this.#parser = parser;
  }

  /**
   * Loads the grammar. The first call's runtime is the one that stays.
   *
   * @param runtime bytes of web-tree-sitter.wasm
   * @param grammar bytes of tree-sitter-nix.wasm
   */
  static async load(runtime: Uint8Array, grammar: Uint8Array): Promise<NixGrammar> {
    await Parser.init({ wasmBinary: runtime, locateFile: (name: string) => name });
    const language = await Language.load(grammar);
    return new NixGrammar(new Parser().setLanguage(language));
  }

  /** @param lines the table of `text` if there is one already */
  open(text: string, lines?: LineTable): TreeSitterDocument {
    return new TreeSitterDocument(this.#parser, text, lines);
  }
}

export class TreeSitterDocument {
  readonly #parser: Parser;
  #text: string;
  #lines: LineTable | null;
  #tree: Tree;
  #lowered: { expr: Expr; problems: SyntaxProblem[] } | null = null;

  /** Use `NixGrammar.open`. */
  constructor(parser: Parser, text: string, lines?: LineTable) {
    this.#parser = parser;
    this.#text = text;
    this.#lines = lines ?? null;
    this.#tree = this.#parse(null);
  }

  get text(): string {
    return this.#text;
  }

  get lines(): LineTable {
    this.#lines ??= LineTable.ofText(this.#text);
    return this.#lines;
  }

  /** The root of the concrete tree, with UTF-16 indices; good until the next edit or `dispose`. */
  get root(): Node {
    return this.#tree.rootNode;
  }

  get hasError(): boolean {
    return this.#tree.rootNode.hasError;
  }

  /** Applies changes one after the other, each in the text that the ones before it left. */
  edit(changes: readonly Utf16Change[]): void {
    for (const { start, end, text } of changes) {
      const before = this.#text;
      const after = before.slice(0, start) + text + before.slice(end);
      this.#tree.edit(
        new Edit({
          startIndex: start,
          oldEndIndex: end,
          newEndIndex: start + text.length,
          startPosition: pointAt(before, start),
          oldEndPosition: pointAt(before, end),
          newEndPosition: pointAt(after, start + text.length),
        }),
      );
      this.#text = after;
    }
    this.#reparse(null);
  }

  /** Makes `text` the document's text: one change of what differs between the two. */
  update(text: string, lines?: LineTable): void {
    const before = this.#text;
    const shorter = Math.min(before.length, text.length);
    let start = 0;
    while (start < shorter && before.charCodeAt(start) === text.charCodeAt(start)) start++;
    let same = 0;
    while (
      same < shorter - start &&
      before.charCodeAt(before.length - 1 - same) === text.charCodeAt(text.length - 1 - same)
    ) {
      same++;
    }
    const [end, newEnd] = [before.length - same, text.length - same];
    if (start === end && start === newEnd) return;
    this.#tree.edit(
      new Edit({
        startIndex: start,
        oldEndIndex: end,
        newEndIndex: newEnd,
        startPosition: pointAt(before, start),
        oldEndPosition: pointAt(before, end),
        newEndPosition: pointAt(text, newEnd),
      }),
    );
    this.#text = text;
    this.#reparse(lines ?? null);
  }

  /**
   * The syntax tree, with a `Hole` where text is missing or wrong, and what is wrong with the text.
   * Offsets are bytes of the text in UTF-8.
   */
  tree(): { readonly expr: Expr; readonly problems: readonly SyntaxProblem[] } {
    if (this.#lowered === null) {
      const source = bytesFromText(this.#text);
      this.#lowered = {
        expr: lowerTree(this.root, source, this.lines),
        problems: treeProblems(this.root, source, this.lines),
      };
    }
    return this.#lowered;
  }

  /** Frees the tree. What is asked afterwards is answered as for a text of which nothing is known. */
  dispose(): void {
    this.#lowered ??= { expr: makeHole(0, this.lines.byteLength), problems: [] };
    this.#tree.delete();
  }

  #reparse(lines: LineTable | null): void {
    const old = this.#tree;
    this.#lines = lines;
    this.#lowered = null;
    this.#tree = this.#parse(old);
    old.delete();
  }

  #parse(old: Tree | null): Tree {
    const tree = this.#parser.parse(this.#text, old);
    // Only a parse that is cancelled, or without a language, gives none.
    if (tree === null) throw new Error("tree-sitter gave no tree");
    return tree;
  }
}

/** Row and column as tree-sitter counts them: only LF ends a row, columns are UTF-16 code units. */
function pointAt(text: string, index: number): Point {
  let row = 0;
  let start = 0;
  for (;;) {
    const newline = text.indexOf("\n", start);
    if (newline < 0 || newline >= index) return { row, column: index - start };
    row++;
    start = newline + 1;
  }
}
