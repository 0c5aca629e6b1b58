/** Calls of the functions of nixpkgs' library, of which SNOWGLOBE_CORPUS names trees. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import type { Random } from "./random.ts";

/** Paths of libraries. */
export const LIBRARIES = (process.env["SNOWGLOBE_CORPUS"] ?? "")
  .split(":")
  .filter((tree) => tree !== "")
  .map((tree) => join(tree, "lib"))
  .filter((directory) => existsSync(join(directory, "default.nix")));

const WORDS = [
  "a",
  "b",
  "foo",
  "foo-1.2",
  "x y",
  "",
  "/a/b",
  "a.b.c",
  "é",
  "1",
  "-2",
  "$x'",
  "<&>",
];

/** What a letter in the table below stands for. */
const MAKERS: Readonly<Record<string, (r: Random) => string>> = {
  i: (r) => r.pick(["0", "1", "2", "3", "7", "(-1)", "255"]),
  b: (r) => r.pick(["true", "false"]),
  s: (r) => `"${r.pick(WORDS).replace("$", "\\$")}"`,
  v: (r) => r.pick(['"1.2"', '"1.10.3"', '"2.0pre"', '"1"', '"1.2-rc1"', '"foo-1.2"', '""']),
  I: (r) => many(r, 5, "i"),
  S: (r) => many(r, 4, "s"),
  /** A path of attributes. */
  P: (r) => `[ ${r.some(3, () => r.pick(['"a"', '"b"', '"c d"'])).join(" ")} ]`,
  a: (r) => set(r, 2),
  A: (r) => many(r, 3, "a"),
  x: (r) => value(r, 2),
  X: (r) => `[ ${r.some(4, () => value(r, 1)).join(" ")} ]`,
  /** Functions: of one thing, of two, to true or false, of a name and a value, to strings. */
  f: (r) => r.pick(["(x: x)", "(x: [ x ])", "toString", "(x: { inherit x; })", "builtins.typeOf"]),
  g: (r) => r.pick(["(x: y: [ x y ])", "(x: y: x)", "(x: y: y)", '(x: y: "${toString x}-")']),
  c: (r) => r.pick(["(x: y: x < y)", "(x: y: y < x)", "(x: y: x == y)", "(x: y: true)"]),
  p: (r) => r.pick(["(x: true)", "(x: false)", "builtins.isInt", "builtins.isList", "(x: x == 1)"]),
  n: (r) => r.pick(["(n: v: v)", '(n: v: n != "a")', "(n: v: builtins.isAttrs v)", "(n: v: true)"]),
  t: (r) => r.pick(['(x: "${x}!")', "(x: x + x)", '(x: "")', "(x: x)"]),
  T: (r) => type(r, 2),
};

function many(r: Random, most: number, letter: string): string {
  return `[ ${r.some(most, () => (MAKERS[letter] as (random: Random) => string)(r)).join(" ")} ]`;
}

function set(r: Random, depth: number): string {
  const names = ["a", "b", '"c d"', "_type", "x"].filter(() => r.chance(0.4));
  return `{ ${names.map((name) => `${name} = ${value(r, depth - 1)};`).join(" ")} }`;
}

function value(r: Random, depth: number): string {
  if (depth > 0 && r.chance(0.3)) return set(r, depth);
  if (depth > 0 && r.chance(0.3)) return `[ ${r.some(3, () => value(r, depth - 1)).join(" ")} ]`;
  return r.pick([
    ...["1", "2", "(-3)", "1.5", "true", "false", "null", "[ ]", "{ }", "(x: x)", "/a/b"],
    `"${r.pick(WORDS).replace("$", "\\$")}"`,
  ]);
}

/** A type of options. */
function type(r: Random, depth: number): string {
  const simple = "int str bool float path lines anything unspecified attrs raw number package port";
  const inner = () => type(r, depth - 1);
  if (depth <= 0 || r.chance(0.5)) return `lib.types.${r.pick(simple.split(" "))}`;
  return `(lib.types.${r.pick([
    () => `listOf ${inner()}`,
    () => `attrsOf ${inner()}`,
    () => `lazyAttrsOf ${inner()}`,
    () => `nullOr ${inner()}`,
    () => `either ${inner()} ${inner()}`,
    () => `functionTo ${inner()}`,
    () => 'enum [ "a" 1 null ]',
    () => "ints.between 0 3",
    () => 'strMatching "[a-z]*"',
    () =>
      `submodule { options.a = lib.mkOption { type = ${inner()}; default = ${value(r, 1)}; }; }`,
    () => `coercedTo lib.types.int toString lib.types.str`,
  ])()})`;
}

/** Functions and the letters of what they are called with. */
const CALLS = `
  range ii; flatten x; foldr gxI; foldl gxI; foldl' gxI; imap0 gI; imap1 gI; count pX; optional bx; optionals bX; toList x
  partition pX; zipListsWith gIX; zipLists IX; reverseList X; unique X; intersectLists IX; subtractLists IX; take iX
  drop iX; sublist iiX; last X; init X; remove xX; findFirst pxX; findSingle pxxX; sort cI; sortOn fI; naturalSort S
  compareLists gII; mutuallyExclusive XX; groupBy fS; groupBy' gxfI; allUnique X; replicate ix; toposort cI; listDfs bcI
  any pX; all pX; concatMap fX; lists.commonPrefix XX; lists.hasPrefix XX; lists.removePrefix XX; lists.ifilter0 gX
  lists.findFirstIndex pxX; lists.foldl' gxI; singleton x; forEach Xf; last S; head X; tail X; elemAt Xi; elem xX

  concatStrings S; concatMapStrings tS; concatMapStringsSep stS; concatImapStrings gS; concatImapStringsSep sgS
  intersperse sX; concatLines S; concatStringsSep sS; makeSearchPath sS; makeBinPath S; makeLibraryPath S
  optionalString bs; hasPrefix ss; hasSuffix ss; hasInfix ss; stringToCharacters s; stringAsChars ts; escape Ss
  escapeShellArg s; escapeShellArgs S; strings.escapeNixString s; strings.escapeNixIdentifier s; escapeRegex s; escapeXML s; escapeURL s
  toUpper s; toLower s; splitString ss; removePrefix ss; removeSuffix ss; versionOlder vv; versionAtLeast vv; getName v
  getVersion v; nameFromURL ss; enableFeature bs; enableFeatureAs bss; withFeature bs; withFeatureAs bss; toInt s
  toIntBase10 s; fixedWidthString iss; fixedWidthNumber ii; trim s; strings.levenshtein ss; strings.levenshteinAtMost iss
  strings.commonPrefixLength ss; strings.commonSuffixLength ss; isStringLike x; isStorePath x; strings.floatToString i
  strings.toSentenceCase s; strings.cmakeBool b; strings.cmakeFeature ss; strings.mesonOption ss; strings.normalizePath s
  strings.isConvertibleWithToString x; strings.charToInt s; strings.replicate is; strings.sanitizeDerivationName s
  replaceStrings SSs; splitVersion v; strings.toShellVar sx; toShellVars a

  attrByPath Pxa; hasAttrByPath Pa; setAttrByPath Px; getAttrFromPath Pa; attrVals Pa; attrValues a; attrNames a
  filterAttrs na; filterAttrsRecursive na; foldAttrs gxA; foldlAttrs gxa; collect px; nameValuePair sx; mapAttrs na
  mapAttrsToList na; mapAttrsRecursive na; mapAttrsRecursiveCond pna; genAttrs Pf; zipAttrs A; zipAttrsWith nA
  recursiveUpdate aa; matchAttrs aa; overrideExisting aa; attrsToList a; attrsets.longestValidPathPrefix Pa; mergeAttrsList A
  recursiveUpdateUntil naa; isDerivation x; toDerivation s; optionalAttrs ba; showAttrPath P; cartesianProduct a
  zipAttrsWithNames Pna; catAttrs sA; attrsets.unionOfDisjoint aa; getOutput sx; getBin x
  chooseDevOutputs X; removeAttrs aP; intersectAttrs aa; concatMapAttrs na; attrsets.matchAttrs aa; recurseIntoAttrs a

  id x; const xx; and bb; or bb; bitAnd ii; bitOr ii; bitXor ii; min ii; max ii; mod ii; compare ii
  splitByAndCompare pggxx; toHexString i; toBaseDigits ii; boolToString b; boolToYesNo b; mergeAttrs aa; flip gxx
  mapNullable fx; isFunction x; fromHexString s; functionArgs x; toFunction x; isInt x; concat XX; xor bb; pipe iX
  trivial.mirrorFunctionArgs ff; throwIf bsx; throwIfNot bsx; checkListOfEnum sXXx; warnIf bsx; setFunctionArgs fa
  fix f; converge pi; extends gf; composeExtensions gg; makeExtensible f; makeOverridable fa

  generators.toJSON ax; generators.toPretty ax; generators.toINI aa; generators.toKeyValue aa; generators.toYAML ax
  generators.toPlist ax; generators.toLua ax; generators.toDhall ax; generators.toGitINI a; generators.mkKeyValueDefault asss
  generators.mkValueStringDefault ax; generators.toINIWithGlobalSection aa; generators.withRecursion ax
  cli.toGNUCommandLine aa; cli.toGNUCommandLineShell aa; gvariant.mkValue x; gvariant.isGVariant x

  versions.major v; versions.minor v; versions.patch v; versions.splitVersion v; versions.majorMinor v; versions.pad iv
  mkIf bx; mkMerge X; mkForce x; mkDefault x; mkOverride ix; mkBefore x; mkOrder ix; mkOption a; mkEnableOption s
  isOption x; showOption P; showFiles S; literalExpression s; scrubOptionValue x; isType sx; setType sa
  path.subpath.isValid s; path.subpath.normalise s; path.subpath.join S; path.subpath.components s
  systems.parse.mkSystemFromString s; systems.parse.doubleFromSystem x; meta.getLicenseFromSpdxId s; getExe x; getExe' xs
  lowPrio x; hiPrio x; meta.platformMatch ax; traceVal x; traceSeq xx; traceValSeqN ix
  assertMsg bs; assertOneOf sxX; asserts.assertEachOneOf sXX; runTests a; deepSeq xx; network.ipv6.fromString s
`
  .split(/[;\n]/)
  .map((call) => call.trim().split(" "))
  .filter((call): call is [string, string] => call.length === 2);

const SYSTEMS = "x86_64-linux aarch64-darwin armv7l-linux i686-windows riscv64-netbsd wasm32-wasi";

/** What is more than one call: options are declared and defined, systems are looked into. */
function whole(r: Random): string {
  const make = (letter: string) => (MAKERS[letter] as (random: Random) => string)(r);
  const defined = () =>
    r.pick([
      () => make("x"),
      () => `lib.mkIf ${make("b")} ${make("x")}`,
      () => `lib.mkMerge ${make("X")}`,
      () => `lib.mk${r.pick(["Force", "Default", "Before", "After"])} ${make("x")}`,
    ])();
  return r.pick([
    () => `${make("T")}.check ${make("x")}`,
    () => `${make("T")}.description`,
    () =>
      `(lib.evalModules { modules = [ { options.o = lib.mkOption { type = ${make("T")}; ${r.chance(0.5) ? `default = ${make("x")};` : ""} }; } { o = ${defined()}; } { config = lib.mkIf ${make("b")} { o = ${defined()}; }; } ]; }).config.o`,
    () =>
      `let s = lib.systems.elaborate "${r.pick(SYSTEMS.split(" "))}"; in [ s.config s.system s.isLinux s.parsed.cpu.name (s.libc or null) (s.extensions or null) ]`,
    () => `lib.generators.toPretty { multiline = ${make("b")}; } ${make("x")}`,
    () => `lib.path.append /a ${make("s")}`,
    () => `map toString (lib.fileset.toList ./files/tree)`,
    () => `(lib.makeOverridable (x: { inherit x; }) ${make("x")}).override ${make("x")}`,
  ])();
}

export function library(r: Random): string {
  const call = (): string => {
    const [name, letters] = r.pick(CALLS);
    const terms = [...letters].map((letter) => (MAKERS[letter] as (random: Random) => string)(r));
    return `lib.${name} ${terms.join(" ")}`;
  };
  return `let lib = import ${r.pick(LIBRARIES)}; in ${r.chance(0.3) ? whole(r) : call()}`;
}
