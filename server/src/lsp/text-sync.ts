/** Incremental document sync: what the client's content changes make of a text, and where. */
import type { TextDocumentContentChangeEvent } from "vscode-languageserver";
import type { ColumnUnit } from "../base/line-table.ts";
import type { SourceText, TextEdit } from "../base/source-text.ts";
import { changeOf, type EditedText } from "../ide/text-change.ts";
import { fromRange } from "./positions.ts";

export interface SyncedText extends EditedText {
  readonly edits: readonly TextEdit[];
}

/** Applies the changes of one `didChange`. Each is relative to the text after the one before. */
export function applyContentChanges(
  before: SourceText,
  events: readonly TextDocumentContentChangeEvent[],
  unit: ColumnUnit,
): SyncedText {
  let content = before;
  const edits = events.map((event) => {
    const edit = { ...spanOf(content, event, unit), text: event.text };
    content = content.edited(edit);
    return edit;
  });
  return { content, edits, changes: edits.map(changeOf) };
}

function spanOf(
  { lines }: SourceText,
  event: TextDocumentContentChangeEvent,
  unit: ColumnUnit,
): { start: number; end: number } {
  if (!("range" in event)) return { start: 0, end: lines.byteLength };
  const { start, end } = fromRange(lines, event.range, unit);
  return start <= end ? { start, end } : { start: end, end: start };
}
