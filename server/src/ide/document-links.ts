/** Feature: document links. Every path in the text that leads to something that is there. */
import type { Span } from "../scope/bindings.ts";
import type { FileView } from "./file-view.ts";
import { fileToOpen, isPath, pathTarget } from "./path-target.ts";
import type { SourceFile } from "./source-file.ts";
import { walk } from "./walk.ts";

export interface DocumentLink extends Span {
  /** Absolute path of the file that it opens. */
  readonly file: string;
}

/** More would only slow the editor down: each needs a look at the disk. */
const MOST = 500;

export function documentLinks(file: SourceFile, files: FileView): DocumentLink[] {
  const links: DocumentLink[] = [];
  let looked = 0;
  walk(file.syntax.expr, (expr) => {
    if (looked === MOST) return false;
    if (!isPath(expr)) return true;
    looked += 1;
    const target = pathTarget(file, expr, files);
    const opened = target === null ? null : fileToOpen(target, files);
    if (opened !== null) links.push({ start: expr.start, end: expr.end, file: opened });
    return true;
  });
  return links;
}
