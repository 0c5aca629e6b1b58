/** How names are written. */
import type { ByteString } from "../base/bytes.ts";
import { CHAR_CLASS, ID_CHAR, ID_START } from "./chars.ts";
import { KEYWORDS } from "./tokens.ts";

/** Names that Nix prints in quotes. `or` is a keyword only after a selection and is not among them. */
const RESERVED: ReadonlySet<string> = new Set(KEYWORDS.filter((word) => word !== "or"));

/** Whether `name` can stand as an attribute name without quotes. */
export function isPlainName(name: ByteString): boolean {
  if (name === "" || (CHAR_CLASS[name.charCodeAt(0)]! & ID_START) === 0) return false;
  for (let i = 1; i < name.length; i++) {
    if ((CHAR_CLASS[name.charCodeAt(i)]! & ID_CHAR) === 0) return false;
  }
  return !RESERVED.has(name);
}

/** A string literal that means `text`, as Nix prints it. */
export function quoteString(text: ByteString): string {
  let out = '"';
  let from = 0;
  for (let i = 0; i < text.length; i++) {
    let replacement: string;
    switch (text.charCodeAt(i)) {
      case 34:
        replacement = '\\"';
        break;
      case 92:
        replacement = "\\\\";
        break;
      case 10:
        replacement = "\\n";
        break;
      case 13:
        replacement = "\\r";
        break;
      case 9:
        replacement = "\\t";
        break;
      case 36:
        if (text.charCodeAt(i + 1) !== 123) continue;
        replacement = "\\$";
        break;
      default:
        continue;
    }
    out += text.slice(from, i) + replacement;
    from = i + 1;
  }
  return `${out}${text.slice(from)}"`;
}

/** A name as Nix prints it: in quotes when it could not be written without. */
export function showName(name: ByteString): string {
  return isPlainName(name) ? name : quoteString(name);
}
