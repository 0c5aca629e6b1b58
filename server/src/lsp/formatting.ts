/** Formatting by the user's own command, and the smallest edit that it comes to. */
import type { RunProcess } from "../host/run-process.ts";

export type FormatResult =
  | { readonly ok: true; readonly text: string }
  | { readonly ok: false; readonly reason: string };

const TIME_LIMIT = 15_000;

export async function formatText(
  text: string,
  command: readonly string[],
  cwd: string | null,
  runProcess: RunProcess,
): Promise<FormatResult> {
  const name = command[0] ?? "";
  try {
    const { exitCode, stdout, stderr } = await runProcess(command, {
      input: text,
      cwd,
      timeLimit: TIME_LIMIT,
    });
    if (exitCode === null) return { ok: false, reason: `${name} took too long or was killed` };
    if (exitCode !== 0) {
      const [first] = stderr.trim().split("\n", 1);
      return { ok: false, reason: first ? `${name}: ${first}` : `${name} failed (${exitCode})` };
    }
    if (stdout === "" && text.trim() !== "")
      return { ok: false, reason: `${name} printed nothing` };
    return { ok: true, text: stdout };
  } catch (error) {
    return { ok: false, reason: error instanceof Error ? error.message : String(error) };
  }
}

/** What differs between two texts, as one replacement in UTF-16 indices; null when nothing does. */
export function smallestEdit(
  before: string,
  after: string,
): { readonly start: number; readonly end: number; readonly text: string } | null {
  if (before === after) return null;
  const shorter = Math.min(before.length, after.length);
  let start = 0;
  while (start < shorter && before[start] === after[start]) start += 1;
  let same = 0;
  const longest = shorter - start;
  while (same < longest && before[before.length - 1 - same] === after[after.length - 1 - same]) {
    same += 1;
  }
  // Neither end may cut a character or a CRLF in two.
  while (start > 0 && splits(before, after, start, start)) start -= 1;
  while (same > 0 && splits(before, after, before.length - same, after.length - same)) same -= 1;
  return { start, end: before.length - same, text: after.slice(start, after.length - same) };
}

function splits(before: string, after: string, i: number, j: number): boolean {
  return isInside(before, i) || isInside(after, j);
}

function isInside(text: string, at: number): boolean {
  const left = text.charCodeAt(at - 1);
  const right = text.charCodeAt(at);
  const isPair = left >= 0xd800 && left < 0xdc00 && right >= 0xdc00 && right < 0xe000;
  return isPair || (left === 13 && right === 10);
}
