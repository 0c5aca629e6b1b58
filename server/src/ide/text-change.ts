/**
 * Edits of a text, and what they do to places in it.
 *
 * A result that is true of an older revision (a hint, an error of an evaluation) is kept on the
 * screen while a newer one is computed; its places move along with the edits made since.
 */

import { bytesFromText } from "../base/bytes.ts";
import type { SourceText, TextEdit } from "../base/source-text.ts";

/** One replacement, in bytes of the text before it (`start`, `end`) and after it (`newEnd`). */
export interface TextChange {
  readonly start: number;
  readonly end: number;
  readonly newEnd: number;
}

/** A text after edits, and what they changed. */
export interface EditedText {
  readonly content: SourceText;
  /** In order; each in bytes of the text that the ones before it made. */
  readonly changes: readonly TextChange[];
}

/** Applies edits, each to the text that the ones before it made. */
export function applyEdits(before: SourceText, edits: readonly TextEdit[]): EditedText {
  const content = edits.reduce((text, edit) => text.edited(edit), before);
  return { content, changes: edits.map(changeOf) };
}

export function changeOf({ start, end, text }: TextEdit): TextChange {
  return { start, end, newEnd: start + bytesFromText(text).length };
}

/** A span after the changes, or null when nothing of its text is left. */
export function shiftSpan<T extends { readonly start: number; readonly end: number }>(
  span: T,
  changes: readonly TextChange[],
): T | null {
  let { start, end } = span;
  for (const change of changes) {
    if (change.start <= start && end <= change.end && change.end > change.start) return null;
    const grown = change.newEnd - change.end;
    // Text put exactly at either end stays outside.
    if (change.end <= start) {
      start += grown;
      end += grown;
    } else if (change.start >= end) {
      // Behind it.
    } else {
      // The front is gone: what is left starts behind the replacement.
      if (change.start < start) start = change.newEnd;
      // The back is gone: what is left ends in front of the replacement.
      end = change.end > end ? change.start : end + grown;
    }
  }
  return { ...span, start, end };
}

/** A part of a text that differs from a part of an earlier text; the parts in between are equal. */
export interface ChangedRegion {
  /** In the earlier text. */
  readonly start: number;
  readonly end: number;
  /** In the text now. */
  readonly newStart: number;
  readonly newEnd: number;
}

/** The regions of an earlier text after further changes. In order, disjoint and not touching. */
export function addChanges(
  regions: readonly ChangedRegion[],
  changes: readonly TextChange[],
): ChangedRegion[] {
  let all = [...regions];
  for (const change of changes) {
    const before = all.filter(({ newEnd }) => newEnd < change.start);
    const after = all.filter(({ newStart }) => newStart > change.end);
    const touched = all.slice(before.length, all.length - after.length);
    const grown = change.newEnd - change.end;
    const shift = lag(before[before.length - 1]);
    const [first, last] = [touched[0], touched[touched.length - 1]];
    const merged: ChangedRegion = {
      start: first && first.newStart <= change.start ? first.start : change.start - shift,
      newStart: Math.min(first?.newStart ?? change.start, change.start),
      end: last && last.newEnd >= change.end ? last.end : change.end - lag(last, shift),
      newEnd: Math.max(last?.newEnd ?? change.end, change.end) + grown,
    };
    all = [...before, merged, ...after.map((region) => moved(region, grown))];
  }
  return all;
}

/** How much further an offset behind a region is in the text now. */
function lag(region: ChangedRegion | undefined, otherwise = 0): number {
  return region ? region.newEnd - region.end : otherwise;
}

function moved({ start, end, newStart, newEnd }: ChangedRegion, by: number): ChangedRegion {
  return { start, end, newStart: newStart + by, newEnd: newEnd + by };
}

/** A span of the earlier text in the text now, with every region that it touches inside of it. */
export function spanAfter(
  span: { readonly start: number; readonly end: number },
  regions: readonly ChangedRegion[],
): { start: number; end: number } {
  let { start, end } = span;
  for (const region of regions) {
    const delta = lag(region);
    if (region.start <= span.end) {
      end = region.end >= span.end ? region.newEnd : span.end + delta;
    }
    if (region.end < span.start) start = span.start + delta;
    else if (region.start <= span.start) start = region.newStart;
  }
  return { start, end };
}
