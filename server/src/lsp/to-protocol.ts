/** From the plain data of `ide` to the protocol's types. No decisions, only other words. */

import type * as protocol from "vscode-languageserver";
import {
  CodeActionKind,
  CompletionItemKind,
  type DiagnosticRelatedInformation,
  DiagnosticSeverity,
  FoldingRangeKind,
  type Position,
  SymbolKind,
} from "vscode-languageserver";
import type { ColumnUnit, LineTable } from "../base/line-table.ts";
import type { CodeAction } from "../ide/code-actions.ts";
import type { CodeLens } from "../ide/code-lenses.ts";
import type { Completion, CompletionItem, CompletionKind } from "../ide/completion.ts";
import type { Diagnostic, ForeignPlace, RelatedPlace, Severity } from "../ide/diagnostic.ts";
import type * as symbols from "../ide/document-symbols.ts";
import type { OptionStep } from "../ide/evaluation-view.ts";
import type { FoldingRange } from "../ide/folding-ranges.ts";
import type { InlayHint } from "../ide/inlay-hints.ts";
import { TOKEN_MODIFIERS, TOKEN_TYPES } from "../ide/semantic-tokens.ts";
import type { Span } from "../scope/bindings.ts";
import { fromPosition, fromRange, toPosition, toRange } from "./positions.ts";

/** A document's text in the terms of one client. */
export class Converter {
  readonly uri: string;
  readonly lines: LineTable;
  readonly unit: ColumnUnit;

  constructor(uri: string, lines: LineTable, unit: ColumnUnit) {
    this.uri = uri;
    this.lines = lines;
    this.unit = unit;
  }

  position(offset: number): Position {
    return toPosition(this.lines, offset, this.unit);
  }

  range(span: Span): protocol.Range {
    return toRange(this.lines, span, this.unit);
  }

  offset(position: Position): number {
    return fromPosition(this.lines, position, this.unit);
  }

  span(range: protocol.Range): Span {
    return fromRange(this.lines, range, this.unit);
  }

  location(span: Span): protocol.Location {
    return { uri: this.uri, range: this.range(span) };
  }
}

const SEVERITIES: Record<Severity, DiagnosticSeverity> = {
  error: DiagnosticSeverity.Error,
  warning: DiagnosticSeverity.Warning,
  information: DiagnosticSeverity.Information,
  hint: DiagnosticSeverity.Hint,
};

/** @param foreign finds a place in a file that may not be open */
export function toDiagnostic(
  found: Diagnostic,
  to: Converter,
  foreign: (place: ForeignPlace) => protocol.Location,
): protocol.Diagnostic {
  const related = (place: RelatedPlace | ForeignPlace): DiagnosticRelatedInformation => ({
    location: "file" in place ? foreign(place) : to.location(place),
    message: place.message,
  });
  return {
    range: to.range(found),
    severity: SEVERITIES[found.severity],
    code: found.code,
    source: "snowglobe",
    message: found.message,
    ...(found.related.length > 0 ? { relatedInformation: found.related.map(related) } : {}),
  };
}

export function toCodeAction(
  { title, isPreferred, edits, command }: CodeAction,
  to: Converter,
  problem: protocol.Diagnostic,
): protocol.CodeAction {
  const changes = edits.map((edit) => ({ range: to.range(edit), newText: edit.text }));
  return {
    title,
    kind: CodeActionKind.QuickFix,
    diagnostics: [problem],
    ...(isPreferred === true ? { isPreferred } : {}),
    ...(changes.length > 0 ? { edit: { changes: { [to.uri]: changes } } } : {}),
    ...(command ? { command: toCommand(title, command.name, command.arguments) } : {}),
  };
}

export function toCodeLens(lens: CodeLens, to: Converter): protocol.CodeLens {
  const { title, command } = lens;
  return { range: to.range(lens), command: toCommand(title, command, lens.arguments) };
}

function toCommand(title: string, name: string, args: readonly unknown[]): protocol.Command {
  return { title, command: `snowglobe.${name}`, arguments: [...args] };
}

const SYMBOL_KINDS: Record<symbols.SymbolKind, SymbolKind> = {
  function: SymbolKind.Function,
  set: SymbolKind.Object,
  list: SymbolKind.Array,
  string: SymbolKind.String,
  number: SymbolKind.Number,
  boolean: SymbolKind.Boolean,
  null: SymbolKind.Null,
  path: SymbolKind.File,
  variable: SymbolKind.Variable,
  inherited: SymbolKind.Field,
};

export function toDocumentSymbol(
  symbol: symbols.DocumentSymbol,
  to: Converter,
): protocol.DocumentSymbol {
  return {
    name: symbol.name,
    kind: SYMBOL_KINDS[symbol.kind],
    range: to.range(symbol),
    selectionRange: to.range({ start: symbol.nameStart, end: symbol.nameEnd }),
    children: symbol.children.map((child) => toDocumentSymbol(child, to)),
  };
}

/** For clients that know no tree: every symbol with the name of the one around it. */
export function toSymbolInformation(
  all: readonly symbols.DocumentSymbol[],
  to: Converter,
  container: string | null = null,
): protocol.SymbolInformation[] {
  return all.flatMap((symbol) => [
    {
      name: symbol.name,
      kind: SYMBOL_KINDS[symbol.kind],
      location: to.location(symbol),
      ...(container === null ? {} : { containerName: container }),
    },
    ...toSymbolInformation(symbol.children, to, symbol.name),
  ]);
}

export function toFoldingRange(range: FoldingRange): protocol.FoldingRange {
  const { startLine, endLine } = range;
  return range.kind === "comment"
    ? { startLine, endLine, kind: FoldingRangeKind.Comment }
    : { startLine, endLine };
}

export const SEMANTIC_TOKENS_LEGEND: protocol.SemanticTokensLegend = {
  tokenTypes: [...TOKEN_TYPES],
  tokenModifiers: [...TOKEN_MODIFIERS],
};

const COMPLETION_KINDS: Record<CompletionKind, CompletionItemKind> = {
  keyword: CompletionItemKind.Keyword,
  variable: CompletionItemKind.Variable,
  parameter: CompletionItemKind.Variable,
  attribute: CompletionItemKind.Field,
  function: CompletionItemKind.Function,
  builtin: CompletionItemKind.Function,
  constant: CompletionItemKind.Constant,
};

/** What `completionItem/resolve` needs to find the value of an item: the sets it may be in, as names. */
export interface CompletionData {
  readonly path: string;
  readonly sets: readonly (readonly string[] | null)[];
  /** The place in the options of a configuration that an item is an option at, or null. */
  readonly options: readonly OptionStep[] | null;
}

export function toCompletionList(
  found: Completion,
  to: Converter,
  data: CompletionData,
): protocol.CompletionList {
  // Written once for all items where the client can take it so; a thousand copies are cheap enough.
  const canResolve = data.options !== null || data.sets.some((names) => names !== null);
  const range = to.range(found.replace);
  const item = (each: CompletionItem): protocol.CompletionItem => ({
    label: each.label,
    kind: COMPLETION_KINDS[each.kind],
    sortText: `${each.rank}${each.label}`,
    filterText: each.label,
    textEdit: { range, newText: each.insert },
    ...(canResolve && each.kind !== "keyword" ? { data } : {}),
    ...(each.detail === null ? {} : { detail: each.detail }),
    ...(each.documentation === null
      ? {}
      : { documentation: { kind: "markdown", value: each.documentation } }),
  });
  return { isIncomplete: !found.isComplete, items: found.items.map(item) };
}

export function toInlayHint(hint: InlayHint, to: Converter): protocol.InlayHint {
  return {
    position: to.position(hint.offset),
    label: hint.label,
    tooltip: hint.tooltip,
    paddingLeft: true,
  };
}

/** From innermost to outermost, as a chain of parents. */
export function toSelectionRange(spans: readonly Span[], to: Converter): protocol.SelectionRange {
  const [outermost, ...inner] = [...spans].reverse();
  let range: protocol.SelectionRange = { range: to.range(outermost ?? { start: 0, end: 0 }) };
  for (const span of inner) range = { range: to.range(span), parent: range };
  return range;
}
