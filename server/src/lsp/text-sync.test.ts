import fc from "fast-check";
import { expect, test } from "vitest";
import { bytesFromText } from "../base/bytes.ts";
import { type ColumnUnit, LineTable } from "../base/line-table.ts";
import { SourceText } from "../base/source-text.ts";
import { toPosition } from "./positions.ts";
import { applyContentChanges } from "./text-sync.ts";

const texts = fc.string({
  unit: fc.constantFrom("a", "b", " ", "\n", "\r\n", "\r", "ä", "€", "😀"),
  maxLength: 30,
});
const units = fc.constantFrom<ColumnUnit>("utf-8", "utf-16");

test("ranges in any encoding and order give the same text as splicing", () => {
  const edits = fc.array(fc.tuple(fc.nat(40), fc.nat(5), texts), { maxLength: 6 });
  fc.assert(
    fc.property(texts, edits, units, (start, list, unit) => {
      let expected = [...start].join("");
      const events = list.map(([at, removed, text]) => {
        const lines = LineTable.ofText(expected);
        // Byte offsets at the starts of characters, never between CR and LF, which have no position.
        const offsets = offsetsOf(expected);
        const from = offsets[at % offsets.length] as number;
        const to = offsets[Math.min((at % offsets.length) + removed, offsets.length - 1)] as number;
        const range = { start: toPosition(lines, from, unit), end: toPosition(lines, to, unit) };
        const utf16 = (offset: number) => lines.toUtf16(offset);
        expected = expected.slice(0, utf16(from)) + text + expected.slice(utf16(to));
        return { range, text };
      });
      const result = applyContentChanges(SourceText.ofText(start), events, unit);
      expect(result.content.text).toBe(expected);
      let bytes = bytesFromText(start);
      for (const [i, change] of result.changes.entries()) {
        const added = bytesFromText((events[i] as { text: string }).text);
        expect(change.newEnd).toBe(change.start + added.length);
        bytes = bytes.slice(0, change.start) + added + bytes.slice(change.end);
      }
      expect(bytes).toBe(bytesFromText(expected));
    }),
  );
});

function offsetsOf(text: string): number[] {
  const offsets = [0];
  let at = 0;
  for (const char of text.replaceAll("\r\n", "\n\n")) {
    at += bytesFromText(char).length;
    offsets.push(at);
  }
  const bytes = bytesFromText(text);
  return offsets.filter((o) => !(bytes.charAt(o - 1) === "\r" && bytes.charAt(o) === "\n"));
}

test("a line feed that joins a carriage return moves the place behind it", () => {
  const insert = (line: number, character: number, text: string) => ({
    range: { start: { line, character }, end: { line, character } },
    text,
  });
  const before = SourceText.ofText("a\r");
  const deletion = {
    range: { start: { line: 0, character: 0 }, end: { line: 1, character: 0 } },
    text: "",
  };
  expect(applyContentChanges(before, [insert(1, 0, "\n"), deletion], "utf-16").content.text).toBe(
    "",
  );
});

test("a change without a range is the whole text", () => {
  const result = applyContentChanges(SourceText.ofText("ä"), [{ text: "b\n" }], "utf-16");
  expect(result.content.text).toBe("b\n");
  expect(result.changes).toEqual([{ start: 0, end: 2, newEnd: 2 }]);
});

test("several cursors, from the bottom up", () => {
  const text = "a\na\na\n";
  const events = [2, 1, 0].map((line) => ({
    range: { start: { line, character: 0 }, end: { line, character: 1 } },
    text: "bb\nc",
  }));
  const result = applyContentChanges(SourceText.ofText(text), events, "utf-16");
  expect(result.content.text).toBe("bb\nc\nbb\nc\nbb\nc\n");
});
