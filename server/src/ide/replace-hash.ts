/** The fix for a hash that is not that of what a server gave: the right one in its place, written in the same way. */
import { bytesToText } from "../base/bytes.ts";
import { decodeBase16 } from "../store/base16.ts";
import { StoreError } from "../store/error.ts";
import { type Hash, hashesEqual, parseHashAllowEmpty, printHash } from "../store/hash.ts";
import type { Fix, TextReplacement } from "./diagnostic.ts";
import type { EvaluationError } from "./evaluation-view.ts";
import type { SourceFile } from "./source-file.ts";
import { walk } from "./walk.ts";

/** @param error of a download that was not what its hash says */
export function replaceHash(file: SourceFile, { message, wanted }: EvaluationError): Fix[] {
  const got = /^ *got: +(sha256:[0-9a-z]{52})$/m.exec(message)?.[1];
  if (got === undefined || !wanted?.sha256) return [];
  const right = parsed(got);
  const wrong: Hash = { algo: "sha256", bytes: decodeBase16(wanted.sha256) };
  if (right === null) return [];
  const edits: TextReplacement[] = [];
  walk(file.syntax.expr, (expr) => {
    if (expr.kind !== "String") return true;
    const written = parsed(expr.value);
    if (written !== null && hashesEqual(written, wrong))
      edits.push({
        start: expr.start,
        end: expr.end,
        text: `"${inTheStyleOf(expr.value, right)}"`,
      });
    return true;
  });
  return edits.length === 0 ? [] : [{ title: "Take the hash of what was downloaded", edits }];
}

const LOOKS_LIKE_A_HASH = /^(?:sha256[:-])?[0-9a-zA-Z+/=]{43,64}$|^$/;

/** Null: the text is no SHA-256 hash. Nix takes an empty one for zeros. */
function parsed(text: string): Hash | null {
  if (!LOOKS_LIKE_A_HASH.test(text)) return null;
  try {
    return parseHashAllowEmpty(text, "sha256", () => {});
  } catch (error) {
    if (error instanceof StoreError) return null;
    throw error;
  }
}

function inTheStyleOf(text: string, hash: Hash): string {
  if (text === "" || text.startsWith("sha256-")) return bytesToText(printHash(hash, "sri"));
  const digits = text.replace(/^sha256:/, "");
  const format = digits.length === 64 ? "base16" : digits.length === 52 ? "nix32" : "base64";
  return bytesToText(printHash(hash, format, digits !== text));
}
