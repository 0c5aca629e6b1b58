/** The files beside a file, or above it, whose text speaks of it: one of them may be what it is for. */
import type { ByteString } from "../base/bytes.ts";
import type { Evaluator } from "./evaluator.ts";
import { parentPath, pathBaseName } from "./lib/canonical-path.ts";

/** What the file that brings others together is called. */
const NAMES = ["default.nix", "shell.nix", "overlay.nix", "configuration.nix", "release.nix"];
/** Directories above it that are looked at. */
const LEVELS = 4;
const LARGEST = 1_000_000;

/** Open documents first, then the nearest. */
export function possibleUsers(
  ev: Evaluator,
  path: ByteString,
  open: Iterable<ByteString>,
): ByteString[] {
  const found = new Set<ByteString>();
  const [own = ""] = mentions(path.slice(1)).map(pathBaseName);
  for (const document of open) {
    if (document === path || own === "") continue;
    const text = ev.host.readFile(document);
    if (text.ok === true && text.value.includes(own)) found.add(document);
  }
  let directory = parentPath(path);
  for (let level = 0; level < LEVELS && directory !== "/"; level++) {
    const relative = path.slice(directory.length + 1);
    const words = mentions(relative);
    for (const name of NAMES) {
      const candidate = `${directory}/${name}`;
      if (candidate === path) continue;
      const text = ev.host.readFile(candidate);
      if (text.ok !== true || text.value.length > LARGEST) continue;
      if (words.some((word) => text.value.includes(word))) found.add(candidate);
    }
    directory = parentPath(directory);
  }
  return [...found];
}

/** How a text names a file: by its path, and a directory's `default.nix` by the directory. */
function mentions(relative: ByteString): ByteString[] {
  if (pathBaseName(relative) !== "default.nix") return [`./${relative}`];
  const directory = relative.slice(0, -"/default.nix".length);
  return directory === "" ? [] : [`./${directory}`];
}
