/**
 * Nix numbers names as it meets them, and goes through the attributes of a set by number where the
 * order should not matter. It shows in which of several errors is reported, and in the order of traces.
 */
import type { ByteString } from "../base/bytes.ts";
import type { Attrs, Shape } from "./attrs.ts";

/** What Nix 2.26 knows before it reads a program, in its order (measured). */
const KNOWN_FIRST = `
  outPath drvPath type meta name value system __overrides outputs outputName __ignoreNulls file
  line column __functor __toString right wrong __structuredAttrs allowedReferences
  allowedRequisites disallowedReferences disallowedRequisites maxSize maxClosureSize builder args
  __contentAddressed __impure outputHash outputHashAlgo outputHashMode recurseForDerivations
  description self "" startSet operator key path prefix outputSpecified __sub __lessThan __mul
  __div or __findFile __nixPath body builtins true false null __currentTime currentTime __currentSystem currentSystem
  __nixVersion nixVersion __storeDir storeDir __langVersion langVersion __traceVerbose
  traceVerbose nixPath scopedImport import __typeOf typeOf isNull __isFunction isFunction __isInt
  isInt __isFloat isFloat __isString isString __isBool isBool __isPath isPath __genericClosure
  genericClosure break abort throw __addErrorContext addErrorContext __ceil ceil __floor floor
  __tryEval tryEval __getEnv getEnv __seq seq __deepSeq deepSeq __trace trace __warn warn
  derivationStrict placeholder __toPath toPath __storePath storePath __pathExists pathExists
  baseNameOf dirOf __readFile readFile findFile __hashFile hashFile __readFileType readFileType
  __readDir readDir __toXML toXML __toJSON toJSON __fromJSON fromJSON __toFile toFile
  __filterSource filterSource __path __attrNames attrNames __attrValues attrValues __getAttr
  getAttr __unsafeGetAttrPos unsafeGetAttrPos __hasAttr hasAttr __isAttrs isAttrs removeAttrs
  __listToAttrs listToAttrs __intersectAttrs intersectAttrs __catAttrs catAttrs __functionArgs
  functionArgs __mapAttrs mapAttrs __zipAttrsWith zipAttrsWith __isList isList __elemAt elemAt
  __head head __tail tail map __filter filter __elem elem __concatLists concatLists __length
  length __foldl' foldl' __any any __all all __genList genList __sort sort __partition partition
  __groupBy groupBy __concatMap concatMap __add add sub mul div __bitAnd bitAnd __bitOr bitOr
  __bitXor bitXor lessThan toString __substring substring __stringLength stringLength __hashString
  hashString __convertHash convertHash __match match __split split __concatStringsSep
  concatStringsSep __replaceStrings replaceStrings __parseDrvName parseDrvName __compareVersions
  compareVersions __splitVersion splitVersion __unsafeDiscardStringContext
  unsafeDiscardStringContext __hasContext hasContext __unsafeDiscardOutputDependency
  unsafeDiscardOutputDependency __addDrvOutputDependencies addDrvOutputDependencies __getContext
  getContext __appendContext appendContext fetchMercurial fetchTree __fetchurl fetchurl
  fetchTarball fetchGit fromTOML __parseFlakeRef parseFlakeRef __flakeRefToString flakeRefToString
  __getFlake getFlake derivation strict drvAttrs commonAttrs outputsList x outputToAttrListElement`
  .trim()
  .split(/\s+/)
  .map((name) => (name === '""' ? "" : name));

/** Texts that are no files and are remembered; the oldest are forgotten. */
const MAX_TEXTS = 64;

export class SymbolOrder {
  /** Names by path, or by text for what is in no file, in the order in which they were first read. */
  readonly #sources = new Map<ByteString, ReadonlySet<ByteString>>();
  readonly #texts: ByteString[] = [];
  #ranks = new Map<ByteString, number>();
  /** Of shapes whose names all have ranks. */
  #indices = new WeakMap<Shape, readonly number[]>();
  /** Those that have no ranks yet. */
  #unread: ReadonlySet<ByteString>[] = [];

  constructor() {
    this.#reset();
  }

  #reset(): void {
    this.#indices = new WeakMap();
    this.#ranks = new Map(KNOWN_FIRST.map((name, i) => [name, i]));
    this.#unread = [...this.#sources.values()];
  }

  /** @param names of what was parsed, in order */
  add(path: ByteString | null, text: ByteString, names: ReadonlySet<ByteString>): void {
    const key = path ?? text;
    const isNew = !this.#sources.has(key);
    this.#sources.set(key, names);
    if (!isNew) {
      this.#reset();
      return;
    }
    this.#unread.push(names);
    if (path !== null) return;
    this.#texts.push(text);
    if (this.#texts.length > MAX_TEXTS) this.#sources.delete(this.#texts.shift() as ByteString);
  }

  /** Names that no program says come after all others, in the order in which they were made. */
  rank(name: ByteString): number {
    const ranks = this.#ranks;
    for (;;) {
      const rank = ranks.get(name);
      if (rank !== undefined) return rank;
      const unread = this.#unread.shift();
      if (unread === undefined) return Number.MAX_SAFE_INTEGER;
      for (const each of unread) if (!ranks.has(each)) ranks.set(each, ranks.size);
    }
  }

  /** Indices of a shape's names in Nix's order. */
  indices(shape: Shape): readonly number[] {
    const known = this.#indices.get(shape);
    if (known !== undefined) return known;
    const { names } = shape;
    const indices = names.map((_, i) => i);
    if (names.length < 2) return indices;
    const ranks = names.map((name) => this.rank(name));
    indices.sort((a, b) => (ranks[a] as number) - (ranks[b] as number));
    // The rank of a name that no program says may still come.
    if (!ranks.includes(Number.MAX_SAFE_INTEGER)) this.#indices.set(shape, indices);
    return indices;
  }

  names(set: Attrs): ByteString[] {
    const { shape } = set.flat();
    return this.indices(shape).map((i) => shape.names[i] as ByteString);
  }
}
