import fc from "fast-check";
import { expect, test } from "vitest";
import { bytesFromText } from "./bytes.ts";
import { LineTable } from "./line-table.ts";
import { SourceText } from "./source-text.ts";

const texts = fc.string({
  unit: fc.constantFrom("a", " ", "\n", "\r\n", "\r", "ä", "€", "😀", "\ud83d", "\ude00"),
  maxLength: 20,
});

test("after edits all forms are those of the text made anew", () => {
  const edits = fc.array(fc.tuple(fc.nat(), fc.nat(4), texts), { minLength: 1, maxLength: 8 });
  fc.assert(
    fc.property(texts, edits, fc.boolean(), (start, list, isAsked) => {
      let content = SourceText.ofText(start);
      for (const [at, removed, text] of list) {
        if (isAsked) expect(content.source).toBe(bytesFromText(content.text));
        const before = content;
        const units = at % (before.text.length + 1);
        const from = before.lines.toByte(units);
        const to = before.lines.toByte(units + removed);
        content = before.edited({ start: from, end: to, text });
        const utf16 = (offset: number) => before.lines.toUtf16(offset);
        const expected = before.text.slice(0, utf16(from)) + text + before.text.slice(utf16(to));
        expect(content.text).toBe(expected);
        expect(content.source).toBe(bytesFromText(expected));
        expectSame(content.lines, LineTable.ofText(expected));
      }
    }),
    { numRuns: 500 },
  );
});

function expectSame(found: LineTable, wanted: LineTable): void {
  expect(found.lineCount).toBe(wanted.lineCount);
  for (let line = 0; line < wanted.lineCount; line++) {
    expect(found.lineStart(line)).toBe(wanted.lineStart(line));
    expect(found.lineEnd(line)).toBe(wanted.lineEnd(line));
  }
  expect(found.byteLength).toBe(wanted.byteLength);
  expect(found.isAscii).toBe(wanted.isAscii);
  for (let index = 0; index <= wanted.utf16Length; index++) {
    expect(found.toByte(index)).toBe(wanted.toByte(index));
  }
  for (let offset = 0; offset <= wanted.byteLength; offset++) {
    expect(found.toUtf16(offset)).toBe(wanted.toUtf16(offset));
  }
}

test("bytes that are no UTF-8 stay bytes", () => {
  const content = SourceText.ofBytes("a\xff\n");
  expect([content.text, content.source, content.lines.lineCount]).toEqual([
    "a\ufffd\n",
    "a\xff\n",
    2,
  ]);
});
