/** What is logged as Nix logs it: no escape sequences but colours on a terminal, tabs as spaces. */
import { type ByteString, bytesToText } from "../base/bytes.ts";

/** Control sequences, hyperlinks and the like, and other escapes; in bytes. */
const ESCAPES =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
  /\x1b(?:\[[0-?]*[ -/]*([@-~]?)|\][^\x1b\x07]*(?:\x1b\\?|\x07)?|[@-_]?)/y;

/** Characters that take two columns, roughly: those of East Asia, and pictures. */
const WIDE =
  /[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6\u{1f300}-\u{1f64f}\u{1f900}-\u{1f9ff}\u{20000}-\u{3fffd}]/u;

/** Columns of a character, which begins at a byte; a line feed takes none. */
function widthAt(text: ByteString, at: number): number {
  const byte = text.charCodeAt(at);
  if (byte < 0x20 || byte === 0x7f || (byte & 0xc0) === 0x80) return 0;
  if (byte < 0x80) return 1;
  const character = bytesToText(text.slice(at, at + (byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : 2)));
  if (/\p{M}/u.test(character)) return 0;
  return WIDE.test(character) ? 2 : 1;
}

/** @param colours whether they are kept: on a terminal that shows them */
export function terminalText(text: ByteString, colours: boolean): ByteString {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
  if (!/[\x1b\t\r\x07]/.test(text)) return text;
  let out = "";
  let column = 0;
  for (let at = 0; at < text.length; ) {
    const byte = text.charCodeAt(at);
    if (byte === 0x1b) {
      ESCAPES.lastIndex = at;
      const [sequence = "", end] = ESCAPES.exec(text) ?? ["\x1b"];
      if (colours && end === "m") out += sequence;
      at += sequence.length;
      continue;
    }
    at++;
    if (byte === 0x09) {
      const width = 8 - (column % 8);
      out += " ".repeat(width);
      column += width;
    } else if (byte !== 0x0d && byte !== 0x07) {
      out += String.fromCharCode(byte);
      column += widthAt(text, at - 1);
    }
  }
  return out;
}

/** Whether standard error shows colours and the user wants them. */
export function showsColours(env: Readonly<Record<string, string | undefined>>): boolean {
  const wanted = env["NO_COLOR"] === undefined && env["NOCOLOR"] === undefined;
  return wanted && process.stderr.isTTY === true && (env["TERM"] ?? "dumb") !== "dumb";
}
