/**
 * Where a real Nix of some version answers otherwise than we do, on purpose. Each row names
 * expressions that must still differ: a row whose reason is gone fails. Values follow Nix 2.26, so a
 * row for 2.26 says where the newest Nix is followed instead.
 */
import { evaluateOurs } from "./our-nix.ts";
import { type Mode, type Outcome, summary } from "./outcome.ts";

export interface KnownDifference {
  /** The versions that differ from us. */
  versions: readonly string[];
  reason: string;
  examples: readonly string[];
  /** In which format the examples differ; all formats when it is not said. */
  mode?: Mode;
  /** Whether a difference has this reason, for expressions that are no example. */
  covers?: (ours: Outcome, theirs: Outcome, expression: string) => boolean;
  /**
   * Builtins that do in Nix, by means of ours, what those of the other version do: with them our answer
   * has to be the other one.
   */
  emulation?: Readonly<Record<string, string>>;
}

/** Looks at a function as `sort` does where there is something to sort. */
const LOOK = (list: string, result: string) =>
  `builtins.seq (builtins.sort f [ 1 ]) (builtins.seq (builtins.length ${list}) (${result}))`;

const NEWER =
  "(addDrvOutputDependencies|break|convertHash|fetchTree|flakeRefToString|getFlake|outputOf|parseFlakeRef|readFileType|traceVerbose|warn)";
const NEWER_IS_MISSING = new RegExp(`^attribute '${NEWER}' missing`);
const NAMES_A_NEWER = new RegExp(`builtins\\.${NEWER}\\b`);

/** A result in which numbers are not told apart. */
const withoutNumbers = (text: string) => text.replace(/-?(\d[\d.e+-]*|inf|nan)|null/g, "0");

/** A result or the kind of an error, without where it is in a file. */
const withoutPlaces = (outcome: Outcome) =>
  summary(outcome).replace(/\b(line|column) = \d+;| at \S+:\d+:\d+$/g, "");

/** A result without short escapes for backspaces and form feeds, in whatever JSON is a string of. */
const longEscapes = (text: string) =>
  text.replace(/(\\+)([bf])/g, (_, slashes, c) => slashes + (c === "b" ? "u0008" : "u000c"));

/** Whether only the numbers and the short escapes of JSON differ. */
const sameOldJson = (ours: Outcome, theirs: Outcome) =>
  ours.ok &&
  theirs.ok &&
  withoutNumbers(longEscapes(ours.text)) === withoutNumbers(longEscapes(theirs.text));

export const knownDifferences: readonly KnownDifference[] = [
  {
    versions: ["2.8"],
    reason: "the end of a file is a byte or a token earlier",
    examples: ["1 +", "let in", '("a\\', "import ./files/broken.nix", "(\n1", "x: { y"],
    covers: (ours, theirs, expression) =>
      !ours.ok &&
      !theirs.ok &&
      (/^syntax error, unexpected end of file/.test(theirs.message) ||
        (/^syntax error, unexpected end of file/.test(ours.message) &&
          /^syntax error, unexpected STR/.test(theirs.message) &&
          expression.endsWith("\\"))),
  },
  {
    versions: ["2.8"],
    reason: "an inherited name is where the `inherit` is, not where the name is",
    examples: [
      '{ inherit ${"a"}; }',
      'let inherit "a"; in 1',
      "let c = 1; inherit ({ c = 2; }) c; in c",
    ],
    covers: (ours, theirs, expression) =>
      !ours.ok &&
      !theirs.ok &&
      / already defined at /.test(ours.message) &&
      withoutNumbers(ours.message) ===
        withoutNumbers(theirs.message.replace("(string)", "\xc2\xabstring\xc2\xbb")) &&
      expression.includes("inherit"),
  },
  {
    versions: ["2.8"],
    reason: "builtins of later versions are missing",
    examples: [
      "builtins.readFileType ./files",
      'builtins.elem "warn" (builtins.attrNames builtins)',
      "builtins.warn or null == null",
      // A context is a text only when it is shown.
      "builtins.addErrorContext [ ] (builtins.traceVerbose 1 2)",
    ],
    covers: (_, theirs, expression) =>
      !theirs.ok &&
      (NEWER_IS_MISSING.test(theirs.message) ||
        (theirs.class === "coercion" &&
          expression.includes("addErrorContext") &&
          NAMES_A_NEWER.test(expression))),
  },
  {
    versions: ["2.26"],
    reason: "what `break` gives is never evaluated",
    examples: ['builtins.isInt (builtins.break (throw "x"))'],
    covers: (_ours, _theirs, expression) => expression.includes("builtins.break "),
  },
  {
    versions: ["2.8"],
    reason: "integers wrap around",
    examples: ["9223372036854775807 + 1", "9223372036854775807 * 2"],
    covers: (ours) => !ours.ok && ours.class === "overflow",
  },
  {
    versions: ["2.8"],
    reason: "a function is forced although the list is empty, or only when it is called",
    examples: [
      'builtins.filter (throw "lazy") [ ]',
      'builtins.sort (throw "lazy") [ ]',
      'builtins.genList (throw "lazy") 0',
      'builtins.length (builtins.genList (throw "lazy") 3)',
      'builtins.length (map (throw "lazy") [ 1 ])',
      'builtins.genericClosure { startSet = [ ]; operator = throw "lazy"; }',
    ],
    emulation: {
      map: "f: l: builtins.map (x: f x) l",
      filter: `f: l: ${LOOK("l", "builtins.filter f l")}`,
      sort: `f: l: ${LOOK("l", "builtins.sort f l")}`,
      genList: "f: n: builtins.genList (i: f i) n",
      genericClosure:
        "s: builtins.seq (builtins.length s.startSet) (builtins.seq s.operator (builtins.genericClosure (s // { operator = x: s.operator x; })))",
    },
  },
  {
    versions: ["2.8"],
    reason:
      "indices of 64 bits are cut to 32, and the string is evaluated before they are looked at",
    examples: [
      'builtins.tryEval (builtins.substring (-1) 1 (throw "x"))',
      'builtins.substring (-9223372036854775807) (-1) "abc"',
      "builtins.elemAt [ 1 2 ] (-9223372036854775807)",
    ],
    covers: (ours) =>
      !ours.ok && /negative start position|elemAt' called with index/.test(ours.message),
    emulation: {
      substring:
        "p: n: s: let cut = x: let low = builtins.bitAnd x 4294967295; in if low < 2147483648 then low else low - 4294967296; in builtins.seq (cut p) (builtins.seq (cut n) (builtins.seq (builtins.stringLength s) (builtins.substring (cut p) (cut n) s)))",
    },
  },
  {
    versions: ["2.8"],
    reason: "a set with __functor is no filter of sources",
    examples: ["builtins.filterSource { __functor = s: p: t: true; } ./files/hello.txt"],
    covers: (_, theirs) =>
      !theirs.ok && theirs.message.startsWith("first argument in call to 'filterSource' is not"),
  },
  {
    versions: ["2.8"],
    reason: "the text of -E counts as a file in positions",
    examples: [
      "__curPos",
      "{ x = __curPos; }.x",
      'builtins.unsafeGetAttrPos "a" { a = 1; } == null',
      'builtins.unsafeGetAttrPos "a" { inherit ({ a = 1; }) a; }',
    ],
    covers: (_ours, _theirs, expression) => /unsafeGetAttrPos|__curPos/.test(expression),
  },
  {
    versions: ["2.8", "2.26"],
    reason: "rounding to what no integer holds is an error of the newest Nix",
    examples: [
      "builtins.floor 1.0e300",
      "builtins.ceil (1.0e300 * 1.0e300)",
      "builtins.ceil 9223372036854775807",
      "builtins.floor 9007199254740993",
    ],
    // What is done with the number there may fail too.
    covers: (ours) => !ours.ok && /not in the range of NixInt|issues\/12899/.test(ours.message),
  },
  {
    versions: ["2.8", "2.26"],
    reason: "what `__toString` gives to toJSON has a message of its own in the newest Nix",
    examples: ["builtins.toJSON { __toString = x: 1; }"],
    covers: (ours) => !ours.ok && /^`__toString` should return/.test(ours.message),
  },
  {
    versions: ["2.8", "2.26"],
    reason: "the variable that `f or` stands for is where the application begins",
    examples: ["(x: x) or 1"],
    covers: (ours, theirs) =>
      [ours, theirs].every((it) => !it.ok && it.message === "undefined variable 'or'"),
  },
  {
    versions: ["2.8"],
    reason: "the files inside of Nix have a path",
    examples: ["<nix/fetchurl.nix>"],
  },
  {
    versions: ["2.8"],
    reason: "dirOf drops one slash only",
    examples: ['dirOf "a///b"', 'dirOf "a//b"', 'dirOf "//"'],
    covers: (ours, theirs, expression) => ours.ok && theirs.ok && expression.includes("dirOf"),
  },
  {
    versions: ["2.8"],
    reason: "integers of JSON and TOML that are too large become other ones",
    examples: [
      'builtins.fromJSON "9223372036854775808"',
      'builtins.fromTOML "a = 99999999999999999999"',
    ],
  },
  {
    versions: ["2.8"],
    reason:
      "a table of TOML may be defined after dotted keys have made it, not after those of arrays",
    examples: ['builtins.fromTOML "a.b=1\\n[a]\\nc=2"', 'builtins.fromTOML "[[a.b]]\\n[a]"'],
    covers: (ours, theirs, expression) =>
      expression.includes("fromTOML") &&
      ours.ok !== theirs.ok &&
      [ours, theirs].some((it) => !it.ok && /table.*already (exists|defined)/.test(it.message)),
  },
  {
    versions: ["2.8"],
    reason: "of two operands that are no numbers the second may be the result",
    examples: [
      'let a = (builtins.fromTOML "a = nan").a; b = (builtins.fromTOML "a = -nan").a; in [ (a + b) (a * b) (builtins.div b a) ]',
    ],
    covers: (ours, theirs, expression) =>
      ours.ok &&
      theirs.ok &&
      expression.includes("fromTOML") &&
      ours.text.replaceAll("-nan", "nan") === theirs.text.replaceAll("-nan", "nan"),
  },
  {
    versions: ["2.8"],
    reason: "toJSON writes what no JSON is for floats that are no numbers",
    examples: [
      "builtins.fromJSON (builtins.toJSON (1.0e300 * 1.0e300))",
      "builtins.fromJSON (builtins.toJSON (1.0e300 * 1.0e300 - 1.0e300 * 1.0e300))",
    ],
    covers: (ours, theirs, expression) =>
      ours.ok &&
      !theirs.ok &&
      /invalid literal; last read: '.*(i|na)'$|expected digit after '-'; last read: '.*-[in]'$/.test(
        theirs.message,
      ) &&
      /fromJSON[\s\S]*toJSON/.test(expression),
  },
  {
    versions: ["2.8"],
    reason: "`..` in a string that names a file is what the system takes it for",
    examples: [
      'builtins.readFile (toString ./files + "/hello.txt/../value.nix")',
      'import (toString ./files + "/nowhere/../value.nix")',
    ],
    covers: (_ours, _theirs, expression) =>
      /\b(import|scopedImport|read\w+|pathExists|hashFile|path|filterSource)\b[^"]*"[^"]*\/\.\.[/"]/.test(
        expression,
      ),
  },
  {
    versions: ["2.8"],
    reason: "a path in a trace is copied into the store",
    examples: ['builtins.addErrorContext /nope (throw "x")'],
    covers: (_, theirs, expression) =>
      !theirs.ok && theirs.class === "no file" && expression.includes("addErrorContext"),
  },
  {
    versions: ["2.8"],
    reason: "a text ends at a NUL",
    examples: ['builtins.fromJSON "\\"\\\\u0000\\""'],
  },
  {
    versions: ["2.8", "2.26"],
    reason: "it crashes, which depends on what is in memory",
    examples: [],
    covers: (_, theirs) =>
      !theirs.ok &&
      /^(crash|other)$/.test(theirs.class) &&
      (theirs.class === "crash" || theirs.message.includes("basic_string")),
  },
  {
    versions: ["2.8", "2.26"],
    reason: "with a store that keeps nothing it cannot read what the evaluation has added",
    examples: ['builtins.pathExists (builtins.toFile "a" "x")', 'import (builtins.toFile "a" "1")'],
    covers: (_, theirs) =>
      !theirs.ok &&
      /^path '\/nix\/store\/.*' (is not valid|does not exist)|is not supported by store|not valid$|cannot be created|getting status of '\/nix\/store|opening file '\/nix\/store/.test(
        theirs.message,
      ),
  },
  {
    versions: ["2.8", "2.26"],
    reason: "it may have a store on this machine",
    examples: [],
    covers: (_ours, theirs, expression) => theirs.ok && expression.includes('"/nix/store"'),
  },
  {
    versions: ["2.8", "2.26"],
    reason: "it looks into whatever is called .drv in the store",
    // Seen only where the store keeps what it is given.
    examples: [],
    covers: (_, theirs) =>
      !theirs.ok &&
      /^error parsing derivation|has incorrect output|\.drv:\d+:\d+/.test(
        theirs.message + theirs.class,
      ),
  },
  {
    versions: ["2.8", "2.26"],
    reason: "what it only evaluates may name a store path that is not there",
    examples: ['builtins.storePath "/nix/store/0000000000000000000000000000000a-q"'],
    covers: (ours, theirs, expression) => !ours.ok && theirs.ok && expression.includes("storePath"),
  },
  {
    versions: ["2.8"],
    reason: "a store path may be named . or have an output drvPath",
    examples: [
      'builtins.toFile "." "x"',
      '(derivation { name = "a"; builder = "b"; system = "c"; outputs = [ "drvPath" ]; }).drvPath',
    ],
  },
  {
    versions: ["2.8"],
    reason: "the name that is looked up must not be empty where the entry is a file",
    examples: ['builtins.findFile [ { path = ./files/hello.txt; } ] ""'],
    covers: (ours, theirs, expression) =>
      ours.ok &&
      !theirs.ok &&
      theirs.message.startsWith("file '' was not found") &&
      expression.includes("findFile"),
  },
  {
    versions: ["2.8"],
    reason: "an outputHashMode `nar` is not known",
    examples: [
      'let d = derivation { name = "a"; builder = "b"; system = "c"; outputHashMode = "nar"; outputHashAlgo = "sha256"; outputHash = ""; }; in d.drvPath',
    ],
  },
  {
    versions: ["2.8"],
    reason: "it asks whether the path exists before whether it is in the store",
    examples: ['builtins.storePath "/nope"', 'builtins.storePath "/a"'],
    covers: (ours) => !ours.ok && /^path '.*' is not in the Nix store$/.test(ours.message),
  },
  {
    versions: ["2.8"],
    reason: "a false __contentAddressed or __impure is no environment variable",
    examples: [
      'derivation { name = "a"; builder = "b"; system = "c"; __contentAddressed = false; __impure = false; }',
    ],
  },
  {
    versions: ["2.8"],
    reason: "every dollar sign in a quoted attribute name is escaped",
    examples: ['{ "$ $" = 1; }'],
    covers: (ours, theirs) =>
      ours.ok &&
      theirs.ok &&
      ours.text.replaceAll("\\$", "$") === theirs.text.replaceAll("\\$", "$"),
  },
  {
    versions: ["2.8"],
    reason: "replaceStrings forces replacements that are not used",
    examples: ['builtins.replaceStrings [ "a" ] [ (throw "lazy") ] "b"'],
    emulation: {
      replaceStrings:
        "f: t: s: builtins.seq (builtins.length f == builtins.length t && builtins.all (x: builtins.seq (builtins.hasContext x) true) (f ++ t)) (builtins.replaceStrings f t s)",
    },
  },
  {
    versions: ["2.8"],
    // Seen among other expressions only, so there is no example that always differs.
    reason: "whether a small list counts as repeated depends on the memory it is in",
    examples: [],
    covers: (ours, theirs) =>
      ours.ok && theirs.ok && /\xc2\xabrepeated\xc2\xbb/.test(ours.text + theirs.text),
  },
  {
    versions: ["2.8"],
    // Seen among other expressions only, so there is no example that always differs.
    reason: "which of a set's undefined variables is named depends on the memory that names are in",
    examples: [],
    covers: (ours, theirs, expression) =>
      expression.includes("{") &&
      [ours, theirs].every((it) => !it.ok && it.class.startsWith("undefined variable at ")),
  },
  {
    versions: ["2.8"],
    reason: "the name of a derivation is looked at last",
    examples: ['derivationStrict { name = ""; }'],
    covers: (ours, theirs) =>
      !ours.ok && !theirs.ok && ours.message.startsWith("invalid derivation name"),
  },
  {
    versions: ["2.8"],
    reason: "toJSON has no short escapes for form feeds and backspaces",
    examples: ['builtins.toJSON (builtins.fromJSON "\\"\\\\b\\\\f\\"")'],
    covers: (ours, theirs, expression) =>
      expression.includes("toJSON") && sameOldJson(ours, theirs),
  },
  {
    versions: ["2.8"],
    reason: "toJSON does not look at whether strings are UTF-8",
    examples: ['builtins.stringLength (builtins.toJSON (builtins.substring 1 1 "é"))'],
    covers: (ours) => !ours.ok && ours.message.startsWith("JSON serialization error"),
  },
  {
    versions: ["2.8"],
    reason: "a filter of what is no directory is not looked at",
    examples: [],
    covers: (_ours, theirs, expression) =>
      !theirs.ok &&
      theirs.message === "reading from file: Is a directory" &&
      expression.includes("recursive = false"),
  },
  {
    versions: ["2.8"],
    reason: "links are taken as they are, and not what they lead to",
    // There are links only among the files that are generated.
    examples: [],
    covers: (_ours, _theirs, expression) =>
      /\blink\b/.test(expression) &&
      /findFile|<here|__nixPath|builtins\.(path|filterSource) /.test(expression),
  },
  {
    versions: ["2.26"],
    reason: "lines are not counted in files behind a linked directory: all of it is the first",
    // There are links only among the files that are generated.
    examples: [],
    covers: (ours, theirs, expression) =>
      /\blink\b/.test(expression) && withoutPlaces(ours) === withoutPlaces(theirs),
  },
  {
    versions: ["2.8"],
    reason: "the pipe operators are not known",
    examples: ["1 |> toString"],
    covers: (ours, theirs) =>
      !ours.ok &&
      !theirs.ok &&
      ours.message.includes("pipe-operators") &&
      theirs.class.startsWith("syntax"),
  },
  {
    versions: ["2.8"],
    reason: "an output must not be named drv",
    examples: ['derivation { name = "a"; builder = "b"; system = "c"; outputs = [ "drv" ]; }'],
  },
  {
    versions: ["2.8"],
    reason: "floats in builtins.toJSON have six digits",
    examples: ["builtins.toJSON 1.0", "builtins.toJSON [ 123456789.5 ]"],
    covers: (ours, theirs, expression) =>
      ours.ok &&
      theirs.ok &&
      expression.includes("toJSON") &&
      // Of a text that is hashed or measured the numbers cannot be seen.
      (/\d\.|\.\d/.test(expression) || withoutNumbers(ours.text) === withoutNumbers(theirs.text)),
  },
  {
    versions: ["2.8"],
    reason: "in JSON floats have six digits, and there are no short escapes",
    examples: ["1 + 1.0", "1.0e6", 'builtins.fromJSON "\\"\\\\b\\\\f\\""'],
    mode: "json",
    covers: sameOldJson,
  },
];

/** What is compared, but for the place of an error: what emulates moves it. */
const unplaced = (outcome: Outcome) => summary(outcome).replace(/ at \S+$/, "");

/** Whether it is what we say with all builtins of that version. */
function emulates(
  version: string,
  mode: Mode,
  { expression, theirs }: { expression: string; theirs: Outcome },
): boolean {
  const others = knownDifferences
    .filter(({ versions }) => versions.includes(version))
    .flatMap(({ emulation = {} }) => Object.entries(emulation))
    .filter(([name]) => expression.includes(name));
  if (others.length === 0) return false;
  const bare = others.some(([name]) => name === "map") ? "let inherit (builtins) map; in " : "";
  const definitions = others.map(([name, definition]) => `${name} = ${definition};`).join(" ");
  const emulated = `(builtins: ${bare}${expression}\n) (builtins // { ${definitions} })`;
  return unplaced(evaluateOurs(mode, emulated)) === unplaced(theirs);
}

/** Whether a difference is in the table. */
export function isKnown(
  version: string,
  mode: Mode,
  it: { expression: string; ours: Outcome; theirs: Outcome },
): boolean {
  const { expression, ours, theirs } = it;
  const covered = knownDifferences.some(
    ({ versions, mode: only, examples, covers }) =>
      versions.includes(version) &&
      (only === undefined || only === mode) &&
      (examples.includes(expression) || covers?.(ours, theirs, expression) === true),
  );
  return covered || emulates(version, mode, it);
}
