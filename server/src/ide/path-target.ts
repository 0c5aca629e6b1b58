/** Where a path in the text leads. */
import { bytesToText } from "../base/bytes.ts";
import type { Expr, PathLiteral, SearchPath } from "../syntax/ast.ts";
import type { FileView } from "./file-view.ts";
import type { SourceFile } from "./source-file.ts";

export function isPath(expr: Expr): expr is PathLiteral | SearchPath {
  return expr.kind === "Path" || expr.kind === "SearchPath";
}

/** The absolute path that a path literal means, whether or not something is there; null when unknown. */
export function pathTarget(
  file: SourceFile,
  expr: PathLiteral | SearchPath,
  files: FileView,
): string | null {
  if (expr.kind === "SearchPath") return files.lookup(bytesToText(expr.value));
  return literalTarget(file, expr, files.home);
}

export function literalTarget(
  file: SourceFile,
  { value }: PathLiteral,
  home: FileView["home"],
): string | null {
  const text = bytesToText(value);
  if (text.startsWith("/")) return canonicalPath(text);
  if (text.startsWith("~")) return home === null ? null : canonicalPath(home + text.slice(1));
  return file.directory === null ? null : canonicalPath(`${file.directory}/${text}`);
}

/** The file that opening a path shows: for a directory its `default.nix`, null when there is none. */
export function fileToOpen(path: string, files: Pick<FileView, "kind">): string | null {
  const kind = files.kind(path);
  if (kind === "file") return path;
  if (kind !== "directory") return null;
  const inside = path === "/" ? "/default.nix" : `${path}/default.nix`;
  return files.kind(inside) === "file" ? inside : null;
}

/** Without `.`, `..`, doubled slashes and a slash at the end. */
export function canonicalPath(path: string): string {
  const parts: string[] = [];
  for (const part of path.split("/")) {
    if (part === "..") parts.pop();
    else if (part !== "" && part !== ".") parts.push(part);
  }
  return `/${parts.join("/")}`;
}
