/** How the exact parser stops: at the first problem, like Nix. */
import type { ByteString } from "../base/bytes.ts";
import type { SyntaxProblem } from "./ast.ts";
import { TOKEN_NAMES } from "./tokens.ts";

/** Thrown inside the parser only; `parseNix` turns it into its result. No stack trace is taken. */
export class SyntaxStop {
  readonly problem: SyntaxProblem;
  constructor(problem: SyntaxProblem) {
    this.problem = problem;
  }
}

/**
 * Nix's wording of an unexpected token. Up to four expected tokens are named; where the grammar
 * allows more, Nix names none and `expected` is empty.
 */
export function unexpectedMessage(kind: number, expected: readonly number[]): ByteString {
  let message = `syntax error, unexpected ${TOKEN_NAMES[kind]!}`;
  for (let i = 0; i < expected.length; i++) {
    message += (i === 0 ? ", expecting " : " or ") + TOKEN_NAMES[expected[i]!]!;
  }
  return message;
}

/** `line:column` of an offset, from 1, the column in bytes; LF, CR and CR LF each end a line. */
export function lineAndColumn(source: ByteString, offset: number): string {
  let line = 1;
  let lineStart = 0;
  for (let i = 0; i < offset; i++) {
    const c = source.charCodeAt(i);
    if (c === 10 || (c === 13 && source.charCodeAt(i + 1) !== 10)) {
      line++;
      lineStart = i + 1;
    }
  }
  return `${line}:${offset - lineStart + 1}`;
}
