/** What a path literal means: an absolute path. */
import type { ByteString } from "../base/bytes.ts";

/** Resolves `.`, `..` and empty steps of an absolute path; `..` above the root stays at the root. */
export function canonicalPath(path: ByteString): ByteString {
  const steps: string[] = [];
  for (const step of path.split("/")) {
    if (step === "..") steps.pop();
    else if (step !== "" && step !== ".") steps.push(step);
  }
  return `/${steps.join("/")}`;
}

/**
 * The absolute path that the text of a path literal means, as Nix computes it while parsing.
 * `basePath` is the directory of the file, absolute; `homeDir` is $HOME. A trailing slash (before an
 * interpolation) stays, and the path of `~/…` is not made canonical.
 */
export function resolvePathLiteral(
  text: ByteString,
  basePath: ByteString,
  homeDir: ByteString,
): ByteString {
  if (text.charCodeAt(0) === 126 /* ~ */) return homeDir + text.slice(1);
  const path = canonicalPath(text.charCodeAt(0) === 47 ? text : `${basePath}/${text}`);
  return text.length > 1 && text.endsWith("/") ? `${path}/` : path;
}
