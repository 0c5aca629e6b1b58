/**
 * Little documents for tests: one string that holds a few files and marks.
 *
 * - A line `#- /path.nix` starts a file; without one the text is one file, `/default.nix`.
 * - `$0` marks the cursor; two of them mark a range. They are cut out of the text.
 * - A comment `# ^^^ words` labels what stands above the carets, on the line above it. It stays.
 *
 * All offsets are bytes of the UTF-8 text, as everywhere in `ide`.
 */
import { bytesFromText } from "../base/bytes.ts";

export interface FixtureLabel {
  path: string;
  start: number;
  end: number;
  text: string;
}

export interface Fixture {
  /** Path to text, in the order written. */
  files: Map<string, string>;
  /** Where the first `$0` stood. */
  cursor: { path: string; offset: number } | null;
  /** Where two `$0` stood. */
  range: { path: string; start: number; end: number } | null;
  labels: FixtureLabel[];
}

export const DEFAULT_PATH = "/default.nix";
const CURSOR = "$0";

export function parseFixture(text: string): Fixture {
  const fixture: Fixture = { files: new Map(), cursor: null, range: null, labels: [] };
  const marks: { path: string; offset: number }[] = [];
  for (const [path, marked] of splitFiles(text)) {
    let plain = "";
    let rest = marked;
    for (let at = rest.indexOf(CURSOR); at >= 0; at = rest.indexOf(CURSOR)) {
      plain += rest.slice(0, at);
      rest = rest.slice(at + CURSOR.length);
      marks.push({ path, offset: bytesFromText(plain).length });
    }
    plain += rest;
    fixture.files.set(path, plain);
    fixture.labels.push(...labelsOf(path, plain));
  }
  const [first, second, ...others] = marks;
  if (others.length > 0) throw new Error("a fixture has at most two $0");
  if (first) fixture.cursor = first;
  if (first && second) {
    if (first.path !== second.path) throw new Error("both $0 must stand in one file");
    fixture.range = { path: first.path, start: first.offset, end: second.offset };
  }
  return fixture;
}

/** The cursor of a fixture that must have one, with its file's text. */
export function atCursor(text: string): { fixture: Fixture; path: string; offset: number } {
  const fixture = parseFixture(text);
  if (!fixture.cursor) throw new Error("the fixture has no $0");
  return { fixture, ...fixture.cursor };
}

function splitFiles(text: string): [string, string][] {
  const files: [string, string][] = [];
  let path: string | null = null;
  let lines: string[] = [];
  const flush = () => {
    if (path !== null) files.push([path, `${lines.join("\n")}\n`]);
    lines = [];
  };
  if (!/^#- \//m.test(text)) return [[DEFAULT_PATH, text]];
  for (const line of text.replace(/\n$/, "").split("\n")) {
    const header = /^#- (\/\S+)$/.exec(line);
    if (header) {
      flush();
      path = header[1] as string;
    } else if (path !== null) lines.push(line);
    else if (line.trim() !== "") throw new Error("text in front of the first #- /path");
  }
  flush();
  return files;
}

function labelsOf(path: string, text: string): FixtureLabel[] {
  const labels: FixtureLabel[] = [];
  const lines = text.split("\n");
  let above = 0;
  let start = 0;
  for (const line of lines) {
    const label = /^(\s*#\s*)(\^+)(?: (.*))?$/.exec(line);
    if (label) {
      const column = (label[1] as string).length;
      const carets = (label[2] as string).length;
      const lineAbove = text.slice(above, text.indexOf("\n", above));
      const from = bytesFromText(text.slice(0, above)).length;
      labels.push({
        path,
        start: from + bytesFromText(lineAbove.slice(0, column)).length,
        end: from + bytesFromText(lineAbove.slice(0, column + carets)).length,
        text: label[3] ?? "",
      });
    } else above = start;
    start += line.length + 1;
  }
  return labels;
}
