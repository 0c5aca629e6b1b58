/**
 * Calls of every builtin and uses of every operator, with arguments of every type where a good one
 * should stand: what is checked, in which order, and in which words.
 */
import { ARGUMENTS, type ArgumentType, TYPES } from "./arguments.ts";
import type { Random } from "./random.ts";

/** Types that are good at a hole: `%s` in a template is a string, and so on. `%x` is anything. */
const HOLES: Readonly<Record<string, readonly ArgumentType[]>> = {
  b: ["bool"],
  i: ["int", "int", "negative int", "huge int"],
  n: ["int", "negative int", "huge int", "float"],
  s: ["string", "empty string", "odd string", "string with context"],
  p: ["path", "path", "string with context"],
  l: ["list", "list", "empty list"],
  a: ["set", "set", "empty set", "derivation"],
  f: ["function", "builtin", "functor"],
  x: TYPES,
};

/** Uses of each builtin, and of each operator; the first is the plain call. */
const TEMPLATES: Record<string, readonly string[]> = {
  abort: ["abort %s"],
  add: ["builtins.add %n %n"],
  addDrvOutputDependencies: ["builtins.addDrvOutputDependencies %s"],
  addErrorContext: ["builtins.addErrorContext %s %x"],
  all: ["builtins.all %f %l", "builtins.all (x: %b) %l"],
  any: ["builtins.any %f %l", "builtins.any (x: %b) %l"],
  appendContext: [
    "builtins.appendContext %s %a",
    'builtins.appendContext %s { "/nix/store/0000000000000000000000000000000a-q" = %a; }',
    'builtins.appendContext %s { "/nix/store/0000000000000000000000000000000a-q.drv" = { outputs = %l; path = %b; allOutputs = %b; }; }',
    "builtins.appendContext %s { ${builtins.unsafeDiscardStringContext %s} = { path = %b; }; }",
  ],
  attrNames: ["builtins.attrNames %a"],
  attrValues: ["builtins.attrValues %a"],
  baseNameOf: ["baseNameOf %s", "baseNameOf %p"],
  bitAnd: ["builtins.bitAnd %i %i"],
  bitOr: ["builtins.bitOr %i %i"],
  bitXor: ["builtins.bitXor %i %i"],
  break: ["builtins.break %x"],
  catAttrs: [
    "builtins.catAttrs %s %l",
    "builtins.catAttrs %s [ %a %a ]",
    'builtins.catAttrs "a" [ %a %a ]',
  ],
  ceil: ["builtins.ceil %n"],
  compareVersions: ["builtins.compareVersions %s %s"],
  concatLists: ["builtins.concatLists %l", "builtins.concatLists [ %l %l ]"],
  concatMap: ["builtins.concatMap %f %l", "builtins.concatMap (x: %l) %l"],
  concatStringsSep: ["builtins.concatStringsSep %s %l", "builtins.concatStringsSep %s [ %s %s ]"],
  convertHash: [
    "builtins.convertHash %a",
    "builtins.convertHash { hash = %s; toHashFormat = %s; hashAlgo = %s; }",
    'builtins.convertHash { hash = "sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU="; toHashFormat = %s; }',
  ],
  deepSeq: ["builtins.deepSeq %x %x"],
  derivation: [
    "(derivation %a).drvPath",
    "(derivation { name = %s; builder = %s; system = %s; }).drvPath",
    '(derivation { name = "n"; builder = "b"; system = "s"; args = %l; }).drvPath',
    '(derivation { name = "n"; builder = "b"; system = "s"; v = %x; w = [ %x %x ]; }).drvPath',
    '(derivation { name = "n"; builder = "b"; system = "s"; outputs = %l; }).drvPath',
    '(derivation { name = "n"; builder = "b"; system = "s"; outputs = [ %s "out" ]; }).drvPath',
    '(derivation { name = "n"; builder = "b"; system = "s"; __structuredAttrs = %b; v = %x; }).drvPath',
    '(derivation { name = "n"; builder = "b"; system = "s"; __structuredAttrs = true; v = %x; outputs = %l; }).drvPath',
    '(derivation { name = "n"; builder = "b"; system = "s"; __ignoreNulls = %b; v = null; }).drvPath',
    '(derivation { name = "n"; builder = "b"; system = "s"; outputHash = %s; outputHashAlgo = %s; outputHashMode = %s; }).drvPath',
    '(derivation { name = "n"; builder = "b"; system = "s"; outputHash = "1B2M2Y8AsgTpgAmY7PhCfg=="; outputHashAlgo = "md5"; outputHashMode = %s; outputs = %l; }).drvPath',
  ],
  derivationStrict: ["derivationStrict %a", "derivationStrict { name = %s; builder = %s; }"],
  dirOf: ["dirOf %s", "dirOf %p"],
  div: ["builtins.div %n %n"],
  elem: ["builtins.elem %x %l", "builtins.elem %x [ %x %x ]"],
  elemAt: ["builtins.elemAt %l %i", "builtins.elemAt [ %x %x ] %i"],
  fetchGit: [
    "builtins.fetchGit %e",
    "builtins.fetchGit { rev = %e; }",
    "builtins.fetchGit { url = %e; }",
  ],
  fetchMercurial: ["builtins.fetchMercurial %e", "builtins.fetchMercurial { foo = %e; }"],
  fetchTarball: [
    "builtins.fetchTarball %e",
    "builtins.fetchTarball { url = %e; }",
    'builtins.fetchTarball { url = "http://x/y"; sha256 = %e; }',
    "builtins.fetchTarball { bad = %x; }",
  ],
  fetchurl: [
    "builtins.fetchurl %e",
    "builtins.fetchurl { url = %e; }",
    'builtins.fetchurl { url = "http://x/y"; sha256 = %e; }',
    "builtins.fetchurl { bad = %x; }",
    'builtins.fetchurl { url = "http://x/y"; name = %e; }',
  ],
  filter: ["builtins.filter %f %l", "builtins.filter (x: %b) %l"],
  filterSource: ["builtins.filterSource %f %p", "builtins.filterSource (p: t: %b) %p"],
  findFile: [
    "builtins.findFile %l %s",
    "builtins.findFile [ %a ] %s",
    'builtins.findFile [ { prefix = %s; path = %p; } ] "hello.txt"',
    "builtins.findFile [ { path = %p; } ] %s",
  ],
  floor: ["builtins.floor %n"],
  "foldl'": [
    "builtins.foldl' %f %x %l",
    "builtins.foldl' (p: q: %x) %x %l",
    "builtins.foldl' (p: q: p + q) %x [ %x %x ]",
  ],
  fromJSON: ["builtins.fromJSON %s", "builtins.fromJSON (builtins.toJSON %x)"],
  fromTOML: ["builtins.fromTOML %s"],
  functionArgs: ["builtins.functionArgs %f"],
  genList: [
    "builtins.genList %f 3",
    "builtins.genList %f %t",
    "builtins.length (builtins.genList %f %t)",
  ],
  genericClosure: [
    "builtins.genericClosure %a",
    "builtins.genericClosure { startSet = %l; operator = %f; }",
    "builtins.genericClosure { startSet = [ { key = %x; } { key = %x; } ]; operator = x: %l; }",
    "builtins.genericClosure { startSet = [ { key = 1; } ]; operator = x: [ %a ]; }",
    "builtins.genericClosure { startSet = [ %a %a ]; operator = x: [ ]; }",
  ],
  getAttr: ["builtins.getAttr %s %a"],
  getContext: ["builtins.getContext %s"],
  getEnv: ["builtins.getEnv %s"],
  groupBy: ["builtins.groupBy %f %l", "builtins.groupBy (x: %s) %l"],
  hasAttr: ["builtins.hasAttr %s %a"],
  hasContext: ["builtins.hasContext %s"],
  hashFile: [
    "builtins.hashFile %s %p",
    'builtins.hashFile "md5" %p',
    "builtins.hashFile %s ./files/hello.txt",
  ],
  hashString: ["builtins.hashString %s %s", 'builtins.hashString "sha1" %s'],
  head: ["builtins.head %l", "builtins.head [ %x ]"],
  import: ["import %p", "import ./files/function.nix %x"],
  intersectAttrs: ["builtins.intersectAttrs %a %a"],
  isAttrs: ["builtins.isAttrs %x"],
  isBool: ["builtins.isBool %x"],
  isFloat: ["builtins.isFloat %x"],
  isFunction: ["builtins.isFunction %x"],
  isInt: ["builtins.isInt %x"],
  isList: ["builtins.isList %x"],
  isNull: ["isNull %x"],
  isPath: ["builtins.isPath %x"],
  isString: ["builtins.isString %x"],
  length: ["builtins.length %l", "builtins.length [ %x ]"],
  lessThan: ["builtins.lessThan %x %x", "builtins.lessThan [ %x ] [ %x ]"],
  listToAttrs: [
    "builtins.listToAttrs %l",
    "builtins.listToAttrs [ %a %a ]",
    "builtins.listToAttrs [ { name = %s; value = %x; } { name = %s; value = %x; } ]",
    "builtins.listToAttrs [ { name = %s; } ]",
  ],
  map: ["map %f %l"],
  mapAttrs: ["builtins.mapAttrs %f %a", "builtins.mapAttrs (n: %f) %a"],
  match: ["builtins.match %s %s"],
  mul: ["builtins.mul %n %n"],
  parseDrvName: ["builtins.parseDrvName %s"],
  partition: ["builtins.partition %f %l", "builtins.partition (x: %b) %l"],
  path: [
    "builtins.path %a",
    "builtins.path { path = %p; name = %s; }",
    "builtins.path { path = ./files/tree; filter = %f; recursive = %b; }",
    "builtins.path { path = ./files/hello.txt; recursive = %b; sha256 = %s; }",
    "builtins.path { path = %p; filter = p: t: %b; }",
    "builtins.path { path = %p; bad = %x; }",
    "builtins.path { name = %s; }",
  ],
  pathExists: ["builtins.pathExists %p", "builtins.pathExists %s"],
  placeholder: ["placeholder %s"],
  readDir: ["builtins.readDir %p"],
  readFile: ["builtins.readFile %p"],
  readFileType: ["builtins.readFileType %p"],
  removeAttrs: ["removeAttrs %a %l", "removeAttrs %a [ %s %s ]"],
  replaceStrings: [
    "builtins.replaceStrings %l %l %s",
    "builtins.replaceStrings [ %s %s ] [ %s %s ] %s",
    'builtins.replaceStrings [ "a" %s ] [ %s "b" ] "abc"',
  ],
  scopedImport: ["scopedImport %a %p"],
  seq: ["builtins.seq %x %x"],
  sort: [
    "builtins.sort %f %l",
    "builtins.sort builtins.lessThan [ %x %x ]",
    "builtins.sort (x: y: builtins.length x < builtins.length y) [ %l %l [ 1 ] %l [ 2 ] ]",
    "builtins.sort (x: y: %b) [ 1 2 ]",
  ],
  split: ["builtins.split %s %s"],
  splitVersion: ["builtins.splitVersion %s"],
  storePath: ["builtins.storePath %p", "builtins.storePath %s"],
  stringLength: ["builtins.stringLength %s"],
  sub: ["builtins.sub %n %n"],
  substring: [
    "builtins.substring %i %i %s",
    "builtins.substring 0 %i %s",
    "builtins.substring %i (-1) %s",
  ],
  tail: ["builtins.tail %l"],
  throw: ["throw %s"],
  toFile: ["builtins.toFile %s %s", 'builtins.toFile "f" %s'],
  toJSON: ["builtins.toJSON %x", "builtins.toJSON [ %x { a = %x; } ]"],
  toPath: ["builtins.toPath %p", "builtins.toPath %s"],
  toString: ["toString %x", "toString [ %x %x ]"],
  toXML: ["builtins.toXML %x", "builtins.toXML [ %x { a = %x; } ]"],
  trace: ["builtins.trace %x %x"],
  traceVerbose: ["builtins.traceVerbose %x %x"],
  tryEval: ["builtins.tryEval %x", "builtins.tryEval (%x + %x)"],
  typeOf: ["builtins.typeOf %x"],
  unsafeDiscardOutputDependency: ["builtins.unsafeDiscardOutputDependency %s"],
  unsafeDiscardStringContext: ["builtins.unsafeDiscardStringContext %s"],
  unsafeGetAttrPos: [
    "builtins.unsafeGetAttrPos %s %a",
    "builtins.typeOf (builtins.unsafeGetAttrPos %s %a)",
  ],
  warn: ["builtins.warn %s %x"],
  zipAttrsWith: [
    "builtins.zipAttrsWith %f %l",
    "builtins.zipAttrsWith (n: vs: vs) [ %a %a ]",
    "builtins.zipAttrsWith (n: %f) [ %a %a ]",
  ],
  "operator +": ["%x + %x", "%p + %s", "%s + %x"],
  "operator -": ["%n - %n", "%x - %n", "-%x"],
  "operator *": ["%n * %n", "%x * %x"],
  "operator /": ["%n / %n", "%x / %x"],
  "operator <": ["%x < %x", "%n <= %n", "%s > %s", "[ %x ] >= [ %x ]"],
  "operator ==": ["%x == %x", "%a != %a", "[ %x ] == [ %x ]", "{ a = %x; } == { a = %x; }"],
  "operator ++": ["%l ++ %l"],
  "operator //": ["%a // %a"],
  "operator &&": ["%b && %b", "%b || %b", "%b -> %b", "!%b"],
  "operator ?": ["%a ? a", "%a ? a.b", "%a ? ${%s}"],
  "operator .": ["%a.a", "%a.a.b", "%a.${%s}", "%a.a or %x", "%a.a.b.c or %x", "%a.${%s}.x or %x"],
  interpolation: ['"a${%x}b"', "''${%x}''", '"${%x}${%x}"', './files + "/${%s}"', "./${%s}/x"],
  application: [
    "%f %x",
    "%f %x %x",
    "(x: { a, b ? %x }: a) %x { a = %x; }",
    "({ a, b ? 2 }: [ a b ]) %a",
    "({ a ? %x, ... }@q: [ a q ]) %a",
    "({ a, b ? a }: [ a b ]) { a = %x; b = %x; }",
    "({ b ? a, a }: [ a b ]) %a",
    "(q@{ a ? b, b ? null, ... }: [ a b q ]) %a",
  ],
  if: [
    "if %b then %x else %x",
    "assert %b; %x",
    "with %a; a",
    "let inherit (%a) a; in a",
    "{ inherit (%a) a; }",
    "{ ${%s} = %x; }",
    "rec { ${%s} = %x; a = 1; }",
    "let { body = %x; }",
    "{ a = 1; ${%s} = %x; }",
  ],
};

/** Functions of lists, which may look at the function although the list is empty. */
for (const name of ["all", "any", "concatMap", "filter", "groupBy", "map", "partition", "sort"])
  TEMPLATES[name] = [...(TEMPLATES[name] as readonly string[]), `builtins.${name} %x [ ]`];

/** What a call may name: `d` a derivation with two outputs, `t` a file in the store. */
export const AROUND =
  'let d = derivation { name = "d"; builder = "b"; system = "c"; outputs = [ "out" "dev" ]; }; t = builtins.toFile "t" "x"; in ';

/** For fetchers: nothing that they would ask the network for. */
export const OFFLINE: readonly ArgumentType[] = TYPES.filter(
  (type) => !/string|path|derivation|outPath|__toString/.test(type),
);

/** A term for a hole of a template, of a type that is good there but for that probability. */
function termFor(r: Random, hole: string, wrong: number): string {
  if (hole === "e") return r.pick(ARGUMENTS[r.pick(OFFLINE)]);
  // A length: not one that takes all memory.
  const types = hole === "t" ? (["int", "negative int"] as const) : (HOLES[hole] ?? TYPES);
  if (!r.chance(wrong)) return r.pick(ARGUMENTS[r.pick(types)]);
  const any = hole === "t" ? TYPES.filter((type) => type !== "huge int") : TYPES;
  return r.pick(ARGUMENTS[r.pick(any)]);
}

/** A call of a builtin with holes filled, most of them well. */
function callOf(r: Random, name: string): string {
  const templates = TEMPLATES[name] as readonly string[];
  const template = r.chance(0.4) ? (templates[0] as string) : r.pick(templates);
  const wrong = r.pick([0.15, 0.3, 0.6, 0.9]);
  return template.replace(/%([a-z])/g, (_, hole: string) => termFor(r, hole, wrong));
}

/** What the parameters of a builtin are: letters of holes, or terms. */
export function parameters(builtin: string): string[] {
  return (TEMPLATES[builtin]?.[0] ?? "").split(" ").slice(1);
}

/** An argument for a parameter, good for the most part. */
export const argumentFor = (r: Random, parameter: string) =>
  parameter.replace(/^%([a-z])$/, (_, hole: string) => termFor(r, hole, 0.1));

const NAMES = Object.keys(TEMPLATES);

export function calls(r: Random): string {
  return AROUND + callOf(r, r.pick(NAMES));
}
