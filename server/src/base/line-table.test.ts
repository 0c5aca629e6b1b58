import fc from "fast-check";
import { expect, test } from "vitest";
import { bytesFromText, bytesFromUint8Array, bytesToText } from "./bytes.ts";
import { LineTable } from "./line-table.ts";

// é is 2 bytes and 1 unit, € 3 and 1, 😀 4 and 2.
const sample = "aé\r\n€b\n\n😀c\rd";

test("lines end at LF, CRLF and a lone CR", () => {
  const table = LineTable.ofText(sample);
  const lines = [...Array(table.lineCount).keys()];
  expect(lines.map((line) => [table.lineStart(line), table.lineEnd(line)])).toEqual([
    [0, 3],
    [5, 9],
    [10, 10],
    [11, 16],
    [17, 18],
  ]);
});

test("columns count bytes or code units", () => {
  const table = LineTable.ofText(sample);
  const c = bytesFromText(sample).indexOf("c");
  expect(table.positionAt(c, "utf-8")).toEqual({ line: 3, column: 4 });
  expect(table.positionAt(c, "utf-16")).toEqual({ line: 3, column: 2 });
  expect(table.offsetAt({ line: 3, column: 4 }, "utf-8")).toBe(c);
  expect(table.offsetAt({ line: 3, column: 2 }, "utf-16")).toBe(c);
});

test("inside a character means its start", () => {
  const table = LineTable.ofText(sample);
  const smile = bytesFromText(sample).indexOf("\xf0");
  expect(table.toByte(table.toUtf16(smile) + 1)).toBe(smile);
  for (const inside of [1, 2, 3]) expect(table.toUtf16(smile + inside)).toBe(table.toUtf16(smile));
  expect(table.offsetAt({ line: 3, column: 1 }, "utf-16")).toBe(smile);
  expect(table.offsetAt({ line: 3, column: 2 }, "utf-8")).toBe(smile);
});

test("outside of the text or the line is clamped", () => {
  const table = LineTable.ofText(sample);
  expect(table.positionAt(99, "utf-16")).toEqual({ line: 4, column: 1 });
  expect(table.positionAt(-1, "utf-8")).toEqual({ line: 0, column: 0 });
  expect(table.offsetAt({ line: 0, column: 99 }, "utf-16")).toBe(3);
  expect(table.offsetAt({ line: 9, column: 0 }, "utf-16")).toBe(table.byteLength);
  expect(table.lineStart(9)).toBe(table.byteLength);
});

test("an empty text has one empty line", () => {
  const table = LineTable.ofText("");
  expect([table.lineCount, table.lineEnd(0), table.byteLength]).toEqual([1, 0, 0]);
  expect(table.positionAt(0, "utf-16")).toEqual({ line: 0, column: 0 });
});

const texts = fc.string({
  unit: fc.oneof(
    fc.constantFrom("\r", "\n", "\r\n", "a", "é", "€", "😀", "\ud800", "\udc00"),
    fc.string({ unit: "binary", maxLength: 2 }),
  ),
});

test("indices become the offsets of the encoded text, and come back", () => {
  fc.assert(
    fc.property(texts, (text) => {
      const table = LineTable.ofText(text);
      expect(table.utf16Length).toBe(text.length);
      expect(table.byteLength).toBe(bytesFromText(text).length);
      let index = 0;
      for (const character of text) {
        expect(table.toByte(index)).toBe(bytesFromText(text.slice(0, index)).length);
        expect(table.toUtf16(table.toByte(index))).toBe(index);
        index += character.length;
      }
    }),
  );
});

test("positions are those of the text split at its line ends", () => {
  fc.assert(
    fc.property(texts, (text) => {
      const table = LineTable.ofText(text);
      const split = text.split(/\r\n|\r|\n/);
      expect(table.lineCount).toBe(split.length);
      split.forEach((content, line) => {
        const start = table.lineStart(line);
        expect(table.lineEnd(line) - start).toBe(bytesFromText(content).length);
        let column = 0;
        for (const character of content) {
          const offset = table.offsetAt({ line, column }, "utf-16");
          expect(table.positionAt(offset, "utf-16")).toEqual({ line, column });
          const inBytes = table.positionAt(offset, "utf-8");
          expect(inBytes.column).toBe(bytesFromText(content.slice(0, column)).length);
          expect(table.offsetAt(inBytes, "utf-8")).toBe(offset);
          column += character.length;
        }
      });
    }),
  );
});

test("a table of bytes agrees with the decoded text, invalid bytes included", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 40 }), (data) => {
      const bytes = bytesFromUint8Array(data);
      const table = LineTable.ofBytes(bytes);
      expect(table.utf16Length).toBe(bytesToText(bytes).length);
      expect(table.byteLength).toBe(bytes.length);
    }),
  );
  fc.assert(
    fc.property(texts, (text) => {
      const a = LineTable.ofText(text);
      const b = LineTable.ofBytes(bytesFromText(text));
      expect(b.lineCount).toBe(a.lineCount);
      for (let i = 0; i <= a.byteLength; i++) expect(b.toUtf16(i)).toBe(a.toUtf16(i));
    }),
  );
});
