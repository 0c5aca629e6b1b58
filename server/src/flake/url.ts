/** URLs as flake references use them: the subset of RFC 3986 that Nix reads, over byte strings. */
import type { ByteString } from "../base/bytes.ts";

export interface FlakeUrl {
  scheme: string;
  /** `host` of `//host/path`; null when there is no `//`. */
  authority: ByteString | null;
  /** Decoded. */
  path: ByteString;
  /** Decoded, in byte order when printed. */
  query: Map<ByteString, ByteString>;
  fragment: ByteString;
}

const PCHAR = "(?:[a-zA-Z0-9\\-._~!$&'\"()*+,;=:@]|%[0-9a-fA-F]{2})";
const URL = new RegExp(
  `^([a-z][a-z0-9+.\\-]*):(?://((?:${PCHAR}|[\\[\\]])*)(?=[/?#]|$))?((?:${PCHAR}|/)*)` +
    `(?:\\?((?:${PCHAR}|[/? ])*))?(?:#((?:${PCHAR}|[/? ^])*))?$`,
);

/** Null when it is no URL. */
export function parseUrl(text: ByteString): FlakeUrl | null {
  const match = URL.exec(text);
  if (match === null) return null;
  const [, scheme = "", authority, path = "", query = "", fragment = ""] = match;
  return {
    scheme,
    authority: authority ?? null,
    path: percentDecode(path),
    query: parseQuery(query),
    fragment: percentDecode(fragment),
  };
}

function parseQuery(text: ByteString): Map<ByteString, ByteString> {
  const query = new Map<ByteString, ByteString>();
  for (const part of text.split("&")) {
    const equals = part.indexOf("=");
    if (equals >= 0) query.set(part.slice(0, equals), percentDecode(part.slice(equals + 1)));
  }
  return query;
}

export function printUrl({ scheme, authority, path, query, fragment }: FlakeUrl): ByteString {
  const start = authority === null ? "" : `//${authority}`;
  const pairs = [...query].sort(([a], [b]) => (a < b ? -1 : 1));
  const search = pairs.map(([name, value]) => `${encode(name, "")}=${encode(value, "/:@?")}`);
  return (
    `${scheme}:${start}${encode(path, "!$&'()*+,;=:@/")}` +
    (search.length === 0 ? "" : `?${search.join("&")}`) +
    (fragment === "" ? "" : `#${encode(fragment, "!$&'()*+,;=:@/?")}`)
  );
}

export function percentDecode(text: ByteString): ByteString {
  return text.replace(/%([0-9a-fA-F]{2})/g, (_, hex: string) =>
    String.fromCharCode(Number.parseInt(hex, 16)),
  );
}

function encode(text: ByteString, keep: string): ByteString {
  return text.replace(/[^a-zA-Z0-9\-._~]/g, (char) =>
    keep.includes(char)
      ? char
      : `%${char.charCodeAt(0).toString(16).toUpperCase().padStart(2, "0")}`,
  );
}
