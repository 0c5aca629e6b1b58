/** Strings between two single quotes: where their indentation ends, and what is no indentation. */
import type { Random } from "./random.ts";

export function indented(r: Random): string {
  const piece = () =>
    r.pick([
      "a",
      " ",
      "  ",
      "b c",
      "'",
      "$",
      "''$",
      "'''",
      "''\\n",
      "''\\t",
      '${"x"}',
      '${" "}',
      "$$",
      "''\\ ",
    ]);
  const line = () =>
    `${" ".repeat(r.below(5))}${r.chance(0.01) ? "\u0009" : ""}${r.some(3, piece).join("")}${" ".repeat(r.chance(0.2) ? 2 : 0)}`;
  const lines = Array.from({ length: 1 + r.below(4) }, line);
  const text = `''${r.pick(["", "", "  ", "\n", " \n"])}${lines.join("\n")}${r.pick(["", "\n", "\n  ", "\n    "])}''`;
  return r.pick([text, `(x: x) ${text}`, `[ ${text} ]`, `"\${${text}}"`]);
}
