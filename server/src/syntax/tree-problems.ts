/**
 * What is wrong with a text, by its tree-sitter tree: every error, where the exact parser stops at
 * the first one. The words are Nix's; which token is to blame is the recovery's guess.
 */
import type { Node } from "web-tree-sitter";
import { type ByteString, utf8SequenceLength } from "../base/bytes.ts";
import type { LineTable } from "../base/line-table.ts";
import type { SyntaxProblem } from "./ast.ts";
import { Lexer, skipTrivia } from "./lexer.ts";
import { SyntaxStop, unexpectedMessage } from "./problem.ts";
import * as T from "./tokens.ts";

/** More say nothing more: the recovery has lost its way. */
const MOST_PROBLEMS = 50;

/** The first problems in the order of the text; empty exactly when the tree has no error. */
export function treeProblems(root: Node, source: ByteString, lines: LineTable): SyntaxProblem[] {
  if (!root.hasError) return [];
  const problems: SyntaxProblem[] = [];
  // A stack of its own: a broken text can nest deeply.
  const open: Node[] = [root];
  for (let node = open.pop(); node !== undefined; node = open.pop()) {
    if (problems.length === MOST_PROBLEMS) break;
    if (node.isMissing) {
      problems.push(missing(node, source, lines));
    } else if (node.isError) {
      problems.push(unexpected(node, source, lines));
    } else if (node.hasError) {
      const wrong = node.children.filter((child) => child.hasError);
      // A node that has no name is missing: it is in no list of children.
      if (wrong.length === 0) problems.push(unexpected(node, source, lines));
      open.push(...wrong.reverse());
    }
  }
  return problems.sort((a, b) => a.start - b.start);
}

/**
 * The first problem as the exact parser found it, and of a tree's problems those behind it: what
 * comes before it is right, and what overlaps it is the same error.
 */
export function withExactProblem(
  exact: SyntaxProblem,
  problems: readonly SyntaxProblem[],
): SyntaxProblem[] {
  return [exact, ...problems.filter(({ start }) => start > exact.end)];
}

/** The kind of token that a missing node stands for; an expression is none. */
function missingKind(type: string): number | null {
  switch (type) {
    case "variable":
      return null;
    case "identifier":
      return T.T_ID;
    case "''":
      return T.T_INDENTED_CLOSE;
    default: {
      const kind = T.TOKEN_NAMES.indexOf(`'${type}'`);
      return kind < 0 ? null : kind;
    }
  }
}

function missing(node: Node, source: ByteString, lines: LineTable): SyntaxProblem {
  const at = lines.toByte(node.startIndex);
  if (node.type === "end_of_file") {
    // It is missing behind the `;` that should not be there.
    const message = unexpectedMessage(T.T_SEMICOLON, [T.T_EOF]);
    return { start: at - 1, end: at, code: "syntax", message };
  }
  const token = tokenAt(source, at);
  const expected = missingKind(node.type);
  const message = unexpectedMessage(token.kind, expected === null ? [] : [expected]);
  // What is missing belongs behind the last token, when the one that Nix blames is on another line.
  const sameLine = lines.lineAt(at) === lines.lineAt(token.start);
  const [start, end] = sameLine ? [token.start, token.end] : [Math.max(at - 1, 0), at];
  return { start, end, code: "syntax", message };
}

function unexpected(node: Node, source: ByteString, lines: LineTable): SyntaxProblem {
  const { children } = node;
  const slash = children.find((child) => child.type === "trailing_slash");
  if (slash !== undefined) {
    return {
      start: lines.toByte(slash.startIndex),
      end: lines.toByte(slash.endIndex),
      code: "path-trailing-slash",
      message: "path has a trailing slash",
    };
  }
  // A character that begins no token is an ERROR of its own. Else the nodes in front were right until
  // a token broke them.
  const leaf =
    children.find((child) => child.isError && child.childCount === 0) ??
    children.findLast((child) => !child.isNamed && child.childCount === 0);
  const token = tokenAt(source, lines.toByte((leaf ?? node).startIndex));
  const { start, end } = token;
  return { start, end, code: "syntax", message: unexpectedMessage(token.kind, []) };
}

interface Token {
  kind: number;
  start: number;
  end: number;
}

/** The first token at or behind an offset. */
function tokenAt(source: ByteString, offset: number): Token {
  const lexer = new Lexer(source, true);
  lexer.pos = offset;
  try {
    lexer.next();
    const { tok: kind, tokStart: start, pos } = lexer;
    const length = kind === T.T_INVALID ? utf8SequenceLength(source, start) : 0;
    return { kind, start, end: Math.max(pos, start + length) };
  } catch (stop) {
    // A number that is too large.
    if (!(stop instanceof SyntaxStop)) throw stop;
    const start = skipTrivia(source, offset);
    return { kind: T.T_INVALID, start, end: start + 1 };
  }
}
