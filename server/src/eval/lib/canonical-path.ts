/** Absolute POSIX paths without `.`, `..`, empty components and trailing slash. `..` above `/` stays at `/`. */
import type { ByteString } from "../../base/bytes.ts";

export function canonicalPath(path: ByteString): ByteString {
  if (!/\/(?:\/|\.|$)/.test(path)) return path;
  const out: string[] = [];
  for (const part of path.split("/")) {
    if (part === "" || part === ".") continue;
    if (part === "..") out.pop();
    else out.push(part);
  }
  return `/${out.join("/")}`;
}

/** The directory that holds `path`; "/" for "/" itself. */
export function parentPath(path: ByteString): ByteString {
  const at = path.lastIndexOf("/");
  return at <= 0 ? "/" : path.slice(0, at);
}

/** The last component of a canonical path; "" for "/". */
export function pathBaseName(path: ByteString): ByteString {
  return path.slice(path.lastIndexOf("/") + 1);
}
