/** Whether the two parsers see the same: for tests of our own texts and for whole trees of files. */
import { bytesFromText } from "../base/bytes.ts";
import { parseNix } from "../syntax/parser.ts";
import type { NixGrammar } from "../syntax/tree-sitter-document.ts";

/**
 * The first place where the exact parser's tree and the lowered one differ, or which of the parsers
 * alone finds an error; null when they agree. Two parsers that both find an error agree.
 */
export function parserDifference(grammar: NixGrammar, text: string): string | null {
  const { expr, problem } = parseNix(bytesFromText(text));
  const document = grammar.open(text);
  try {
    if (problem !== null) {
      // Errors that Nix finds in a text that is right by its grammar.
      const beyondGrammar = !["syntax", "path-trailing-slash"].includes(problem.code);
      if (document.hasError || beyondGrammar) return null;
      return `only the exact parser refuses: ${problem.start}: ${problem.message}`;
    }
    if (document.hasError) {
      const [first] = document.tree().problems;
      return `only tree-sitter finds an error: ${first?.start}: ${first?.message}`;
    }
    return difference(expr, document.tree().expr, "");
  } finally {
    document.dispose();
  }
}

/** The path to the first difference between two plain data structures, with both values. */
function difference(a: unknown, b: unknown, path: string): string | null {
  if (Object.is(a, b)) return null;
  if (!isRecord(a) || !isRecord(b)) return `${path}: exact ${show(a)}, lowered ${show(b)}`;
  for (const key of new Set([...Object.keys(a), ...Object.keys(b)])) {
    const found = difference(a[key], b[key], `${path}.${key}`);
    if (found !== null) return found;
  }
  return null;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null;
}

function show(value: unknown): string {
  return typeof value === "bigint" ? `${value}n` : (JSON.stringify(value) ?? "nothing");
}
