/** Errors as text: `error: MESSAGE`, where, the source line, suggestions, the trace. */
import type { ByteString } from "../base/bytes.ts";
import type { NixError, TraceFrame } from "./errors.ts";
import type { Evaluator } from "./evaluator.ts";
import { didYouMean } from "./lib/suggestions.ts";
import type { Positions } from "./positions.ts";

/** Of a longer line only the part around the column is shown. In bytes. */
const LONGEST_LINE = 2000;
/** Without `--show-trace`; a frame with a position counts twice. */
const FEW_FRAMES = 3;
/** More repetitions of frames than these are counted and not shown. */
const SHOWN_REPETITIONS = 5;

/** `at FILE:L:C:` and the lines around it; nothing for a position that is nowhere. */
export function excerpt(positions: Positions, position: number): string[] {
  const place = positions.find(position);
  if (place === null) return [];
  const { line, column } = positions.lineColumn(place);
  const out = [`at ${place.file.label}:${line}:${column}:`];
  const from = Math.max(0, column - 1 - LONGEST_LINE / 2);
  for (const n of [line - 1, line, line + 1]) {
    const text = positions.line(place.file, n);
    if (text === null) continue;
    const long = text.length > LONGEST_LINE;
    const shown = long ? text.slice(from, from + LONGEST_LINE) : text;
    out.push(`${String(n).padStart(6)}| ${shown}`);
    if (n === line) out.push(`      |${" ".repeat(column - (long ? from : 0))}^`);
  }
  return out;
}

/** Without the white space at its end; `trimEnd` would take bytes of other characters for spaces. */
function chomp(text: ByteString): ByteString {
  return text.replace(/[ \n\r\t]+$/, "");
}

/** The text behind a prefix, every line but the first indented by as much. */
export function underPrefix(prefix: string, text: ByteString): ByteString {
  const indent = " ".repeat(prefix.length);
  const lines = text.split("\n").map((line, i) => chomp(`${i === 0 ? prefix : indent}${line}`));
  return chomp(lines.join("\n"));
}

/** The trace as Nix prints it: what was asked for first comes first, with an empty line before each frame. */
function traceLines(ev: Evaluator, error: NixError): string[] {
  const { showTrace } = ev.settings;
  const lines: string[] = [];
  const seen = new Set<string>();
  let count = 0;
  let skipped: TraceFrame[] = [];
  const print = (frame: TraceFrame) => {
    const [where, ...source] = excerpt(ev.positions, frame.pos);
    lines.push("", `\xe2\x80\xa6 ${frame.text}`);
    if (where !== undefined) {
      lines.push(`  ${where}`, ...source);
      count++;
    }
  };
  const flush = () => {
    if (skipped.length <= SHOWN_REPETITIONS) skipped.forEach(print);
    else lines.push("", `(${skipped.length} duplicate frames omitted)`);
    skipped = [];
  };
  let truncated = false;
  for (const frame of error.frames.toReversed()) {
    if (frame.shown === "with-show-trace" && !showTrace) continue;
    truncated ||= !showTrace && count > FEW_FRAMES;
    if (truncated && frame.shown !== "always") continue;
    const key = `${frame.pos} ${frame.text}`;
    if (seen.has(key)) {
      skipped.push(frame);
      continue;
    }
    seen.add(key);
    flush();
    count++;
    print(frame);
  }
  flush();
  if (truncated) {
    lines.push("", "(stack trace truncated; use '--show-trace' to show the full, detailed trace)");
  }
  return lines;
}

const WARNING = "warning: ";

/** What a warning says, its place below it; `during` is the line of a trace before it. */
export function warningText(
  positions: Positions,
  message: ByteString,
  position: number,
  during: ByteString | null = null,
): ByteString {
  const trace = during === null ? [message] : ["", `\xe2\x80\xa6 ${during}`, "", WARNING + message];
  const lines = [...trace, ...excerpt(positions, position)];
  // Behind a trace the word stands alone on its line.
  return underPrefix(WARNING, lines.join("\n")).replace(/^warning: ?/, "");
}

/** The whole report, as the newest Nix lays it out; ends with a line feed. */
export function reportError(ev: Evaluator, error: NixError): ByteString {
  const trace = traceLines(ev, error);
  const hint = didYouMean(error.suggestions);
  const lines = [
    ...trace,
    ...(trace.length > 0 ? ["", `error: ${error.message}`] : [error.message]),
    ...excerpt(ev.positions, error.pos),
    ...(hint === "" ? [] : [hint]),
  ];
  return `${underPrefix("error: ", lines.join("\n"))}\n`;
}
