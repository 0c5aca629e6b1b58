/** A locked reference as its URL is shown. */
import type { FlakeRef } from "./flake-ref.ts";

/** The URL of a commit needs no hash. */
export function lockedUrl(locked: FlakeRef): FlakeRef {
  if (locked.get("type") !== "git") return locked;
  return new Map([...locked].filter(([name]) => name !== "narHash"));
}
