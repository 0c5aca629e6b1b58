/** Incremental document sync: what the client's content changes make of a text, and where. */
import type { Position, TextDocumentContentChangeEvent } from "vscode-languageserver";
import type { ColumnUnit } from "../base/line-table.ts";
import { LineTable } from "../base/line-table.ts";
import type { TextChange } from "../ide/text-change.ts";
import { fromRange } from "./positions.ts";

export interface SyncedText {
  readonly text: string;
  readonly lines: LineTable;
  /** In order; each in bytes of the text that the ones before it made. */
  readonly changes: readonly TextChange[];
}

/**
 * Applies the changes of one `didChange`. Each is relative to the text after the one before; editors
 * send those of several cursors from the bottom up, and then one line table serves them all.
 */
export function applyContentChanges(
  before: { readonly text: string; readonly lines: LineTable },
  events: readonly TextDocumentContentChangeEvent[],
  unit: ColumnUnit,
): SyncedText {
  let { text, lines } = before;
  const changes: TextChange[] = [];
  /** Positions before this one are still those of `lines`; null: all. (A line feed inserted behind a
   *  carriage return becomes part of that line's end, so the place itself has moved.) */
  let known: Position | null = null;
  for (const event of events) {
    if (!("range" in event)) {
      lines = LineTable.ofText(event.text);
      changes.push({ start: 0, end: byteLength(text), newEnd: lines.byteLength });
      text = event.text;
      known = null;
      continue;
    }
    if (known && !isBefore(event.range.end, known)) lines = LineTable.ofText(text);
    const { start, end } = orderedSpan(fromRange(lines, event.range, unit));
    const from = lines.toUtf16(start);
    text = text.slice(0, from) + event.text + text.slice(lines.toUtf16(end));
    changes.push({ start, end, newEnd: start + byteLength(event.text) });
    known = event.range.start;
  }
  if (known) lines = LineTable.ofText(text);
  return { text, lines, changes };
}

function isBefore(a: Position, b: Position): boolean {
  return a.line < b.line || (a.line === b.line && a.character < b.character);
}

function orderedSpan(span: { start: number; end: number }): { start: number; end: number } {
  return span.start <= span.end ? span : { start: span.end, end: span.start };
}

function byteLength(text: string): number {
  return LineTable.ofText(text).byteLength;
}
