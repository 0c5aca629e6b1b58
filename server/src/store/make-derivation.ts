/** From what an evaluation knows of a derivation to the complete one: output paths, `.drv` path, hash modulo. */
import type { ByteString } from "../base/bytes.ts";
import { atermString } from "./aterm.ts";
import type { IngestionMethod } from "./content-address.ts";
import {
  type Derivation,
  type DerivationOutput,
  inputDrvsText,
  middleText,
  outputPathOf,
  outputText,
} from "./derivation.ts";
import {
  DEFERRED,
  fixedOutputModulo,
  type HashModulo,
  inputsModulo,
  type ModuloLookup,
} from "./derivation-hash.ts";
import { type DynamicInputs, derivationStart } from "./dynamic-inputs.ts";
import type { Hash, HashAlgorithm } from "./hash.ts";
import {
  DRV_SUFFIX,
  makeFixedOutputPath,
  makeOutputPath,
  makeTextPath,
  placeholder,
  type StoreContext,
} from "./store-path.ts";

/** Which outputs are wanted; `names` in any order, without repetition. */
export type OutputsSpec =
  | { readonly kind: "input-addressed"; readonly names: readonly ByteString[] }
  | { readonly kind: "fixed"; readonly method: IngestionMethod; readonly hash: Hash }
  | {
      readonly kind: "floating" | "impure";
      readonly names: readonly ByteString[];
      readonly method: IngestionMethod;
      readonly algo: HashAlgorithm;
    };

export interface DerivationSpec {
  readonly name: ByteString;
  readonly system: ByteString;
  readonly builder: ByteString;
  readonly args: readonly ByteString[];
  /** In any order; variables named after outputs are replaced. */
  readonly env: ReadonlyMap<ByteString, ByteString>;
  readonly outputs: OutputsSpec;
  readonly inputSrcs: Iterable<ByteString>;
  /** Derivation path to the names of the outputs that are used, in any order. */
  readonly inputDrvs: ReadonlyMap<ByteString, Iterable<ByteString>>;
  /** Of those that build derivations which are inputs too. */
  readonly dynamicInputs?: DynamicInputs;
}

export interface MadeDerivation {
  readonly drvPath: ByteString;
  readonly drv: Derivation;
  /** Output name to path; without the outputs that have no path before they are built. */
  readonly outputs: ReadonlyMap<ByteString, ByteString>;
  readonly modulo: HashModulo;
}

/** The variables in order as escaped text, with holes for the values of those named after outputs. */
function envWithHoles(spec: DerivationSpec, outputNames: readonly ByteString[]) {
  const holes = new Set(outputNames);
  const names = [...spec.env.keys()];
  for (const name of outputNames) if (!spec.env.has(name)) names.push(name);
  names.sort();
  const pieces: string[] = [];
  // Joined: the pieces go into three texts, and a string made by `+` is gone through by each of them.
  let parts: string[] = [];
  let separator = "(";
  for (const name of names) {
    parts.push(separator, atermString(name), ",");
    separator = ",(";
    if (holes.has(name)) {
      parts.push('"');
      pieces.push(parts.join(""));
      parts = ['")'];
    } else {
      parts.push(atermString(spec.env.get(name) as ByteString), ")");
    }
  }
  pieces.push(parts.join(""));
  return { names, pieces };
}

/** `values` are written as they are: store paths and placeholders. */
function fillHoles(pieces: readonly string[], values: readonly ByteString[]): ByteString {
  let out = pieces[0] as string;
  for (let i = 1; i < pieces.length; i++) out += (values[i - 1] as string) + (pieces[i] as string);
  return out;
}

/**
 * Completes a derivation. `lookup` gives the hash modulo of each input derivation. Throws `StoreError`
 * when a name makes no store path. Does not check the spec otherwise.
 */
export function makeDerivation(
  context: StoreContext,
  spec: DerivationSpec,
  lookup: ModuloLookup,
): MadeDerivation {
  const inputSrcs = [...new Set(spec.inputSrcs)].sort();
  const inputDrvs = new Map<ByteString, readonly ByteString[]>();
  for (const drvPath of [...spec.inputDrvs.keys()].sort()) {
    inputDrvs.set(drvPath, [...new Set(spec.inputDrvs.get(drvPath))].sort());
  }
  const wanted = spec.outputs;
  const names = wanted.kind === "fixed" ? ["out"] : [...wanted.names].sort();
  const { names: envNames, pieces } = envWithHoles(spec, names);
  const middle = middleText({ ...spec, inputSrcs });
  const text = (
    outputs: ReadonlyMap<ByteString, DerivationOutput>,
    inputs: ByteString,
    values: readonly ByteString[],
  ) => {
    let list = "";
    for (const [name, output] of outputs) {
      list += list === "" ? outputText(name, output) : `,${outputText(name, output)}`;
    }
    return `${derivationStart(spec.dynamicInputs)}[${list}],${inputs},${middle},[${fillHoles(pieces, values)}])`;
  };

  const outputs = new Map<ByteString, DerivationOutput>();
  let values: ByteString[];
  let modulo: HashModulo = DEFERRED;
  if (wanted.kind === "fixed") {
    const { method, hash } = wanted;
    const path = makeFixedOutputPath(context, spec.name, method, hash);
    const output = { kind: "fixed", path, method, hash } as const;
    outputs.set("out", output);
    values = [path];
    modulo = { kind: "fixed", outputs: new Map([["out", fixedOutputModulo(context, output)]]) };
  } else if (wanted.kind === "input-addressed") {
    // What a derivation is that is yet to be built is not known.
    const isKnown = spec.dynamicInputs === undefined || spec.dynamicInputs.size === 0;
    const inputs = isKnown ? inputsModulo(spec.name, inputDrvs, lookup) : undefined;
    for (const name of names) outputs.set(name, { kind: "deferred" });
    values = names.map(() => "");
    if (inputs !== undefined) {
      const moduloInputs = inputDrvsText(inputs);
      const masked = context.hasher.hex("sha256", text(outputs, moduloInputs, values));
      values = names.map((name) => makeOutputPath(context, name, masked, spec.name));
      names.forEach((name, i) => {
        outputs.set(name, { kind: "input-addressed", path: values[i] as ByteString });
      });
      const hash = context.hasher.hex("sha256", text(outputs, moduloInputs, values));
      modulo = { kind: "regular", hash };
    }
  } else {
    const { kind, method, algo } = wanted;
    for (const name of names) outputs.set(name, { kind, method, algo });
    values = names.map((name) => placeholder(context, name));
  }

  const env = new Map<ByteString, ByteString>();
  for (const name of envNames) {
    const i = names.indexOf(name);
    env.set(name, i < 0 ? (spec.env.get(name) as ByteString) : (values[i] as ByteString));
  }
  const drv: Derivation = {
    name: spec.name,
    outputs,
    inputDrvs,
    ...(spec.dynamicInputs === undefined ? {} : { dynamicInputs: spec.dynamicInputs }),
    inputSrcs,
    system: spec.system,
    builder: spec.builder,
    args: spec.args,
    env,
  };
  const drvPath = makeTextPath(
    context,
    spec.name + DRV_SUFFIX,
    text(outputs, inputDrvsText(inputDrvs, spec.dynamicInputs), values),
    [...inputSrcs, ...inputDrvs.keys()],
  );
  const paths = new Map<ByteString, ByteString>();
  for (const [name, output] of outputs) {
    const path = outputPathOf(output);
    if (path !== undefined) paths.set(name, path);
  }
  return { drvPath, drv, outputs: paths, modulo };
}
