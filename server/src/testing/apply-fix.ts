/** What a document says after a fix. */
import type { Fix } from "../ide/diagnostic.ts";

/** @param source ASCII, so that bytes are characters */
export function applyFix(source: string, { edits }: Fix): string {
  let text = source;
  for (const { start, end, text: replacement } of [...edits].sort((a, b) => b.start - a.start))
    text = text.slice(0, start) + replacement + text.slice(end);
  return text;
}
