/** A derivation and its text, the `.drv` file. */
import type { ByteString } from "../base/bytes.ts";
import { AtermReader, atermRawStrings, atermString, atermStrings } from "./aterm.ts";
import { encodeBase16 } from "./base16.ts";
import { type IngestionMethod, methodPrefix, splitMethodPrefix } from "./content-address.ts";
import { type DynamicInputs, derivationStart, usedOutputsText } from "./dynamic-inputs.ts";
import { ExperimentalFeatureError, StoreError } from "./error.ts";
import { type Hash, type HashAlgorithm, parseBareHash, parseHashAlgorithm } from "./hash.ts";
import {
  DRV_SUFFIX,
  makeTextPath,
  parseCanonicalStorePath,
  type StoreContext,
  storePathName,
} from "./store-path.ts";

/**
 * An output. `input-addressed`: its path follows from the derivation. `fixed`: from the hash of its
 * contents, stated beforehand. The others have no path before they are built: `floating` (from the
 * contents, experimental `ca-derivations`), `impure` (experimental `impure-derivations`), `deferred`
 * (would be input-addressed, but an input has no path yet).
 */
export type DerivationOutput =
  | { readonly kind: "input-addressed"; readonly path: ByteString }
  | {
      readonly kind: "fixed";
      readonly path: ByteString;
      readonly method: IngestionMethod;
      readonly hash: Hash;
    }
  | {
      readonly kind: "floating" | "impure";
      readonly method: IngestionMethod;
      readonly algo: HashAlgorithm;
    }
  | { readonly kind: "deferred" };

/** Every map and list but `args` is sorted by bytes. */
export interface Derivation {
  /** Without `.drv`; not in the text but in the path. */
  readonly name: ByteString;
  readonly outputs: ReadonlyMap<ByteString, DerivationOutput>;
  /** Derivation path to the names of the outputs that are used. */
  readonly inputDrvs: ReadonlyMap<ByteString, readonly ByteString[]>;
  /** Of input derivations that build derivations which are inputs too. */
  readonly dynamicInputs?: DynamicInputs;
  readonly inputSrcs: readonly ByteString[];
  readonly system: ByteString;
  readonly builder: ByteString;
  readonly args: readonly ByteString[];
  readonly env: ReadonlyMap<ByteString, ByteString>;
}

/** The path of an output that is known before it is built. */
export function outputPathOf(output: DerivationOutput): ByteString | undefined {
  return output.kind === "input-addressed" || output.kind === "fixed" ? output.path : undefined;
}

/** The store paths that the `.drv` file refers to, sorted. */
export function derivationReferences(drv: Derivation): ByteString[] {
  return [...new Set([...drv.inputSrcs, ...drv.inputDrvs.keys()])].sort();
}

/** `(name,path,algorithm,hash)` */
export function outputText(name: ByteString, output: DerivationOutput): ByteString {
  switch (output.kind) {
    case "input-addressed":
      return `("${name}","${output.path}","","")`;
    case "fixed":
      return `("${name}","${output.path}","${methodPrefix(output.method)}${output.hash.algo}","${encodeBase16(output.hash.bytes)}")`;
    case "floating":
      return `("${name}","","${methodPrefix(output.method)}${output.algo}","")`;
    case "impure":
      return `("${name}","","${methodPrefix(output.method)}${output.algo}","impure")`;
    case "deferred":
      return `("${name}","","","")`;
  }
}

/** The list of input derivations; keys are paths, or hashes in the text of a hash modulo. */
export function inputDrvsText(
  inputs: Iterable<readonly [key: string, outputs: readonly ByteString[]]>,
  dynamic?: DynamicInputs,
): ByteString {
  let out = "";
  for (const [key, outputs] of inputs) {
    out += `${out === "" ? "" : ","}("${key}",${usedOutputsText(outputs, dynamic?.get(key))})`;
  }
  return `[${out}]`;
}

/** Sources, system, builder and arguments: what is the same in every text of a derivation. */
export function middleText(
  drv: Pick<Derivation, "inputSrcs" | "system" | "builder" | "args">,
): ByteString {
  return `${atermRawStrings(drv.inputSrcs)},"${drv.system}",${atermString(drv.builder)},${atermStrings(drv.args)}`;
}

/** The bytes of the `.drv` file. */
export function unparseDerivation(drv: Derivation): ByteString {
  return derivationText(drv, drv.inputDrvs);
}

/** The text with other input derivations: their hashes, for the hash modulo. */
export function derivationText(
  drv: Derivation,
  inputs: Iterable<readonly [key: string, outputs: readonly ByteString[]]>,
): ByteString {
  let outputs = "";
  for (const [name, output] of drv.outputs) {
    outputs += outputs === "" ? outputText(name, output) : `,${outputText(name, output)}`;
  }
  let env = "";
  for (const [name, value] of drv.env) {
    env += `${env === "" ? "" : ","}(${atermString(name)},${atermString(value)})`;
  }
  const start = derivationStart(drv.dynamicInputs);
  return `${start}[${outputs}],${inputDrvsText(inputs, drv.dynamicInputs)},${middleText(drv)},[${env}])`;
}

/** The path of the `.drv` file; `text` saves unparsing when it is at hand. */
export function derivationPath(
  context: StoreContext,
  drv: Derivation,
  text: ByteString = unparseDerivation(drv),
): ByteString {
  return makeTextPath(context, drv.name + DRV_SUFFIX, text, derivationReferences(drv));
}

/** The name of the derivation at a path. Throws `StoreError` when the path does not end in `.drv`. */
export function derivationNameOf(context: StoreContext, drvPath: ByteString): ByteString {
  const name = storePathName(context, drvPath);
  if (!name.endsWith(DRV_SUFFIX)) {
    const base = drvPath.slice(context.storeDir.length + 1);
    throw new StoreError(`store path '${base}' is not a valid derivation path`);
  }
  return name.slice(0, -DRV_SUFFIX.length);
}

function parseOutput(
  context: StoreContext,
  path: ByteString,
  algoText: ByteString,
  hashText: ByteString,
): DerivationOutput {
  if (algoText === "") {
    return path === ""
      ? { kind: "deferred" }
      : { kind: "input-addressed", path: parseCanonicalStorePath(context, path) };
  }
  const { method, algo: algoName } = splitMethodPrefix(algoText);
  const algo = parseHashAlgorithm(algoName);
  if (hashText === "impure") {
    if (path !== "")
      throw new StoreError("impure derivation output should not specify output path");
    return { kind: "impure", method, algo };
  }
  if (hashText === "") {
    if (path !== "") {
      throw new StoreError("content-addressing derivation output should not specify output path");
    }
    return { kind: "floating", method, algo };
  }
  const hash = parseBareHash(hashText, algo);
  return { kind: "fixed", path: parseCanonicalStorePath(context, path), method, hash };
}

/** A map of what was read, in the order of its keys; of equal keys the last counts. */
function sortedMap<Value>(entries: [ByteString, Value][]): Map<ByteString, Value> {
  entries.sort((a, b) => (a[0] < b[0] ? -1 : a[0] > b[0] ? 1 : 0));
  return new Map(entries);
}

function sortedSet(items: ByteString[]): ByteString[] {
  return [...new Set(items)].sort();
}

/**
 * Reads the text of the derivation at `drvPath`. Throws `StoreError`: `error parsing derivation '…': error: …`.
 * Derivations with dynamic inputs (`DrvWithVersion`) are refused with the experimental feature's name.
 */
export function parseDerivation(
  context: StoreContext,
  drvPath: ByteString,
  text: ByteString,
): Derivation {
  try {
    return parseText(context, derivationNameOf(context, drvPath), text);
  } catch (error) {
    if (!(error instanceof StoreError) || error instanceof ExperimentalFeatureError) throw error;
    throw new StoreError(`error parsing derivation '${drvPath}': error: ${error.message}`);
  }
}

function parseText(context: StoreContext, name: ByteString, text: ByteString): Derivation {
  const reader = new AtermReader(text);
  if (reader.accept("DrvWithVersion(")) {
    throw new ExperimentalFeatureError("dynamic-derivations", `derivation '${name}'`);
  }
  reader.expect("D");
  reader.expect("erive(");
  const outputs = reader.list((): [ByteString, DerivationOutput] => {
    reader.expect("(");
    const outputName = reader.string();
    reader.expect(",");
    const path = reader.string();
    reader.expect(",");
    const algo = reader.string();
    reader.expect(",");
    const hash = reader.string();
    reader.expect(")");
    return [outputName, parseOutput(context, path, algo, hash)];
  });
  reader.expect(",");
  const inputDrvs = reader.list((): [ByteString, ByteString[]] => {
    reader.expect("(");
    const path = parseCanonicalStorePath(context, reader.string());
    reader.expect(",");
    const names = sortedSet(reader.strings());
    if (names.length === 0) {
      throw new StoreError(`inputDrvs entry for '${path}' specifies no outputs`);
    }
    reader.expect(")");
    return [path, names];
  });
  reader.expect(",");
  const inputSrcs = reader.list(() => parseCanonicalStorePath(context, reader.string()));
  reader.expect(",");
  const system = reader.string();
  reader.expect(",");
  const builder = reader.string();
  reader.expect(",");
  const args = reader.strings();
  reader.expect(",");
  const env = reader.list((): [ByteString, ByteString] => {
    reader.expect("(");
    const key = reader.string();
    reader.expect(",");
    const value = reader.string();
    reader.expect(")");
    return [key, value];
  });
  reader.expect(")");
  return {
    name,
    outputs: sortedMap(outputs),
    inputDrvs: sortedMap(inputDrvs),
    inputSrcs: sortedSet(inputSrcs),
    system,
    builder,
    args,
    env: sortedMap(env),
  };
}
