/** Errors as text: `error: MESSAGE`, where, the source line, suggestions, the trace. */
import type { ByteString } from "../base/bytes.ts";
import type { NixError } from "./errors.ts";
import type { Evaluator } from "./evaluator.ts";
import { didYouMean } from "./lib/suggestions.ts";

const INDENT = "       ";

/** `at FILE:L:C:` and the lines around it. */
function excerpt(ev: Evaluator, position: number, indent: string): string[] {
  const place = ev.positions.find(position);
  if (place === null) return [];
  const { line, column } = ev.positions.lineColumn(place);
  const lines = place.file.text.split(/\r\n|\n|\r/);
  const out = [`${indent}at ${place.file.label}:${line}:${column}:`];
  for (const n of [line - 1, line, line + 1]) {
    const text = lines[n - 1];
    if (text === undefined) continue;
    out.push(`${indent}  ${String(n).padStart(6)}| ${text}`);
    if (n === line) out.push(`${indent}        | ${" ".repeat(column - 1)}^`);
  }
  return out;
}

export interface ReportOptions {
  /** Every trace line, not only those that Nix always shows. */
  showTrace: boolean;
}

export function reportError(ev: Evaluator, error: NixError, options: ReportOptions): ByteString {
  const lines = [`error: ${error.message}`, ...excerpt(ev, error.pos, INDENT)];
  const hint = didYouMean(error.suggestions);
  if (hint !== "") lines.push(`${INDENT}${hint}`);
  const frames = error.frames.filter((frame) => options.showTrace || frame.always);
  let repeated = 0;
  let before = "";
  const flush = () => {
    if (repeated > 0)
      lines.push("", `${INDENT}(${repeated} duplicate frame${repeated === 1 ? "" : "s"} omitted)`);
    repeated = 0;
  };
  for (const frame of frames) {
    const key = `${frame.pos} ${frame.text}`;
    if (key === before) {
      repeated++;
      continue;
    }
    flush();
    before = key;
    lines.push("", `${INDENT}\xe2\x80\xa6 ${frame.text}`, ...excerpt(ev, frame.pos, `${INDENT}  `));
  }
  flush();
  if (frames.length < error.frames.length) {
    lines.push(
      "",
      `${INDENT}(stack trace truncated; use '--show-trace' to show the full, detailed trace)`,
    );
  }
  return `${lines.join("\n")}\n`;
}
