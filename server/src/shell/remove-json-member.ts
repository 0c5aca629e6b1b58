import type { ByteString } from "../base/bytes.ts";

/**
 * The text of a JSON object without a member of it; every other byte is kept, so that numbers and the
 * order of members stay what they are. `text` must be valid JSON.
 */
export function removeJsonMember(text: ByteString, name: ByteString): ByteString {
  let depth = 0;
  /** Where the member began that is read now: at the brace or comma in front of it. */
  let start = 0;
  let key: ByteString | undefined;
  for (let at = 0; at < text.length; at++) {
    const char = text[at];
    if (char === '"') {
      const end = stringEnd(text, at);
      if (depth === 1) key ??= JSON.parse(text.slice(at, end));
      at = end - 1;
    } else if (char === "{" || char === "[") {
      depth++;
      if (depth === 1) start = at;
    } else if (char === "}" || char === "]" || (char === "," && depth === 1)) {
      if (depth === 1 && key === name) {
        // The first member takes the comma behind it along, any other the one before it.
        return text[start] === "{"
          ? text.slice(0, start + 1) + text.slice(char === "," ? at + 1 : at)
          : text.slice(0, start) + text.slice(at);
      }
      if (depth === 1) {
        start = at;
        key = undefined;
      }
      if (char !== ",") depth--;
    }
  }
  return text;
}

/** Behind the closing quote of the string that begins at `at`. */
function stringEnd(text: ByteString, at: number): number {
  let end = at + 1;
  while (end < text.length && text[end] !== '"') end += text[end] === "\\" ? 2 : 1;
  return end + 1;
}
