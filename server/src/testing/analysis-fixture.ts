/** An analysis of the little documents of a fixture: all its files are open. */
import { bytesToText } from "../base/bytes.ts";
import { AnalysisHost } from "../ide/analysis.ts";
import type { FileView } from "../ide/file-view.ts";
import { DEFAULT_PATH, type Fixture, parseFixture } from "./fixture.ts";
import { nixGrammar } from "./nix-grammar.ts";

const grammar = await nixGrammar();

export interface AnalysisFixture {
  readonly host: AnalysisHost;
  readonly fixture: Fixture;
  /** The file of the cursor, else the first one. */
  readonly id: string;
  /** The cursor, or 0. */
  readonly offset: number;
  /** What stands between two offsets of `id`. */
  text(span: { readonly start: number; readonly end: number }): string;
}

export function analyze(text: string): AnalysisFixture {
  const fixture = parseFixture(text);
  const host = new AnalysisHost({
    files: filesOf(fixture),
    openTolerant: (text, lines) => grammar.open(text, lines),
  });
  for (const [path, contents] of fixture.files) host.open(path, 1, contents);
  const id = fixture.cursor?.path ?? [...fixture.files.keys()][0] ?? DEFAULT_PATH;
  const source = host.analysis().file(id)?.source ?? "";
  return {
    host,
    fixture,
    id,
    offset: fixture.cursor?.offset ?? 0,
    text: ({ start, end }) => bytesToText(source.slice(start, end)),
  };
}

/** The fixture's files as a file system; `<x>` is looked up as `/lookup/x`, home is `/home/user`. */
export function filesOf(fixture: Fixture): FileView {
  const paths = [...fixture.files.keys()];
  return {
    home: "/home/user",
    kind: (path) => {
      if (paths.includes(path)) return "file";
      return paths.some((known) => known.startsWith(`${path}/`)) ? "directory" : null;
    },
    lookup: (name) => `/lookup/${name}`,
  };
}
