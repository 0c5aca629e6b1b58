/**
 * The names that every Nix file can use without defining them.
 *
 * Source of the behaviour: the global environment of Nix 2.26 and later. Names behind an
 * experimental feature are known here also when the feature is off, so that the editor does not
 * call a name undefined that the user's Nix may know; whether it exists is the evaluator's business.
 */

/** Attributes of `builtins` that are also names of their own. */
const PLAIN_GLOBALS: readonly string[] = [
  "abort",
  "baseNameOf",
  "break",
  "builtins",
  "derivation",
  "derivationStrict",
  "dirOf",
  "false",
  "fetchGit",
  "fetchMercurial",
  "fetchTarball",
  "fetchTree",
  "fromTOML",
  "import",
  "isNull",
  "map",
  "null",
  "placeholder",
  "removeAttrs",
  "scopedImport",
  "throw",
  "toString",
  "true",
];

/** Attributes of `builtins` that are names of their own only with `__` in front. */
const PREFIXED_GLOBALS: readonly string[] =
  `add addDrvOutputDependencies addErrorContext all any appendContext attrNames attrValues bitAnd bitOr
  bitXor catAttrs ceil compareVersions concatLists concatMap concatStringsSep convertHash currentSystem
  currentTime deepSeq div elem elemAt exec fetchClosure fetchurl filter filterSource findFile
  flakeRefToString floor foldl' fromJSON functionArgs genList genericClosure getAttr getContext getEnv
  getFlake groupBy hasAttr hasContext hashFile hashString head importNative intersectAttrs isAttrs
  isBool isFloat isFunction isInt isList isPath isString langVersion length lessThan listToAttrs
  mapAttrs match mul nixPath nixVersion outputOf parseDrvName parseFlakeRef partition path pathExists
  readDir readFile readFileType replaceStrings seq sort split splitVersion storeDir storePath
  stringLength sub substring tail toFile toJSON toPath toXML trace traceVerbose tryEval typeOf
  unsafeDiscardOutputDependency unsafeDiscardStringContext unsafeGetAttrPos warn zipAttrsWith`.split(
    /\s+/,
  );

/** Every attribute that `builtins` may have, sorted. */
export const BUILTIN_NAMES: readonly string[] = [...PLAIN_GLOBALS, ...PREFIXED_GLOBALS].sort();

const globals = new Map<string, string>();
for (const name of PLAIN_GLOBALS) globals.set(name, name);
for (const name of PREFIXED_GLOBALS) globals.set(`__${name}`, name);

/** Every global name (`map`, `__add`), each with the attribute of `builtins` that it is. */
export const GLOBAL_NAMES: ReadonlyMap<string, string> = globals;

/** The attribute of `builtins` that a global name stands for, or null when it is no global name. */
export function builtinOfGlobal(name: string): string | null {
  return globals.get(name) ?? null;
}
