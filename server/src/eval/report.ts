/** Errors as text: `error: MESSAGE`, where, the source line, suggestions, the trace. */
import type { ByteString } from "../base/bytes.ts";
import type { NixError, TraceFrame } from "./errors.ts";
import type { Evaluator } from "./evaluator.ts";
import { didYouMean } from "./lib/suggestions.ts";

const INDENT = "       ";

/** Of a longer line only the part around the column is shown. In bytes. */
const LONGEST_LINE = 2000;
/** Without `--show-trace`; a frame with a position counts twice. */
const FEW_FRAMES = 3;
/** More repetitions of frames than these are counted and not shown. */
const SHOWN_REPETITIONS = 5;

/** `at FILE:L:C:` and the lines around it. */
function excerpt(ev: Evaluator, position: number, indent: string): string[] {
  const place = ev.positions.find(position);
  if (place === null) return [];
  const { line, column } = ev.positions.lineColumn(place);
  const out = [`${indent}at ${place.file.label}:${line}:${column}:`];
  const from = Math.max(0, column - 1 - LONGEST_LINE / 2);
  for (const n of [line - 1, line, line + 1]) {
    const text = ev.positions.line(place.file, n);
    if (text === null) continue;
    const long = text.length > LONGEST_LINE;
    const shown = long ? text.slice(from, from + LONGEST_LINE) : text;
    out.push(`${indent}  ${String(n).padStart(6)}| ${shown}`);
    if (n === line) out.push(`${indent}        | ${" ".repeat(column - 1 - (long ? from : 0))}^`);
  }
  return out;
}

export interface ReportOptions {
  /** Every trace line, not only the first few that Nix always shows. */
  showTrace: boolean;
}

export function reportError(ev: Evaluator, error: NixError, options: ReportOptions): ByteString {
  const lines = [`error: ${error.message}`, ...excerpt(ev, error.pos, INDENT)];
  const hint = didYouMean(error.suggestions);
  if (hint !== "") lines.push(`${INDENT}${hint}`);
  let count = 0;
  const seen = new Set<string>();
  let skipped: TraceFrame[] = [];
  const print = (frame: TraceFrame) => {
    const where = excerpt(ev, frame.pos, `${INDENT}  `);
    lines.push("", `${INDENT}\xe2\x80\xa6 ${frame.text}`, ...where);
    count += where.length > 0 ? 2 : 1;
  };
  const flush = () => {
    if (skipped.length <= SHOWN_REPETITIONS) skipped.forEach(print);
    else lines.push("", `${INDENT}(${skipped.length} duplicate frames omitted)`);
    skipped = [];
  };
  let truncated = false;
  for (const frame of error.frames) {
    // Calls are told with the whole trace only.
    if (!options.showTrace && (!frame.always || count > FEW_FRAMES)) {
      truncated ||= count > FEW_FRAMES;
      continue;
    }
    const key = `${frame.pos} ${frame.text}`;
    if (seen.has(key)) skipped.push(frame);
    else {
      seen.add(key);
      flush();
      print(frame);
    }
  }
  flush();
  if (truncated) {
    lines.push(
      "",
      `${INDENT}(stack trace truncated; use '--show-trace' to show the full, detailed trace)`,
    );
  }
  return `${lines.join("\n")}\n`;
}
