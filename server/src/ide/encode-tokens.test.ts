import { expect, test } from "vitest";
import { LineTable } from "../base/line-table.ts";
import { encodeTokens } from "./encode-tokens.ts";
import type { SemanticToken } from "./semantic-tokens.ts";

test("steps from token to token, in the columns of the editor", () => {
  const text = 'let a = "é"; b = a;\nin b';
  const lines = LineTable.ofText(text);
  const token = (start: number, modifiers: SemanticToken["modifiers"]): SemanticToken => {
    return { start, end: start + 1, type: "function", modifiers };
  };
  // The second `b` stands behind a character of two bytes.
  const tokens = [token(4, ["declaration"]), token(14, ["declaration", "with"]), token(24, [])];
  expect(encodeTokens(tokens, lines, "utf-8")).toEqual(
    [
      [0, 4, 1, 3, 1],
      [0, 10, 1, 3, 9],
      [1, 3, 1, 3, 0],
    ].flat(),
  );
  expect(encodeTokens(tokens, lines, "utf-16")).toEqual(
    [
      [0, 4, 1, 3, 1],
      [0, 9, 1, 3, 9],
      [1, 3, 1, 3, 0],
    ].flat(),
  );
});
