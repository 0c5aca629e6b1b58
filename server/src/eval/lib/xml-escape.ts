/** Text as `builtins.toXML` and `--xml` write it inside an attribute. */
import type { ByteString } from "../../base/bytes.ts";

const SPECIAL = /["<>&\n]/g;

const ESCAPES: Readonly<Record<string, string>> = {
  '"': "&quot;",
  "<": "&lt;",
  ">": "&gt;",
  "&": "&amp;",
  // Line feeds would become spaces when the document is read.
  "\n": "&#xA;",
};

/** Every other byte stands for itself, valid XML or not. */
export function xmlEscape(text: ByteString): ByteString {
  return text.replace(SPECIAL, (char) => ESCAPES[char] as string);
}
