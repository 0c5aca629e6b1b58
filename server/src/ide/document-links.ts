/** Feature: document links. Every path in the text that leads to something that is there. */
import type { Span } from "../scope/bindings.ts";
import type { FileView } from "./file-view.ts";
import { fileToOpen, isPath, pathTarget, type WrittenPath } from "./path-target.ts";
import type { SourceFile } from "./source-file.ts";
import { walk } from "./walk.ts";

export interface DocumentLink extends Span {
  /** Absolute path of the file that it opens. */
  readonly file: string;
}

export interface LinkedPath extends Span, WrittenPath {}

/** More would only slow the editor down: each needs a look at the disk. */
const MOST = 500;

/** The paths of a text, wherever they lead. */
export function writtenPaths(file: SourceFile): LinkedPath[] {
  const paths: LinkedPath[] = [];
  walk(file.syntax.expr, (expr) => {
    if (isPath(expr) && paths.length < MOST) {
      const { start, end, kind, value } = expr;
      paths.push({ start, end, kind, value });
    }
    return true;
  });
  return paths;
}

export function documentLinks(
  file: Pick<SourceFile, "directory">,
  paths: readonly LinkedPath[],
  files: FileView,
): DocumentLink[] {
  return paths.flatMap((path) => {
    const target = pathTarget(file, path, files);
    const opened = target === null ? null : fileToOpen(target, files);
    return opened === null ? [] : [{ start: path.start, end: path.end, file: opened }];
  });
}
