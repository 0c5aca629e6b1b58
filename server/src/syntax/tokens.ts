/** The kinds of token, their names in messages, and what the parser asks of a kind by table. */
import type { BinaryOperator } from "./ast.ts";

export const T_EOF: number = 0;
export const T_INVALID: number = 1;
export const T_ID: number = 2;
export const T_INT: number = 3;
export const T_FLOAT: number = 4;
export const T_PATH: number = 5;
export const T_HOME_PATH: number = 6;
export const T_SEARCH_PATH: number = 7;
export const T_URI: number = 8;
export const T_IF: number = 9;
export const T_THEN: number = 10;
export const T_ELSE: number = 11;
export const T_ASSERT: number = 12;
export const T_WITH: number = 13;
export const T_LET: number = 14;
export const T_IN: number = 15;
export const T_REC: number = 16;
export const T_INHERIT: number = 17;
export const T_OR_WORD: number = 18;
export const T_EQ: number = 19;
export const T_NEQ: number = 20;
export const T_LEQ: number = 21;
export const T_GEQ: number = 22;
export const T_UPDATE: number = 23;
export const T_CONCAT: number = 24;
export const T_AND: number = 25;
export const T_OR: number = 26;
export const T_IMPL: number = 27;
export const T_PIPE_FROM: number = 28;
export const T_PIPE_INTO: number = 29;
export const T_DOLLAR_CURLY: number = 30;
export const T_INDENTED_OPEN: number = 31;
export const T_ELLIPSIS: number = 32;
export const T_LESS: number = 33;
export const T_GREATER: number = 34;
export const T_PLUS: number = 35;
export const T_MINUS: number = 36;
export const T_STAR: number = 37;
export const T_SLASH: number = 38;
export const T_NOT: number = 39;
export const T_QUESTION: number = 40;
export const T_COLON: number = 41;
export const T_AT: number = 42;
export const T_DOT: number = 43;
export const T_QUOTE: number = 44;
export const T_OPEN_PAREN: number = 45;
export const T_CLOSE_PAREN: number = 46;
export const T_OPEN_BRACE: number = 47;
export const T_CLOSE_BRACE: number = 48;
export const T_OPEN_BRACKET: number = 49;
export const T_CLOSE_BRACKET: number = 50;
export const T_SEMICOLON: number = 51;
export const T_ASSIGN: number = 52;
export const T_COMMA: number = 53;
/** Pieces that exist only between a string's or path's ends; they appear in messages alone. */
export const T_STRING_PIECE: number = 54;
export const T_PATH_END: number = 55;
export const T_INDENTED_PIECE: number = 56;
export const T_INDENTED_CLOSE: number = 57;
const KINDS = 58;

/** Kind -> its name in "syntax error, unexpected X" (Nix 2.34 and later). Byte strings. */
export const TOKEN_NAMES: readonly string[] = makeNames();

function makeNames(): string[] {
  const names: string[] = new Array<string>(KINDS).fill("invalid token");
  const set = (kind: number, name: string) => {
    names[kind] = name;
  };
  set(T_EOF, "end of file");
  set(T_ID, "identifier");
  set(T_INT, "integer");
  set(T_FLOAT, "floating-point literal");
  set(T_PATH, "path");
  set(T_HOME_PATH, "'~/\xe2\x80\xa6' path");
  set(T_SEARCH_PATH, "'<\xe2\x80\xa6>' path");
  set(T_URI, "URI");
  set(T_INDENTED_OPEN, "start of an indented string");
  set(T_STRING_PIECE, "string");
  set(T_PATH_END, "end of path");
  set(T_INDENTED_PIECE, "indented string");
  set(T_INDENTED_CLOSE, "end of an indented string");
  const words: [number, string][] = [
    [T_IF, "if"],
    [T_THEN, "then"],
    [T_ELSE, "else"],
    [T_ASSERT, "assert"],
    [T_WITH, "with"],
    [T_LET, "let"],
    [T_IN, "in"],
    [T_REC, "rec"],
    [T_INHERIT, "inherit"],
    [T_OR_WORD, "or"],
    [T_EQ, "=="],
    [T_NEQ, "!="],
    [T_LEQ, "<="],
    [T_GEQ, ">="],
    [T_UPDATE, "//"],
    [T_CONCAT, "++"],
    [T_AND, "&&"],
    [T_OR, "||"],
    [T_IMPL, "->"],
    [T_PIPE_FROM, "<|"],
    [T_PIPE_INTO, "|>"],
    [T_DOLLAR_CURLY, "${"],
    [T_ELLIPSIS, "..."],
    [T_LESS, "<"],
    [T_GREATER, ">"],
    [T_PLUS, "+"],
    [T_MINUS, "-"],
    [T_STAR, "*"],
    [T_SLASH, "/"],
    [T_NOT, "!"],
    [T_QUESTION, "?"],
    [T_COLON, ":"],
    [T_AT, "@"],
    [T_DOT, "."],
    [T_QUOTE, '"'],
    [T_OPEN_PAREN, "("],
    [T_CLOSE_PAREN, ")"],
    [T_OPEN_BRACE, "{"],
    [T_CLOSE_BRACE, "}"],
    [T_OPEN_BRACKET, "["],
    [T_CLOSE_BRACKET, "]"],
    [T_SEMICOLON, ";"],
    [T_ASSIGN, "="],
    [T_COMMA, ","],
  ];
  for (const [kind, text] of words) set(kind, `'${text}'`);
  return names;
}

/** Keywords; the interned-name table holds them first, in this order. */
export const KEYWORDS: readonly string[] = [
  "if",
  "then",
  "else",
  "assert",
  "with",
  "let",
  "in",
  "rec",
  "inherit",
  "or",
];
/** The kind of `KEYWORDS[0]`; the others follow in order. */
export const FIRST_KEYWORD = T_IF;

/** 1 for the kinds that can begin an argument of a function call or a list element. */
export const STARTS_SIMPLE: Uint8Array = makeStarts();

function makeStarts(): Uint8Array {
  const table = new Uint8Array(KINDS);
  for (const kind of [
    T_ID,
    T_INT,
    T_FLOAT,
    T_QUOTE,
    T_INDENTED_OPEN,
    T_PATH,
    T_HOME_PATH,
    T_SEARCH_PATH,
    T_URI,
    T_OPEN_PAREN,
    T_LET,
    T_REC,
    T_OPEN_BRACE,
    T_OPEN_BRACKET,
  ]) {
    table[kind] = 1;
  }
  return table;
}

// Binding powers, loosest first.
export const P_IMPL = 1;
const P_OR = 2;
const P_AND = 3;
export const P_EQ = 4;
export const P_COMPARE = 5;
export const P_UPDATE = 6;
export const P_NOT = 7;
const P_ADD = 8;
const P_MULTIPLY = 9;
export const P_CONCAT = 10;
export const P_HAS = 11;
export const P_NEGATE = 12;

/** Kind of an infix operator -> its binding power; 0 for what is none. */
export const INFIX_POWER: Uint8Array = new Uint8Array(KINDS);
/** Kind of an infix operator -> the operator of the syntax tree ("" for the others and for `?`). */
export const INFIX_OPERATOR: readonly (BinaryOperator | "")[] = makeInfix();

function makeInfix(): (BinaryOperator | "")[] {
  const operators = new Array<BinaryOperator | "">(KINDS).fill("");
  const rows: [number, number, BinaryOperator][] = [
    [T_IMPL, P_IMPL, "->"],
    [T_OR, P_OR, "||"],
    [T_AND, P_AND, "&&"],
    [T_EQ, P_EQ, "=="],
    [T_NEQ, P_EQ, "!="],
    [T_LESS, P_COMPARE, "<"],
    [T_GREATER, P_COMPARE, ">"],
    [T_LEQ, P_COMPARE, "<="],
    [T_GEQ, P_COMPARE, ">="],
    [T_UPDATE, P_UPDATE, "//"],
    [T_PLUS, P_ADD, "+"],
    [T_MINUS, P_ADD, "-"],
    [T_STAR, P_MULTIPLY, "*"],
    [T_SLASH, P_MULTIPLY, "/"],
    [T_CONCAT, P_CONCAT, "++"],
  ];
  for (const [kind, power, operator] of rows) {
    INFIX_POWER[kind] = power;
    operators[kind] = operator;
  }
  INFIX_POWER[T_QUESTION] = P_HAS;
  return operators;
}
