/** What a derivation forbids its outputs: to refer to paths, or to be large. */
import type { ByteString } from "../base/bytes.ts";
import type { PathInfo } from "../store/path-info.ts";
import type { OutputChecks } from "./derivation-options.ts";

/** Finds out about paths: outputs of the same build first, then the store. */
type InfoOf = (path: ByteString) => PathInfo | undefined;

/**
 * What is wrong, in Nix's words; `undefined`: nothing.
 *
 * @param outputs name to path, of the same derivation
 */
export function outputProblem(
  info: PathInfo,
  checks: OutputChecks,
  outputs: ReadonlyMap<ByteString, ByteString>,
  infoOf: InfoOf,
): ByteString | undefined {
  const requisites = () => closure(info, infoOf);
  const named = (list: readonly ByteString[]) => new Set(list.map((n) => outputs.get(n) ?? n));
  const { maxSize, maxClosureSize } = checks;
  if (maxSize !== undefined && info.narSize > maxSize) {
    return `path '${info.path}' is too large at ${info.narSize} bytes; limit is ${maxSize} bytes`;
  }
  if (maxClosureSize !== undefined) {
    const size = requisites().reduce((sum, path) => sum + (infoOf(path)?.narSize ?? 0), 0);
    if (size > maxClosureSize) {
      return `closure of path '${info.path}' is too large at ${size} bytes; limit is ${maxClosureSize} bytes`;
    }
  }
  const rules: [readonly ByteString[] | undefined, allowed: boolean, recursive: boolean][] = [
    [checks.allowedReferences, true, false],
    [checks.allowedRequisites, true, true],
    [checks.disallowedReferences, false, false],
    [checks.disallowedRequisites, false, true],
  ];
  for (const [list, allowed, recursive] of rules) {
    if (list === undefined) continue;
    const paths = named(list);
    // A closure without the path itself, unless it refers to itself.
    const used = recursive
      ? requisites().filter((path) => path !== info.path || info.references.includes(path))
      : info.references;
    const wrong = used.filter((path) => paths.has(path) !== allowed);
    if (wrong.length > 0) {
      const lines = wrong.map((path) => `\n  ${path}`).join("");
      return `output '${info.path}' is not allowed to refer to the following paths:${lines}`;
    }
  }
  return undefined;
}

function closure(info: PathInfo, infoOf: InfoOf): ByteString[] {
  const found = new Set([info.path]);
  for (const path of found)
    for (const reference of (path === info.path ? info : infoOf(path))?.references ?? [])
      found.add(reference);
  return [...found].sort();
}
