/** "Did you mean …?": Nix's rule, names within two edits, best first, five at most. */
import type { ByteString } from "../../base/bytes.ts";

const MAX_DISTANCE = 2;
const MAX_SUGGESTIONS = 5;

/** The Levenshtein distance, or more than `limit` as soon as it must be. */
export function editDistance(a: string, b: string, limit: number): number {
  if (Math.abs(a.length - b.length) > limit) return limit + 1;
  let previous = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    let least = i;
    for (let j = 1; j <= b.length; j++) {
      const substituted =
        (previous[j - 1] as number) + (a.charCodeAt(i - 1) === b.charCodeAt(j - 1) ? 0 : 1);
      const cost = Math.min(substituted, (previous[j] as number) + 1, (row[j - 1] as number) + 1);
      row.push(cost);
      if (cost < least) least = cost;
    }
    if (least > limit) return limit + 1;
    previous = row;
  }
  return previous[b.length] as number;
}

export function bestMatches(names: Iterable<ByteString>, wanted: ByteString): ByteString[] {
  const found: { name: ByteString; distance: number }[] = [];
  for (const name of names) {
    const distance = editDistance(name, wanted, MAX_DISTANCE);
    if (distance <= MAX_DISTANCE) found.push({ name, distance });
  }
  found.sort((a, b) => a.distance - b.distance || (a.name < b.name ? -1 : 1));
  return found.slice(0, MAX_SUGGESTIONS).map((match) => match.name);
}

/** The line Nix prints, or "" when there is nothing to suggest. */
export function didYouMean(suggestions: readonly ByteString[]): ByteString {
  if (suggestions.length === 0) return "";
  if (suggestions.length === 1) return `Did you mean ${suggestions[0]}?`;
  const last = suggestions[suggestions.length - 1];
  return `Did you mean one of ${suggestions.slice(0, -1).join(", ")} or ${last}?`;
}
