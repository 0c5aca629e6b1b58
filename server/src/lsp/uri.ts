/**
 * Between `file:` URIs and absolute paths. Documents that are no files (`untitled:`) are known by
 * their URI everywhere.
 */

/** The path of a `file:` URI, or null for any other. */
export function pathOfUri(uri: string): string | null {
  const match = /^file:\/\/([^/?#]*)(\/[^?#]*)/i.exec(uri);
  if (!match) return null;
  const [, host, path] = match;
  try {
    const decoded = decodeURIComponent(path ?? "");
    // A share of another machine keeps its name; a drive letter stays `/c:/…` until the host sees it.
    return host === "" || host === "localhost" ? decoded : `//${host}${decoded}`;
  } catch {
    // Not percent-encoded as it should be: taken as it stands.
    return path ?? null;
  }
}

export function uriOfPath(path: string): string {
  return `file://${path.split("/").map(encodeSegment).join("/")}`;
}

/** What identifies a document inside: its path, else its URI. */
export function idOfUri(uri: string): string {
  return pathOfUri(uri) ?? uri;
}

export function uriOfId(id: string): string {
  return id.startsWith("/") ? uriOfPath(id) : id;
}

/** As VS Code writes URIs, so that the two are equal as text too. */
function encodeSegment(segment: string): string {
  return encodeURIComponent(segment).replace(
    /[!'()*]/g,
    (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}
