/**
 * Which Nix an evaluation follows where versions differ in a value or a hash. Where they differ in the
 * words of a message, or in what syntax they accept, the newest is followed whatever this says.
 */

export const NIX_VERSIONS = ["2.8", "2.26", "newest"] as const;
export type NixVersion = (typeof NIX_VERSIONS)[number];

export const DEFAULT_NIX_VERSION: NixVersion = "2.26";

/** What `builtins.nixVersion` says. */
export const NIX_RELEASES: Readonly<Record<NixVersion, string>> = {
  "2.8": "2.8.0",
  "2.26": "2.26.3",
  newest: "2.36.0",
};

/**
 * The versions that behave like this, and whether a real Nix has been asked or its behaviour has only been
 * read. What was only read is in no version that is followed without being asked for.
 */
type Difference = Readonly<Partial<Record<NixVersion, "measured" | "read">>>;

/** Each has its expressions in versions.test.ts. */
export const DIFFERENCES = {
  /** Integers wrap around; since 2.25 that is an error. */
  integersWrap: { "2.8": "measured" },
  /** Floats in JSON have six digits, and `inf` is written; it is a part of structured attributes. */
  shortFloatsInJson: { "2.8": "measured" },
  /** `replaceStrings` forces replacements that are not used. */
  replacementsForced: { "2.8": "measured" },
  /** `__contentAddressed` and `__impure` that are false are no environment variables. */
  falseKindsLeftOut: { "2.8": "measured" },
  /** Builtins of later versions are missing. */
  fewerBuiltins: { "2.8": "measured" },
  /** `dirOf` of a string drops one slash, and not all that stand together. */
  dirOfDropsOneSlash: { "2.8": "measured", newest: "read" },
  /** The right operand of `//` is evaluated first, which shows when both fail. */
  rightSetFirst: { newest: "read" },
} as const satisfies Readonly<Record<string, Difference>>;

export type DifferenceName = keyof typeof DIFFERENCES;

export function behaves(version: NixVersion, difference: DifferenceName): boolean {
  const versions: Difference = DIFFERENCES[difference];
  return versions[version] !== undefined;
}

/** Builtins that came after 2.8. */
export const BUILTINS_SINCE_2_8: ReadonlySet<string> = new Set([
  ...["addDrvOutputDependencies", "break", "convertHash", "flakeRefToString", "outputOf"],
  ...["parseFlakeRef", "readFileType", "traceVerbose", "warn"],
]);

/** The version followed for a real Nix that says it is `release`, `2.18.1` for example; null when that says nothing. */
export function versionLike(release: string): NixVersion | null {
  const [, major, minor] = /^(\d+)\.(\d+)/.exec(release) ?? [];
  if (major === undefined) return null;
  const number = Number(major) * 1000 + Number(minor);
  if (number < 2020) return "2.8";
  return number < 2031 ? "2.26" : "newest";
}
