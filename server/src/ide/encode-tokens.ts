/**
 * Semantic tokens as editors take them, five numbers each: line and column as steps from the token
 * before, length, type, modifiers. Made where the tokens are found: there are many in a large text.
 */
import type { ColumnUnit, LineTable } from "../base/line-table.ts";
import { type SemanticToken, TOKEN_MODIFIERS, TOKEN_TYPES } from "./semantic-tokens.ts";

export function encodeTokens(
  tokens: readonly SemanticToken[],
  lines: LineTable,
  unit: ColumnUnit,
): number[] {
  const data: number[] = [];
  let before = { line: 0, column: 0 };
  for (const token of tokens) {
    const start = lines.positionAt(token.start, unit);
    const end = lines.positionAt(token.end, unit);
    const isSameLine = start.line === before.line;
    data.push(start.line - before.line, isSameLine ? start.column - before.column : start.column);
    data.push(end.column - start.column, TOKEN_TYPES.indexOf(token.type));
    data.push(
      token.modifiers.reduce((bits, name) => bits | (1 << TOKEN_MODIFIERS.indexOf(name)), 0),
    );
    before = start;
  }
  return data;
}
