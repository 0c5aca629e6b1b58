/** Texts that are nearly expressions: with layout where there may be some, with words moved or lost. */
import { general } from "./expression.ts";
import type { Random } from "./random.ts";

const WORD =
  /"(?:[^"\\]|\\.)*"|''(?:[^']|'(?!'))*''|[a-zA-Z_][\w'-]*|\d+(?:\.\d*)?|\/\/|\+\+|==|!=|<=|>=|&&|\|\||->|\.\.\.|\$\{|\s+|./gs;
const LAYOUT = [" ", "  ", "\n", "/* c */", "# c\n", "/**/", "/** doc */", "\r\n", " /* * */ "];
const WORDS = [
  ...[
    "let",
    "in",
    "rec",
    "inherit",
    "with",
    "assert",
    "if",
    "then",
    "else",
    "or",
    "a",
    "x'",
    "1",
    "1.",
    ".5",
    "00",
    "1e3",
  ],
  ...[
    "(",
    ")",
    "{",
    "}",
    "[",
    "]",
    ";",
    ":",
    ",",
    "?",
    "@",
    "=",
    ".",
    "...",
    "!",
    "-",
    "+",
    "*",
    "/",
    "//",
    "++",
    "<",
    ">",
  ],
  ...[
    "==",
    "&&",
    "||",
    "->",
    '"',
    "''",
    "${",
    "$",
    "./a",
    "/a",
    "a/b",
    "~/a",
    "<a>",
    "x:x",
    "|>",
    "<|",
    "__curPos",
    "a.b",
    "%",
    "\\",
  ],
];

const LONGEST = 120;

/** Layout between words, which changes nothing. */
function noisy(r: Random, words: readonly string[]): string {
  return words
    .map((word) => (/^\s+$/.test(word) && r.chance(0.3) ? ` ${r.pick(LAYOUT)} ` : word))
    .join("");
}

function changed(r: Random, words: string[]): void {
  const at = r.below(words.length);
  r.pick([
    () => words.splice(at, 1),
    () => words.splice(at, 0, r.pick(WORDS)),
    () => words.splice(at, 0, ` ${r.pick(WORDS)} `),
    () => words.splice(at, 1, r.pick(WORDS)),
    () => words.splice(at, 0, words[r.below(words.length)] as string),
    () => words.splice(at, 1 + r.below(4)),
  ])();
}

export function syntax(r: Random): string {
  for (;;) {
    const words = general(r).match(WORD) ?? [];
    // A mistake in a long text hides the next ones.
    if (words.length > LONGEST) continue;
    for (let left = r.below(3); left > 0 && words.length > 0; left--) changed(r, words);
    return noisy(r, words);
  }
}
