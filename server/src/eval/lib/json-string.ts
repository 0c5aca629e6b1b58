/** Strings as `builtins.toJSON` and `__structuredAttrs` write them. */
import { type ByteString, utf8SequenceLength } from "../../base/bytes.ts";
import { EvalLibError } from "./error.ts";

const PLAIN = /^[ !#-[\]-\x7f]*$/;
const SPECIAL = /[^ !#-[\]-\xff]/g;

const SHORT: Readonly<Record<string, string>> = {
  '"': '\\"',
  "\\": "\\\\",
  "\b": "\\b",
  "\f": "\\f",
  "\n": "\\n",
  "\r": "\\r",
  "\t": "\\t",
};

function escaped(char: string): string {
  return SHORT[char] ?? `\\u${char.charCodeAt(0).toString(16).padStart(4, "0")}`;
}

/**
 * The string in quotes: quotes, backslashes and control characters are escaped, the rest is as it is.
 * Throws `EvalLibError` in the words of Nix (and of the library it uses) when it is not UTF-8.
 */
export function jsonString(text: ByteString): ByteString {
  if (PLAIN.test(text)) return `"${text}"`;
  checkUtf8(text);
  return `"${text.replace(SPECIAL, escaped)}"`;
}

const hex2 = (text: ByteString, at: number) =>
  `0x${text.charCodeAt(at).toString(16).toUpperCase().padStart(2, "0")}`;

function checkUtf8(text: ByteString): void {
  for (let at = 0; at < text.length; ) {
    const length = utf8SequenceLength(text, at);
    if (length === 0) throw invalidUtf8(text, at);
    at += length;
  }
}

/** The error for the sequence at `at`, which is no character: at its first byte that can't belong to one. */
function invalidUtf8(text: ByteString, at: number): EvalLibError {
  const wrong = at + utf8PrefixLength(text, at);
  const problem =
    wrong < text.length
      ? `invalid UTF-8 byte at index ${wrong}: ${hex2(text, wrong)}`
      : `incomplete UTF-8 string; last byte: ${hex2(text, text.length - 1)}`;
  return new EvalLibError(`JSON serialization error: [json.exception.type_error.316] ${problem}`);
}

/** How many bytes at `at`, where no character is, could still have been the start of one. */
export function utf8PrefixLength(text: ByteString, at: number): number {
  // Each of these completes whatever can be completed.
  const tails = ["\x80", "\x80\x80", "\x80\x80\x80", "\xa0\x80", "\x90\x80\x80"];
  for (let length = Math.min(3, text.length - at); length > 0; length--) {
    const prefix = text.slice(at, at + length);
    if (tails.some((tail) => utf8SequenceLength(prefix + tail, 0) > length)) return length;
  }
  return 0;
}
