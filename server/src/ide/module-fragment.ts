/**
 * Feature: a file that holds bindings without a set around them, `nix.settings = { … };`, as a page
 * about NixOS options shows them. Nix says "unexpected '='"; here it is said what such a file needs,
 * and the fix writes it.
 */
import { bytesToText } from "../base/bytes.ts";
import { parseNix } from "../syntax/parser.ts";
import type { Fix } from "./diagnostic.ts";
import type { SourceFile } from "./source-file.ts";

export const MODULE_FRAGMENT = "module-fragment";

/** Longer texts are files that something else is wrong with. In bytes. */
const LARGEST = 100_000;

/** What to add to the syntax error of such a file; null for any other. */
export function moduleFragment(file: SourceFile): { help: string; fix: Fix } | null {
  const { source } = file;
  if (file.syntax.exact || source.length > LARGEST || !/=/.test(source)) return null;
  const isEnded = parseNix(`{${source}\n}`, { fileName: "" });
  const { expr } = isEnded.expr ? isEnded : parseNix(`{${source}\n;}`, { fileName: "" });
  if (expr?.kind !== "AttrSet" || expr.bindings.length === 0) return null;
  const last = expr.bindings.at(-1);
  // The brace in front of it counts too.
  const end = isEnded.expr || last?.kind !== "Value" ? null : last.value.end - 1;
  const whole = end === null ? source : withSemicolon(source, end);
  const text = bytesToText(whole);
  return {
    help: "these are bindings, and a file holds one expression: a NixOS module is a function, { config, pkgs, ... }: { … }",
    fix: {
      title: "Wrap it in a module: { config, pkgs, ... }: { … }",
      isPreferred: true,
      edits: [{ start: 0, end: source.length, text: wrapped(text, whole) }],
    },
  };
}

/** After a value, and after the parentheses around it. */
function withSemicolon(source: string, end: number): string {
  const closing = /^(\s*\))*/.exec(source.slice(end))?.[0].length ?? 0;
  return `${source.slice(0, end + closing)};${source.slice(end + closing)}`;
}

function wrapped(text: string, source: string): string {
  const eol = text.includes("\r\n") ? "\r\n" : "\n";
  const lines = text.replace(/\s+$/, "").split(/\r\n|\n/);
  const body = isIndentable(source) ? lines.map((line) => (line === "" ? "" : `  ${line}`)) : lines;
  return ["{ config, pkgs, ... }:", "", "{", ...body, "}", ""].join(eol);
}

/** Whether lines may move: inside `"…"` spaces at the beginning of a line would be part of the value. */
function isIndentable(source: string): boolean {
  return !/"(?:[^"\\]|\\.)*\n(?:[^"\\]|\\.)*"/s.test(source);
}
