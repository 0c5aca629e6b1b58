/**
 * Between the protocol's positions (line and column in the negotiated encoding) and the byte offsets
 * of everything below.
 */
import type { ClientCapabilities, Position, Range } from "vscode-languageserver";
import type { ColumnUnit, LineTable } from "../base/line-table.ts";
import type { Span } from "../scope/bindings.ts";

/** The first of the client's encodings that we know; UTF-16, which every client knows, without any. */
export function negotiateEncoding(capabilities: ClientCapabilities): ColumnUnit {
  for (const encoding of capabilities.general?.positionEncodings ?? []) {
    if (encoding === "utf-8" || encoding === "utf-16") return encoding;
  }
  return "utf-16";
}

export function toPosition(lines: LineTable, offset: number, unit: ColumnUnit): Position {
  const { line, column } = lines.positionAt(offset, unit);
  return { line, character: column };
}

export function toRange(lines: LineTable, span: Span, unit: ColumnUnit): Range {
  return {
    start: toPosition(lines, span.start, unit),
    end: toPosition(lines, span.end, unit),
  };
}

export function fromPosition(lines: LineTable, position: Position, unit: ColumnUnit): number {
  return lines.offsetAt({ line: position.line, column: position.character }, unit);
}

export function fromRange(lines: LineTable, range: Range, unit: ColumnUnit): Span {
  return {
    start: fromPosition(lines, range.start, unit),
    end: fromPosition(lines, range.end, unit),
  };
}
