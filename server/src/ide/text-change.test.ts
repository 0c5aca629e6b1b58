import fc from "fast-check";
import { expect, test } from "vitest";
import {
  addChanges,
  type ChangedRegion,
  shiftSpan,
  spanAfter,
  type TextChange,
} from "./text-change.ts";

function apply(text: string, change: TextChange): string {
  return (
    text.slice(0, change.start) + "+".repeat(change.newEnd - change.start) + text.slice(change.end)
  );
}

test("edits in front move a span, edits behind it do not", () => {
  const span = { start: 10, end: 14 };
  expect(shiftSpan(span, [{ start: 0, end: 0, newEnd: 3 }])).toEqual({ start: 13, end: 17 });
  expect(shiftSpan(span, [{ start: 10, end: 10, newEnd: 13 }])).toEqual({ start: 13, end: 17 });
  expect(shiftSpan(span, [{ start: 14, end: 14, newEnd: 15 }])).toEqual(span);
  expect(shiftSpan(span, [{ start: 11, end: 12, newEnd: 19 }])).toEqual({ start: 10, end: 21 });
});

test("a span whose text is replaced is gone", () => {
  expect(shiftSpan({ start: 3, end: 5 }, [{ start: 2, end: 6, newEnd: 9 }])).toBeNull();
});

test("what is left of a span is the same text", () => {
  const edit = fc.tuple(fc.nat(40), fc.nat(8), fc.nat(8));
  fc.assert(
    fc.property(fc.nat(30), fc.integer({ min: 1, max: 10 }), fc.array(edit), (at, size, edits) => {
      let text = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
      const changes: TextChange[] = [];
      const span = { start: at, end: at + size };
      const kept = new Set(text.slice(at, at + size));
      for (const [where, removed, added] of edits) {
        const start = Math.min(where, text.length);
        const end = Math.min(start + removed, text.length);
        const change = { start, end, newEnd: start + added };
        changes.push(change);
        text = apply(text, change);
      }
      const left = [...text].filter((char) => kept.has(char)).join("");
      const shifted = shiftSpan(span, changes);
      if (shifted === null) return;
      const inside = [...text.slice(shifted.start, shifted.end)].filter((c) => c !== "+").join("");
      expect(inside).toBe(left);
    }),
  );
});

test("regions are all that differs, however many changes there were", () => {
  const edit = fc.tuple(fc.nat(40), fc.nat(6), fc.nat(4));
  fc.assert(
    fc.property(fc.array(fc.array(edit)), fc.nat(30), fc.nat(10), (batches, at, size) => {
      const before = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
      let now = before;
      let regions: ChangedRegion[] = [];
      for (const edits of batches) {
        const changes: TextChange[] = [];
        for (const [where, removed, added] of edits) {
          const start = Math.min(where, now.length);
          const end = Math.min(start + removed, now.length);
          const change = { start, end, newEnd: start + added };
          changes.push(change);
          now = apply(now, change);
        }
        regions = addChanges(regions, changes);
      }
      let from = 0;
      let newFrom = 0;
      for (const region of regions) {
        expect(now.slice(newFrom, region.newStart)).toBe(before.slice(from, region.start));
        from = region.end;
        newFrom = region.newEnd;
      }
      expect(now.slice(newFrom)).toBe(before.slice(from));
      const after = spanAfter({ start: at, end: at + size }, regions);
      const kept = new Set(before.slice(at, at + size));
      const left = [...now].filter((char) => kept.has(char)).join("");
      const inside = now.slice(after.start, after.end);
      expect([...inside].filter((char) => kept.has(char)).join("")).toBe(left);
      expect(after.start).toBeLessThanOrEqual(after.end);
    }),
  );
});
