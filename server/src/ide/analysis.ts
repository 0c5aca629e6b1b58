/**
 * Every question that the editor can ask, over a snapshot of its open documents.
 *
 * `AnalysisHost` changes (documents open, edit, close, are evaluated); `Analysis` is what it was at
 * one moment and answers at once. Answers are plain data, offsets are bytes. A question about a
 * document that is not open is answered with nothing.
 */
import { type ByteString, bytesToText } from "../base/bytes.ts";
import { type ColumnUnit, LineTable } from "../base/line-table.ts";
import { SourceText } from "../base/source-text.ts";
import type { Span } from "../scope/bindings.ts";
import type { Expr } from "../syntax/ast.ts";
import { type CodeAction, codeActions } from "./code-actions.ts";
import {
  type CodeLens,
  codeLenses,
  type LensFacts,
  type LensPlace,
  lensPlaces,
} from "./code-lenses.ts";
import {
  type Completion,
  type CompletionQuestions,
  completion,
  completionQuestions,
  type EvaluatedNames,
} from "./completion.ts";
import type { Diagnostic, TextReplacement } from "./diagnostic.ts";
import { diagnostics, inOrder, type TextProblems, textProblems } from "./diagnostics.ts";
import { type DocumentLink, documentLinks } from "./document-links.ts";
import { type DocumentSymbol, documentSymbols } from "./document-symbols.ts";
import { encodeTokens } from "./encode-tokens.ts";
import { evaluationProblems } from "./evaluation-problems.ts";
import type {
  AttributeView,
  DerivationHint,
  EvaluationView,
  OptionView,
  ShortValueView,
  ValueView,
} from "./evaluation-view.ts";
import type { FileView } from "./file-view.ts";
import { type FoldingRange, foldingRanges } from "./folding-ranges.ts";
import { type DefinitionLink, gotoDefinition } from "./goto-definition.ts";
import { type Hover, type HoverQuestions, hover } from "./hover.ts";
import {
  DEFAULT_HINT_STYLE,
  type HintFacts,
  type HintStyle,
  type InlayHint,
  inlayHints,
} from "./inlay-hints.ts";
import { optionPath } from "./option-path.ts";
import type { Basis } from "./patched-syntax.ts";
import { type Pin, pinNixpkgs } from "./pin-nixpkgs.ts";
import { findReferences, type NameUse } from "./references.ts";
import { prepareRename, type RenameResult, rename } from "./rename.ts";
import { selectionRanges } from "./selection-ranges.ts";
import { type SemanticToken, semanticTokens } from "./semantic-tokens.ts";
import { SourceFile, type TolerantDocument, type TolerantTree } from "./source-file.ts";
import { exactSyntaxErrors } from "./syntax-problems.ts";
import { type EditedText, shiftSpan, type TextChange } from "./text-change.ts";
import { valueTarget } from "./value-target.ts";

export interface AnalysisDependencies {
  readonly files: FileView;
  /** Called when a document's text is wrong for the first time. Null where there is no tolerant parser. */
  readonly openTolerant: (text: string, lines: LineTable) => TolerantDocument | null;
}

/** What an evaluation found, moved along with the edits since. */
interface ShownEvaluation {
  /** The revision that it is true of. */
  readonly revision: number;
  readonly derivations: readonly DerivationHint[];
  /** Null until somebody has asked for them: see `AnalysisHost.shortValues`. */
  readonly values: readonly ShortValueView[] | null;
  readonly problems: readonly Diagnostic[];
  /** The derivations are those of an earlier text: of this one none could be found. */
  readonly isStale: boolean;
}

/** What is wrong with a text as another thread has found, moved along with the edits since. */
interface FoundProblems extends TextProblems {
  /** Of the text whose syntax errors they are; null before the first answer. */
  readonly revision: number | null;
}

interface OpenFile {
  readonly file: SourceFile;
  readonly tolerant: TolerantFile;
  /** Null: what is wrong with the text is found out here, when it is asked for. */
  readonly found: FoundProblems | null;
  readonly evaluation: ShownEvaluation | null;
}

export class AnalysisHost {
  readonly #dependencies: AnalysisDependencies;
  #files: ReadonlyMap<string, OpenFile> = new Map();

  constructor(dependencies: AnalysisDependencies) {
    this.#dependencies = dependencies;
  }

  /** A snapshot; it is not changed by what comes later. */
  analysis(): Analysis {
    return new Analysis(this.#files, this.#dependencies.files);
  }

  open(id: string, revision: number, text: string): void {
    this.close(id);
    const tolerant = new TolerantFile(this.#dependencies.openTolerant);
    this.#set(id, {
      file: sourceFile(id, revision, SourceText.ofText(text), tolerant, null),
      tolerant,
      found: null,
      evaluation: null,
    });
  }

  /** An open document has been edited. */
  edit(id: string, revision: number, { content, changes }: EditedText): void {
    const known = this.#files.get(id);
    if (!known) {
      this.open(id, revision, content.text);
      return;
    }
    const { tolerant, found, evaluation } = known;
    this.#set(id, {
      file: sourceFile(id, revision, content, tolerant, known.file.basis(changes)),
      tolerant,
      found: found && shiftFound(found, changes),
      evaluation: evaluation && shiftEvaluation(evaluation, changes),
    });
  }

  /** What an evaluation found in a document. Ignored when the document has changed since. */
  evaluated(id: string, view: EvaluationView): void {
    const known = this.#files.get(id);
    if (!known || known.file.revision !== view.revision) return;
    // After an error in one place the derivations of the places before it are still worth showing,
    // and those of the last success stand for what could not be reached.
    const kept = view.error && view.derivations.length === 0 ? known.evaluation?.derivations : null;
    this.#set(id, {
      ...known,
      evaluation: {
        revision: view.revision,
        derivations: kept ?? view.derivations,
        values: known.evaluation?.values ?? null,
        problems: this.#problemsOf(id, known, view),
        isStale: kept !== null && kept !== undefined && kept.length > 0,
      },
    });
  }

  /** Whether from now on `found` says what is wrong with a document's text, which is not gone through here. */
  isFoundElsewhere(id: string, isElsewhere: boolean): void {
    const known = this.#files.get(id);
    if (!known) return;
    const found = isElsewhere ? { revision: null, syntax: [], others: [] } : null;
    this.#set(id, { ...known, found });
  }

  /** What is wrong with a text. Where only syntax errors are known, the others are still those of before. */
  found(id: string, revision: number, problems: Partial<TextProblems>): void {
    const known = this.#files.get(id);
    if (!known?.found || known.file.revision !== revision) return;
    this.#set(id, { ...known, found: { ...known.found, ...problems, revision } });
  }

  #problemsOf(
    id: string,
    { found, evaluation }: OpenFile,
    view: EvaluationView,
  ): readonly Diagnostic[] {
    // Those of before stay until the answer comes.
    if (found) return (view.error && evaluation?.problems) ?? [];
    return this.analysis().evaluationProblems(id, view);
  }

  /** Where the errors of an evaluation are in a text that is not gone through here. */
  evaluationProblems(id: string, revision: number, problems: readonly Diagnostic[]): void {
    const known = this.#files.get(id);
    if (known?.evaluation?.revision !== revision) return;
    this.#set(id, { ...known, evaluation: { ...known.evaluation, problems } });
  }

  /** The simple values of a document's bindings, which are asked for only where they are shown. */
  shortValues(id: string, revision: number, values: readonly ShortValueView[]): void {
    const known = this.#files.get(id);
    if (!known?.evaluation || known.file.revision !== revision) return;
    this.#set(id, { ...known, evaluation: { ...known.evaluation, values } });
  }

  close(id: string): void {
    const known = this.#files.get(id);
    if (!known) return;
    known.tolerant.dispose();
    const files = new Map(this.#files);
    files.delete(id);
    this.#files = files;
  }

  #set(id: string, file: OpenFile): void {
    this.#files = new Map(this.#files).set(id, file);
  }
}

/** The tolerant parse of a document, made when it is first needed and kept up to date from then on. */
class TolerantFile {
  readonly #open: AnalysisDependencies["openTolerant"];
  #document: TolerantDocument | null = null;
  #disposed = false;

  constructor(open: AnalysisDependencies["openTolerant"]) {
    this.#open = open;
  }

  tree(text: string, lines: LineTable): TolerantTree | null {
    // A snapshot may outlive its document.
    if (this.#disposed) return null;
    if (this.#document) this.#document.update(text, lines);
    else this.#document = this.#open(text, lines);
    return this.#document?.tree() ?? null;
  }

  /** The tree of a small text that is a part of the document's, say. */
  parseFragment(fragment: ByteString): Expr | null {
    const text = bytesToText(fragment);
    const document = this.#open(text, LineTable.ofText(text));
    const expr = document?.tree().expr ?? null;
    document?.dispose();
    return expr;
  }

  dispose(): void {
    this.#disposed = true;
    this.#document?.dispose();
  }
}

function sourceFile(
  id: string,
  revision: number,
  content: SourceText,
  tolerant: TolerantFile,
  basis: Basis | null,
): SourceFile {
  return new SourceFile(id, revision, content, {
    basis,
    tolerant: () => tolerant.tree(content.text, content.lines),
    parseFragment: (fragment) => tolerant.parseFragment(fragment),
  });
}

function shiftFound(found: FoundProblems, changes: readonly TextChange[]): FoundProblems {
  const { revision, syntax, others } = found;
  return { revision, syntax: shifted(syntax, changes), others: shifted(others, changes) };
}

/** Fixes are edits of the text that a problem was found in. */
function shifted(problems: readonly Diagnostic[], changes: readonly TextChange[]): Diagnostic[] {
  return problems.flatMap((problem) => shiftSpan({ ...problem, fixes: [] }, changes) ?? []);
}

function shiftEvaluation(
  evaluation: ShownEvaluation,
  changes: readonly TextChange[],
): ShownEvaluation {
  const { revision, derivations, values, problems, isStale } = evaluation;
  return {
    revision,
    derivations: derivations.flatMap((hint) => shiftSpan(hint, changes) ?? []),
    values: values?.flatMap((value) => shiftSpan(value, changes) ?? []) ?? null,
    problems: shifted(problems, changes),
    isStale,
  };
}

export class Analysis {
  readonly #files: ReadonlyMap<string, OpenFile>;
  readonly #view: FileView;

  constructor(files: ReadonlyMap<string, OpenFile>, view: FileView) {
    this.#files = files;
    this.#view = view;
  }

  /** The document itself: its text, revision and line table. */
  file(id: string): SourceFile | null {
    return this.#files.get(id)?.file ?? null;
  }

  /** The revision that hints and evaluation errors are true of, or null before the first. */
  evaluatedRevision(id: string): number | null {
    return this.#files.get(id)?.evaluation?.revision ?? null;
  }

  /** Whether what is shown of a document's values is from before the text was broken. */
  isStale(id: string): boolean {
    return this.#files.get(id)?.evaluation?.isStale === true;
  }

  /** What is wrong with the text, and the errors of the last evaluation. */
  diagnostics(id: string): Diagnostic[] {
    const known = this.#files.get(id);
    if (!known) return [];
    const own = known.found ? inOrder(known.found) : diagnostics(known.file);
    const problems = known.evaluation?.problems ?? [];
    // The evaluation meets the text's own errors again.
    return own.some(({ severity }) => severity === "error") ? own : [...own, ...problems];
  }

  /** Whether the syntax errors of `diagnostics` are those of the text as it is. */
  knowsSyntax(id: string): boolean {
    const known = this.#files.get(id);
    return !known?.found || known.found.revision === known.file.revision;
  }

  /** What the exact parser says: the first thing to know of a large text. */
  syntaxErrors(id: string): Diagnostic[] {
    return this.#ask(id, exactSyntaxErrors) ?? [];
  }

  textProblems(id: string): TextProblems {
    return this.#ask(id, textProblems) ?? { syntax: [], others: [] };
  }

  /** The errors of an evaluation of the text as it is. */
  evaluationProblems(
    id: string,
    view: Pick<EvaluationView, "error" | "others" | "unlocked">,
  ): Diagnostic[] {
    return (
      this.#ask(id, (file) =>
        // A text's own errors are shown instead.
        file.exactProblem ? [] : evaluationProblems(file, view, this.#view),
      ) ?? []
    );
  }

  /** Replaces every `<nixpkgs>` by a pin. */
  pinNixpkgs(id: string, pin: Pin): TextReplacement[] {
    return this.#ask(id, (file) => pinNixpkgs(file, pin)) ?? [];
  }

  documentSymbols(id: string): DocumentSymbol[] {
    return this.#ask(id, documentSymbols) ?? [];
  }

  foldingRanges(id: string): FoldingRange[] {
    return this.#ask(id, foldingRanges) ?? [];
  }

  semanticTokens(id: string, range?: Span): SemanticToken[] {
    return this.#ask(id, (file) => semanticTokens(file, range)) ?? [];
  }

  encodedTokens(id: string, unit: ColumnUnit, range?: Span): number[] {
    const tokens = this.semanticTokens(id, range);
    return this.#ask(id, ({ lines }) => encodeTokens(tokens, lines, unit)) ?? [];
  }

  selectionRanges(id: string, offset: number): Span[] {
    return this.#ask(id, (file) => selectionRanges(file, offset)) ?? [];
  }

  gotoDefinition(id: string, offset: number): DefinitionLink[] {
    return this.#ask(id, (file) => gotoDefinition(file, offset, this.#view)) ?? [];
  }

  references(id: string, offset: number): NameUse[] {
    return this.#ask(id, (file) => findReferences(file, offset)) ?? [];
  }

  prepareRename(id: string, offset: number): Span | null {
    return this.#ask(id, (file) => prepareRename(file, offset));
  }

  rename(id: string, offset: number, newName: string): RenameResult | null {
    return this.#ask(id, (file) => rename(file, offset, newName));
  }

  documentLinks(id: string): DocumentLink[] {
    return this.#ask(id, (file) => documentLinks(file, this.#view)) ?? [];
  }

  /** What an evaluation could tell of a place. */
  hoverQuestions(id: string, offset: number): HoverQuestions {
    return {
      value: this.#ask(id, (file) => valueTarget(file, offset)),
      option: this.#ask(id, (file) => optionPath(file, offset)),
    };
  }

  /** @param value of the expression that `hoverQuestions` names, as last evaluated */
  hover(
    id: string,
    offset: number,
    value: ValueView | null,
    option: OptionView | null = null,
  ): Hover | null {
    return this.#ask(id, (file) => hover(file, offset, value, this.#view, option));
  }

  /**
   * @param evaluated attributes of what stands before the dot (`completionQuestions`)
   * @param more what an evaluation knows besides
   */
  completion(
    id: string,
    offset: number,
    evaluated: readonly AttributeView[] | null,
    more: Partial<EvaluatedNames> = {},
  ): Completion | null {
    return this.#ask(id, (file) => completion(file, offset, { ...more, attributes: evaluated }));
  }

  /** What an evaluation could tell for a completion. */
  completionQuestions(id: string, offset: number): CompletionQuestions | null {
    return this.#ask(id, (file) => completionQuestions(file, offset));
  }

  /** Derivations of the last evaluation, at their places in the text as it is now. */
  derivations(id: string): readonly DerivationHint[] {
    return this.#files.get(id)?.evaluation?.derivations ?? [];
  }

  /** What an editor offers to do about the problems at a place. */
  codeActions(id: string, range: Span): CodeAction[] {
    return codeActions(this.diagnostics(id), range);
  }

  codeLenses(
    id: string,
    derivations: readonly DerivationHint[],
    facts: LensFacts = {},
  ): CodeLens[] {
    return this.#ask(id, (file) => codeLenses(file, derivations, facts)) ?? [];
  }

  lensPlaces(id: string, derivations: readonly DerivationHint[]): readonly LensPlace[] {
    return this.#ask(id, (file) => lensPlaces(file, derivations)) ?? [];
  }

  inlayHints(
    id: string,
    range: Span,
    facts: Partial<HintFacts> = {},
    style: HintStyle = DEFAULT_HINT_STYLE,
  ): InlayHint[] {
    const lineOf = (offset: number) => this.file(id)?.lines.lineAt(offset) ?? 0;
    const values = style.values ? (this.#files.get(id)?.evaluation?.values ?? []) : [];
    return inlayHints(this.derivations(id), range, { ...facts, style, lineOf, values });
  }

  #ask<T>(id: string, question: (file: SourceFile) => T): T | null {
    const known = this.#files.get(id);
    return known ? question(known.file) : null;
  }
}
