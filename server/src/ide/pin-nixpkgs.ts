/**
 * Feature: `<nixpkgs>` written out as one revision, so that the file means the same everywhere: it is
 * replaced by the fetching of an archive with its hash.
 */
import { bytesToText } from "../base/bytes.ts";
import type { SearchPath } from "../syntax/ast.ts";
import type { Fix, TextReplacement } from "./diagnostic.ts";
import type { EvaluationError } from "./evaluation-view.ts";
import type { FileView } from "./file-view.ts";
import type { SourceFile } from "./source-file.ts";
import { walk } from "./walk.ts";

/** The branches of nixpkgs that are offered to be pinned, the one for most people first. */
export const NIXPKGS_RELEASES: readonly { readonly name: string; readonly about: string }[] = [
  { name: "nixos-26.05", about: "stable" },
  { name: "nixos-unstable", about: "the newest, tested" },
  { name: "nixpkgs-unstable", about: "the newest, less tested" },
  { name: "nixos-25.11", about: "the stable release before" },
];

/** Repository of all of them, on GitHub. */
export const NIXPKGS_REPOSITORY = { owner: "NixOS", repo: "nixpkgs" } as const;

export interface Pin {
  /** Of an archive. */
  readonly url: string;
  /** Of its files, in base 32. */
  readonly sha256: string;
  /** What it was when it was pinned: `nixos-unstable`. Null: nothing but its revision is known. */
  readonly name: string | null;
}

/** Every `<nixpkgs>` of the file, replaced. */
export function pinNixpkgs(file: SourceFile, { url, sha256, name }: Pin): TextReplacement[] {
  return uses(file).map((use) => {
    const indent = /^[ \t]*/.exec(lineAt(file, use.start))?.[0] ?? "";
    const comment = name === null ? "" : ` # ${name}`;
    const lines = [
      "(fetchTarball {",
      `${indent}  url = "${url}";${comment}`,
      `${indent}  sha256 = "${sha256}";`,
      `${indent}})`,
    ];
    return replaced(use, lines.join("\n"));
  });
}

/** What to do about a `<nixpkgs>` that is nowhere. Null: the error is another. */
export function missingNixpkgs(
  file: SourceFile,
  { message }: EvaluationError,
  view: Pick<FileView, "kind">,
): { line: string; fixes: Fix[] } | null {
  if (!/^file 'nixpkgs(?:\/[^']*)?' was not found in the Nix search path/.test(message))
    return null;
  // One that is in another file can only be mended there.
  if (uses(file).length === 0) return { line: `Say where nixpkgs is: ${WHERE}`, fixes: [] };
  const pins = pinFile(file, view);
  const own = pins === null ? [] : [useOfPins(file, pins)];
  const offered = NIXPKGS_RELEASES.slice(0, 2).map(
    ({ name, about }, i): Fix => ({
      title: `Pin nixpkgs to ${name} (${about})`,
      isPreferred: i === 0 && pins === null,
      edits: [],
      command: { name: "pinNixpkgs", arguments: [name] },
    }),
  );
  const other: Fix = {
    title: "Pin nixpkgs to another release or revision …",
    edits: [],
    command: { name: "pinNixpkgs", arguments: [] },
  };
  const line =
    pins === null
      ? `Pin a release of nixpkgs in this file, or say where it is: ${WHERE}`
      : `${pins.name} keeps the sources of this project.`;
  return { line, fixes: [...own, ...offered, other] };
}

const WHERE = "setting snowglobe.nixPath, or variable NIX_PATH.";

interface Pins {
  readonly name: string;
  /** As a path of Nix, from the file. */
  readonly path: string;
}

/** Tools that keep a project's sources, by the file that they write. */
const PIN_FILES = [
  { name: "npins", at: "npins/default.nix", path: "npins" },
  { name: "niv", at: "nix/sources.nix", path: "nix/sources.nix" },
];

/** The nearest one above the file. */
function pinFile(file: SourceFile, view: Pick<FileView, "kind">): Pins | null {
  let up = "./";
  for (let directory = file.directory; directory; directory = parentOf(directory)) {
    for (const { name, at, path } of PIN_FILES)
      if (view.kind(`${directory}/${at}`) === "file") return { name, path: `${up}${path}` };
    if (view.kind(`${directory}/.git`) !== null) return null;
    up = up === "./" ? "../" : `../${up}`;
  }
  return null;
}

/** Empty above the top. */
const parentOf = (directory: string) => directory.slice(0, directory.lastIndexOf("/"));

function useOfPins(file: SourceFile, { name, path }: Pins): Fix {
  return {
    title: `Use the nixpkgs of ${name}`,
    isPreferred: true,
    edits: uses(file).map((use) => replaced(use, `(import ${path}).nixpkgs`)),
  };
}

function uses(file: SourceFile): SearchPath[] {
  const found: SearchPath[] = [];
  walk(file.syntax.expr, (expr) => {
    if (expr.kind === "SearchPath" && /^nixpkgs(?:$|\/)/.test(expr.value)) found.push(expr);
    return true;
  });
  return found;
}

/** `<nixpkgs/lib>` is a file below it. */
function replaced({ start, end, value }: SearchPath, source: string): TextReplacement {
  const rest = bytesToText(value.slice("nixpkgs".length));
  return { start, end, text: rest === "" ? source : `(${source} + "${rest}")` };
}

function lineAt(file: SourceFile, offset: number): string {
  const start = file.source.lastIndexOf("\n", offset - 1) + 1;
  return file.source.slice(start, offset);
}
