/**
 * What each builtin does, in our own words: shown on hover and in completion.
 *
 * `args` are the parameters in order (they are also what signature help would show), `type` reads
 * like a Haskell signature with Nix's type names, `since` is the first Nix version that has it when
 * that is later than 2.3, `feature` the experimental feature that it needs.
 */
import { BUILTIN_NAMES, builtinOfGlobal } from "../scope/global-names.ts";

export interface BuiltinDoc {
  readonly name: string;
  /** Empty for a constant. */
  readonly args: readonly string[];
  readonly type: string;
  /** One to three sentences of Markdown. */
  readonly text: string;
  readonly since?: string;
  readonly feature?: string;
}

/** The documentation of an attribute of `builtins`, or null for a name that is none. */
export function builtinDoc(name: string): BuiltinDoc | null {
  return docs.get(name) ?? null;
}

/** The same for a global name: `map`, or `__add` for `add`. */
export function globalDoc(name: string): BuiltinDoc | null {
  const builtin = builtinOfGlobal(name);
  return builtin === null ? null : builtinDoc(builtin);
}

/** A builtin's documentation as Markdown: its signature as code, then the text. */
export function renderBuiltinDoc(doc: BuiltinDoc): string {
  const head = ["builtins.", doc.name, ...doc.args.map((arg) => ` ${arg}`)].join("");
  const notes: string[] = [];
  if (doc.since) notes.push(`Since Nix ${doc.since}.`);
  if (doc.feature) notes.push(`Needs the experimental feature \`${doc.feature}\`.`);
  const code = `\`\`\`nix\n${head}\n# ${doc.type}\n\`\`\``;
  return [code, doc.text, ...(notes.length > 0 ? [`*${notes.join(" ")}*`] : [])].join("\n\n");
}

type Row = readonly [
  name: string,
  args: string,
  type: string,
  text: string,
  since?: string,
  feature?: string,
];

const rows: readonly Row[] = [
  [
    "abort",
    "message",
    "string -> never",
    "Ends the evaluation with `message`. Unlike `throw`, `tryEval` cannot catch it.",
  ],
  [
    "add",
    "a b",
    "number -> number -> number",
    "The sum of two numbers. The operator `+` also joins strings and paths; this function does not.",
  ],
  [
    "addDrvOutputDependencies",
    "string",
    "string -> string",
    "Turns the context of a string that names one `.drv` file into a context that means the derivation with everything it needs to build.",
    "2.19",
  ],
  [
    "addErrorContext",
    "message value",
    "string -> a -> a",
    "Gives `value`; if evaluating it fails, `message` is added to the error's trace.",
  ],
  [
    "all",
    "predicate list",
    "(a -> bool) -> [a] -> bool",
    "Whether `predicate` is true of every element. Stops at the first for which it is not.",
  ],
  [
    "any",
    "predicate list",
    "(a -> bool) -> [a] -> bool",
    "Whether `predicate` is true of at least one element. Stops at the first for which it is.",
  ],
  [
    "appendContext",
    "string context",
    "string -> set -> string",
    "Adds to a string the dependencies given as a set of the shape that `getContext` answers.",
  ],
  [
    "attrNames",
    "set",
    "set -> [string]",
    "The names of a set's attributes in alphabetical order. Evaluates none of the values.",
  ],
  [
    "attrValues",
    "set",
    "set -> [any]",
    "The values of a set, in the alphabetical order of their names.",
  ],
  [
    "baseNameOf",
    "path",
    "path | string -> string",
    "What stands after the last slash. One slash at the end of a string does not count.",
  ],
  ["bitAnd", "a b", "int -> int -> int", "Bitwise *and* of two integers."],
  ["bitOr", "a b", "int -> int -> int", "Bitwise *or* of two integers."],
  ["bitXor", "a b", "int -> int -> int", "Bitwise *exclusive or* of two integers."],
  [
    "break",
    "value",
    "a -> a",
    "Stops here when Nix runs with its debugger, then gives `value`. Without the debugger it only gives `value`.",
    "2.9",
  ],
  [
    "builtins",
    "",
    "set",
    "The set of everything that is built into the language. It contains itself.",
  ],
  [
    "catAttrs",
    "name sets",
    "string -> [set] -> [any]",
    "Collects the attribute `name` from every set that has it, in the order of the list.",
  ],
  ["ceil", "number", "number -> int", "The smallest integer that is not below `number`."],
  [
    "compareVersions",
    "a b",
    "string -> string -> int",
    "Compares two version strings part by part: -1 when `a` is older, 0 when they are equal, 1 when `a` is newer. The part `pre` sorts before everything.",
  ],
  ["concatLists", "lists", "[[a]] -> [a]", "Joins a list of lists into one list."],
  [
    "concatMap",
    "f list",
    "(a -> [b]) -> [a] -> [b]",
    "Applies `f` to every element and joins the lists that it gives.",
  ],
  [
    "concatStringsSep",
    "separator list",
    "string -> [string] -> string",
    "Joins strings with `separator` between each two of them.",
  ],
  [
    "convertHash",
    "args",
    "{ hash, toHashFormat, hashAlgo? } -> string",
    "Writes a hash in another form: `base16`, `nix32`, `base64` or `sri`. `hashAlgo` is needed when `hash` does not name it.",
    "2.19",
  ],
  [
    "currentSystem",
    "",
    "string",
    "The platform that is built for by default, such as `x86_64-linux`. It does not exist in pure evaluation.",
  ],
  [
    "currentTime",
    "",
    "int",
    "Seconds since 1970, taken once at the start of the evaluation. It does not exist in pure evaluation.",
  ],
  ["deepSeq", "a b", "a -> b -> b", "Evaluates `a` with everything inside it, then gives `b`."],
  [
    "derivation",
    "attrs",
    "{ name, system, builder, args?, outputs?, ... } -> derivation",
    "Describes a build: `builder` runs on `system` with the other attributes as its environment. The result has `drvPath`, `outPath` and one attribute for each output; nothing is built by evaluating it.",
  ],
  [
    "derivationStrict",
    "attrs",
    "set -> { drvPath, ... }",
    "The strict half of `derivation`: evaluates all attributes at once and gives only the paths.",
  ],
  [
    "dirOf",
    "path",
    "path | string -> path | string",
    "What stands before the last slash; a path for a path, a string for a string.",
  ],
  [
    "div",
    "a b",
    "number -> number -> number",
    "The quotient. Between two integers it is cut towards zero; dividing by zero is an error.",
  ],
  ["elem", "x list", "a -> [a] -> bool", "Whether some element of `list` equals `x`."],
  ["elemAt", "list n", "[a] -> int -> a", "The element at index `n`, counted from zero."],
  [
    "exec",
    "args",
    "[string] -> any",
    "Runs a program and evaluates what it prints. Exists only when the setting `allow-unsafe-native-code-during-evaluation` is on.",
  ],
  [
    "false",
    "",
    "bool",
    "The false truth value. It is a name, not a keyword, so it can be shadowed.",
  ],
  [
    "fetchClosure",
    "args",
    "{ fromStore, fromPath, toPath?, inputAddressed? } -> path",
    "Copies a store path and all that it needs from a binary cache.",
    "2.8",
    "fetch-closure",
  ],
  [
    "fetchGit",
    "args",
    "string | path | { url, rev?, ref?, ... } -> set",
    "Fetches a Git repository into the store. The result has `outPath`, `rev`, `shortRev`, `revCount` and `lastModified`; with `rev` it is reproducible.",
  ],
  [
    "fetchMercurial",
    "args",
    "string | { url, rev?, ... } -> set",
    "Fetches a Mercurial repository into the store. The result has `outPath`, `branch`, `rev` and `revCount`.",
  ],
  [
    "fetchTarball",
    "args",
    "string | { url, sha256?, name? } -> path",
    "Downloads and unpacks an archive, and gives the store path of what it contains. Its single top directory is removed; with `sha256` it is reproducible.",
  ],
  [
    "fetchTree",
    "input",
    "string | { type, ... } -> set",
    "Fetches a source tree of any kind that flakes know: `git`, `github`, `gitlab`, `tarball`, `file`, `path` and more. The result has `outPath` and what is known of its revision.",
    "2.4",
    "fetch-tree",
  ],
  [
    "fetchurl",
    "args",
    "string | { url, sha256?, name? } -> path",
    "Downloads one file during the evaluation and gives its store path. nixpkgs' function of the same name makes a derivation instead.",
  ],
  [
    "filter",
    "predicate list",
    "(a -> bool) -> [a] -> [a]",
    "The elements of which `predicate` is true, in their order.",
  ],
  [
    "filterSource",
    "predicate path",
    "(string -> string -> bool) -> path -> string",
    "Copies a directory to the store with only the entries for which `predicate path type` is true. `builtins.path` does the same and lets you choose the name.",
  ],
  [
    "findFile",
    "searchPath name",
    "[{ prefix, path }] -> string -> path",
    'Looks a name up in a lookup path. `<x>` means `findFile nixPath "x"`.',
  ],
  [
    "flakeRefToString",
    "attrs",
    "set -> string",
    "Writes a flake reference that is given as a set in its URL form.",
    "2.18",
    "flakes",
  ],
  ["floor", "number", "number -> int", "The largest integer that is not above `number`."],
  [
    "foldl'",
    "op init list",
    "(b -> a -> b) -> b -> [a] -> b",
    "Reduces a list from the left, with every intermediate result evaluated at once.",
  ],
  ["fromJSON", "text", "string -> any", "The value that a JSON text describes."],
  ["fromTOML", "text", "string -> set", "The set that a TOML text describes."],
  [
    "functionArgs",
    "f",
    "function -> { name = bool; ... }",
    "The named parameters of a function `{ a, b ? 1 }: …`, each with whether it has a default. Empty for a function that takes any argument.",
  ],
  [
    "genericClosure",
    "args",
    "{ startSet, operator } -> [set]",
    "Starts with the sets of `startSet` and adds what `operator` gives for each, until no new `key` appears.",
  ],
  ["genList", "f n", "(int -> a) -> int -> [a]", "A list of `n` elements: `f 0`, `f 1` and so on."],
  [
    "getAttr",
    "name set",
    "string -> set -> any",
    'The attribute `name` of a set: `getAttr "a" s` is `s.a`. A missing attribute is an error.',
  ],
  [
    "getContext",
    "string",
    "string -> set",
    "The store paths that a string depends on, each with how.",
  ],
  [
    "getEnv",
    "name",
    "string -> string",
    "The value of an environment variable; empty when it is not set, and always in pure evaluation.",
  ],
  [
    "getFlake",
    "ref",
    "string -> set",
    "Fetches a flake and gives its outputs together with its metadata.",
    "2.4",
    "flakes",
  ],
  [
    "groupBy",
    "f list",
    "(a -> string) -> [a] -> { name = [a]; ... }",
    "Sorts the elements into lists by the name that `f` gives for each.",
    "2.5",
  ],
  [
    "hasAttr",
    "name set",
    "string -> set -> bool",
    'Whether a set has the attribute `name`: `hasAttr "a" s` is `s ? a`.',
  ],
  ["hasContext", "string", "string -> bool", "Whether a string depends on any store path."],
  [
    "hashFile",
    "algorithm path",
    "string -> path -> string",
    "The hash of a file's contents in base 16. `algorithm` is `md5`, `sha1`, `sha256` or `sha512`.",
  ],
  [
    "hashString",
    "algorithm string",
    "string -> string -> string",
    "The hash of a string in base 16. `algorithm` is `md5`, `sha1`, `sha256` or `sha512`.",
  ],
  ["head", "list", "[a] -> a", "The first element. An empty list is an error."],
  [
    "import",
    "path",
    "path -> any",
    "Evaluates the Nix file at `path`; for a directory, the `default.nix` in it. The file sees none of the importer's names.",
  ],
  [
    "importNative",
    "path symbol",
    "path -> string -> any",
    "Loads a function from a shared library. Exists only when the setting `allow-unsafe-native-code-during-evaluation` is on.",
  ],
  [
    "intersectAttrs",
    "a b",
    "set -> set -> set",
    "The attributes of `b` whose names are also in `a`. Often used with `functionArgs` to pick the arguments that a function takes.",
  ],
  ["isAttrs", "value", "any -> bool", "Whether a value is a set."],
  ["isBool", "value", "any -> bool", "Whether a value is `true` or `false`."],
  ["isFloat", "value", "any -> bool", "Whether a value is a floating point number."],
  [
    "isFunction",
    "value",
    "any -> bool",
    "Whether a value is a function. A set with `__functor` can be called, but is not one.",
  ],
  ["isInt", "value", "any -> bool", "Whether a value is an integer."],
  ["isList", "value", "any -> bool", "Whether a value is a list."],
  ["isNull", "value", "any -> bool", "Whether a value is `null`; `value == null` says the same."],
  [
    "isPath",
    "value",
    "any -> bool",
    "Whether a value is a path. A string that looks like one is not.",
  ],
  ["isString", "value", "any -> bool", "Whether a value is a string."],
  [
    "langVersion",
    "",
    "int",
    "The version of the language, a number that has not changed for years.",
  ],
  ["length", "list", "[a] -> int", "The number of elements of a list."],
  [
    "lessThan",
    "a b",
    "a -> a -> bool",
    "Whether `a` sorts before `b`: numbers, strings, paths, or lists of them. It is what `<` calls.",
  ],
  [
    "listToAttrs",
    "list",
    "[{ name, value }] -> set",
    "A set made of names and values. Of two entries with one name the first counts.",
  ],
  [
    "map",
    "f list",
    "(a -> b) -> [a] -> [b]",
    "Applies `f` to every element. The results are evaluated only when they are used.",
  ],
  [
    "mapAttrs",
    "f set",
    "(string -> a -> b) -> set -> set",
    "The same names, each with the value `f name value`. The values are evaluated only when they are used.",
  ],
  [
    "match",
    "regex string",
    "string -> string -> [string | null] | null",
    "Matches a POSIX extended regular expression against the whole string. Gives the groups as a list, with `null` for a group that took no part, or `null` when there is no match.",
  ],
  ["mul", "a b", "number -> number -> number", "The product of two numbers."],
  [
    "nixPath",
    "",
    "[{ prefix, path }]",
    "The lookup path that `<…>` searches, as a list of entries.",
  ],
  ["nixVersion", "", "string", "The version of Nix, such as `2.26.3`."],
  ["null", "", "null", "The null value. It is a name, not a keyword, so it can be shadowed."],
  [
    "outputOf",
    "drv output",
    "string -> string -> string",
    "The path of an output of a derivation that is itself made by a build.",
    "2.18",
    "dynamic-derivations",
  ],
  [
    "parseDrvName",
    "name",
    "string -> { name, version }",
    "Splits `hello-2.10` into name and version: the version starts after the first dash that no letter follows.",
  ],
  [
    "parseFlakeRef",
    "ref",
    "string -> set",
    "Reads the URL form of a flake reference into a set.",
    "2.18",
    "flakes",
  ],
  [
    "partition",
    "predicate list",
    "(a -> bool) -> [a] -> { right, wrong }",
    "Splits a list into the elements of which `predicate` is true and the others.",
  ],
  [
    "path",
    "args",
    "{ path, name?, filter?, recursive?, sha256? } -> string",
    "Copies a file or directory to the store under a name of your choice, and optionally only the entries that `filter path type` accepts.",
  ],
  ["pathExists", "path", "path -> bool", "Whether something exists at `path` while evaluating."],
  [
    "placeholder",
    "output",
    "string -> string",
    "A text that stands for the path of the output `output` of the derivation being described; the build sees the real path.",
  ],
  [
    "readDir",
    "path",
    "path -> { name = type; ... }",
    "The entries of a directory, each with its type: `regular`, `directory`, `symlink` or `unknown`.",
  ],
  ["readFile", "path", "path -> string", "The contents of a file as a string."],
  [
    "readFileType",
    "path",
    "path -> string",
    "The type of what is at `path`: `regular`, `directory`, `symlink` or `unknown`.",
    "2.14",
  ],
  [
    "removeAttrs",
    "set names",
    "set -> [string] -> set",
    "A set without the given names. A name that it does not have is fine.",
  ],
  [
    "replaceStrings",
    "from to string",
    "[string] -> [string] -> string -> string",
    "Replaces every occurrence of a string of `from` by the string at the same place in `to`. Goes through the text once, from left to right.",
  ],
  [
    "scopedImport",
    "scope path",
    "set -> path -> any",
    "Like `import`, with the attributes of `scope` as additional global names in that file.",
  ],
  ["seq", "a b", "a -> b -> b", "Evaluates `a`, but nothing inside it, then gives `b`."],
  [
    "sort",
    "lessThan list",
    "(a -> a -> bool) -> [a] -> [a]",
    "Sorts a list by a function that says whether its first argument comes first. Equal elements keep their order.",
  ],
  [
    "split",
    "regex string",
    "string -> string -> [string | [string | null]]",
    "Cuts a string at every match of a POSIX extended regular expression. Between the pieces stand lists of the groups of each match.",
  ],
  [
    "splitVersion",
    "version",
    "string -> [string]",
    "The parts of a version string, as `compareVersions` sees them.",
  ],
  ["storeDir", "", "string", "The directory of the Nix store, usually `/nix/store`."],
  [
    "storePath",
    "path",
    "path -> string",
    "Uses a path that is already in the store, as a dependency and without copying it. Not allowed in pure evaluation.",
  ],
  ["stringLength", "string", "string -> int", "The length of a string in bytes."],
  [
    "sub",
    "a b",
    "number -> number -> number",
    "The difference of two numbers. It is what `-` calls.",
  ],
  [
    "substring",
    "start length string",
    "int -> int -> string -> string",
    "A part of a string, counted in bytes. A negative `length` means to the end; what lies beyond the end is left out.",
  ],
  ["tail", "list", "[a] -> [a]", "A list without its first element. An empty list is an error."],
  [
    "throw",
    "message",
    "string -> never",
    "Fails with `message`. `tryEval` can catch it, so that searching through packages goes on.",
  ],
  [
    "toFile",
    "name text",
    "string -> string -> string",
    "Writes `text` to the store under `name` and gives its path. The text may refer to store paths but not to outputs that are still to be built.",
  ],
  [
    "toJSON",
    "value",
    "any -> string",
    "A value as JSON. A derivation is written as its output path, a set with `__toString` as that string; functions cannot be written.",
  ],
  [
    "toPath",
    "path",
    "string | path -> string",
    "An absolute path as a string. Old; write `/. + string` for a path value.",
  ],
  [
    "toString",
    "value",
    "any -> string",
    "A value as a string: numbers, paths, lists joined by spaces, `true` as `1`, `false` and `null` as the empty string, sets with `outPath` or `__toString`.",
  ],
  ["toXML", "value", "any -> string", "A value as an XML text, as some builders read it."],
  [
    "trace",
    "message value",
    "a -> b -> b",
    "Prints `message` on standard error, then gives `value`.",
  ],
  [
    "traceVerbose",
    "message value",
    "a -> b -> b",
    "Like `trace`, but prints only when the setting `trace-verbose` is on.",
    "2.10",
  ],
  ["true", "", "bool", "The true truth value. It is a name, not a keyword, so it can be shadowed."],
  [
    "tryEval",
    "value",
    "a -> { success, value }",
    "Evaluates a value, without what is inside it, and says whether that worked. Catches `throw` and failed assertions, not other errors.",
  ],
  [
    "typeOf",
    "value",
    "any -> string",
    "The name of a value's type: `int`, `bool`, `string`, `path`, `null`, `set`, `list`, `lambda` or `float`.",
  ],
  [
    "unsafeDiscardOutputDependency",
    "string",
    "string -> string",
    "Makes a string depend on a `.drv` file itself and not on what it needs to build.",
  ],
  [
    "unsafeDiscardStringContext",
    "string",
    "string -> string",
    "The same text without its dependencies. What refers to a store path this way does not cause it to be built.",
  ],
  [
    "unsafeGetAttrPos",
    "name set",
    "string -> set -> { file, line, column } | null",
    "Where an attribute was defined, or `null` when that is not known.",
  ],
  [
    "warn",
    "message value",
    "string -> a -> a",
    "Prints a warning on standard error, then gives `value`. With the setting `abort-on-warn` it ends the evaluation.",
    "2.23",
  ],
  [
    "zipAttrsWith",
    "f sets",
    "(string -> [a] -> b) -> [set] -> set",
    "Merges sets: every name gets `f name values` with the values that the sets have for it, in order.",
    "2.6",
  ],
];

const docs = new Map<string, BuiltinDoc>(
  rows.map(([name, args, type, text, since, feature]) => [
    name,
    {
      name,
      args: args === "" ? [] : args.split(" "),
      type,
      text,
      ...(since === undefined ? {} : { since }),
      ...(feature === undefined ? {} : { feature }),
    },
  ]),
);

/** All of them, in alphabetical order. */
export const BUILTIN_DOCS: readonly BuiltinDoc[] = BUILTIN_NAMES.flatMap((name) => {
  const doc = docs.get(name);
  return doc ? [doc] : [];
});
