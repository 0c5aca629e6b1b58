/** Cells of the coverage that cannot be met, each with the reason. One that is met is reported. */
import type { ErrorKind } from "../../server/src/eval/errors.ts";
import type { Cell } from "./coverage.ts";
import type { Failing } from "./generate/arguments.ts";

/** Errors that no builtin is made to meet here: every other kind has terms that fail so. */
export const ERRORS_LEFT_OUT: Readonly<Record<Exclude<ErrorKind, Failing>, string>> = {
  "stack-overflow": "Nix 2.8 ends with it, where others go on",
  restricted: "it takes other settings",
  "not-fetched": "a real Nix would ask the network",
};

const FETCHERS = ["fetchGit", "fetchMercurial", "fetchTarball", "fetchurl"];
const CAUGHT: readonly ErrorKind[] = ["throw", "assert"];

/** Why a cell is not to be met; null: it is. */
export function leftOut(cell: Cell): string | null {
  if (!("error" in cell))
    return FETCHERS.includes(cell.builtin) && /^(string|path)$/.test(cell.type)
      ? ERRORS_LEFT_OUT["not-fetched"]
      : null;
  if (cell.error in ERRORS_LEFT_OUT) return ERRORS_LEFT_OUT[cell.error as never];
  if (cell.builtin === "tryEval" && CAUGHT.includes(cell.error)) return "it catches these";
  return null;
}
