/** How the contents of a store object are hashed when its path follows from them. */

/**
 * `flat`: a single file's bytes; `nar`: the NAR of a tree ("recursive"); `git`: git's tree or blob
 * (experimental `git-hashing`); `text`: a file's bytes, with references (experimental
 * `dynamic-derivations` as an output).
 */
export type IngestionMethod = "flat" | "nar" | "git" | "text";

const PREFIXES: Readonly<Record<IngestionMethod, string>> = {
  flat: "",
  nar: "r:",
  git: "git:",
  text: "text:",
};

/** What ATerm and the path formulas write before the algorithm. */
export function methodPrefix(method: IngestionMethod): string {
  return PREFIXES[method];
}

/** Splits `r:sha256` into method and algorithm name. */
export function splitMethodPrefix(text: string): { method: IngestionMethod; algo: string } {
  for (const method of ["nar", "git", "text"] as const) {
    const prefix = PREFIXES[method];
    if (text.startsWith(prefix)) return { method, algo: text.slice(prefix.length) };
  }
  return { method: "flat", algo: text };
}

/** The value of `outputHashMode`; `undefined` when there is none of that name. */
export function parseOutputHashMode(text: string): IngestionMethod | undefined {
  switch (text) {
    case "recursive":
    case "nar":
      return "nar";
    case "flat":
    case "git":
    case "text":
      return text;
    default:
      return undefined;
  }
}
