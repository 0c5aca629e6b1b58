/**
 * The hash of a derivation "modulo" its fixed outputs: what the paths of input-addressed outputs follow
 * from, and what stands for the derivation in the hashes of those that depend on it.
 *
 * It is the SHA-256 of the derivation's text in which every input derivation is replaced by its own hash
 * modulo; a fixed output counts only by its contents and path, so that a change of how it is fetched
 * rebuilds nothing.
 */
import type { ByteString } from "../base/bytes.ts";
import { encodeBase16 } from "./base16.ts";
import { methodPrefix } from "./content-address.ts";
import { type Derivation, type DerivationOutput, derivationText } from "./derivation.ts";
import { StoreError } from "./error.ts";
import {
  makeFixedOutputPath,
  makeOutputPath,
  outputPathName,
  type StoreContext,
} from "./store-path.ts";

/** Hashes are SHA-256 in base 16. `deferred`: an input or the derivation itself has no path yet. */
export type HashModulo =
  | { readonly kind: "regular"; readonly hash: string }
  | { readonly kind: "fixed"; readonly outputs: ReadonlyMap<ByteString, string> }
  | { readonly kind: "deferred" };

export const DEFERRED: HashModulo = { kind: "deferred" };

/** Gives the hash modulo of an input derivation; throws when that is not known. */
export type ModuloLookup = (drvPath: ByteString) => HashModulo;

/**
 * The input derivations by hash instead of path: sorted anew, outputs of equal hashes together.
 * `undefined` when one is deferred.
 */
export function inputsModulo(
  drvName: ByteString,
  inputDrvs: ReadonlyMap<ByteString, readonly ByteString[]>,
  lookup: ModuloLookup,
): [hash: string, outputs: readonly ByteString[]][] | undefined {
  const byHash = new Map<string, readonly ByteString[]>();
  const add = (hash: string, outputs: readonly ByteString[]) => {
    const known = byHash.get(hash);
    byHash.set(hash, known === undefined ? outputs : [...new Set([...known, ...outputs])].sort());
  };
  for (const [drvPath, outputs] of inputDrvs) {
    const modulo = lookup(drvPath);
    if (modulo.kind === "deferred") return undefined;
    if (modulo.kind === "regular") {
      add(modulo.hash, outputs);
      continue;
    }
    for (const output of outputs) {
      const hash = modulo.outputs.get(output);
      if (hash === undefined) {
        throw new StoreError(`no hash for output '${output}' of derivation '${drvName}'`);
      }
      add(hash, OUT_ONLY);
    }
  }
  return [...byHash].sort((a, b) => (a[0] < b[0] ? -1 : 1));
}

const OUT_ONLY: readonly ByteString[] = ["out"];

/** The modulo hash of a fixed output. */
export function fixedOutputModulo(
  context: StoreContext,
  output: DerivationOutput & { readonly kind: "fixed" },
): string {
  const { method, hash, path } = output;
  const text = `fixed:out:${methodPrefix(method)}${hash.algo}:${encodeBase16(hash.bytes)}:${path}`;
  return context.hasher.hex("sha256", text);
}

/** The hash modulo of a complete derivation, as an input of another. */
export function hashModulo(
  context: StoreContext,
  drv: Derivation,
  lookup: ModuloLookup,
): HashModulo {
  const fixed = new Map<ByteString, string>();
  for (const [name, output] of drv.outputs) {
    if (output.kind === "fixed") fixed.set(name, fixedOutputModulo(context, output));
    else if (output.kind !== "input-addressed") return DEFERRED;
  }
  if (fixed.size > 0) return { kind: "fixed", outputs: fixed };
  const inputs = inputsModulo(drv.name, drv.inputDrvs, lookup);
  if (inputs === undefined) return DEFERRED;
  return { kind: "regular", hash: context.hasher.hex("sha256", derivationText(drv, inputs)) };
}

/** The hash that the output paths follow from: of the text without any output path. */
function maskedHash(
  context: StoreContext,
  drv: Derivation,
  lookup: ModuloLookup,
): string | undefined {
  const inputs = inputsModulo(drv.name, drv.inputDrvs, lookup);
  if (inputs === undefined) return undefined;
  const outputs = new Map<ByteString, DerivationOutput>();
  const env = new Map(drv.env);
  for (const name of drv.outputs.keys()) {
    outputs.set(name, { kind: "deferred" });
    if (env.has(name)) env.set(name, "");
  }
  return context.hasher.hex("sha256", derivationText({ ...drv, outputs, env }, inputs));
}

/** The one kind of all outputs. Throws `StoreError` for a mixture or none. */
export function derivationKind(drv: Pick<Derivation, "outputs">): DerivationOutput["kind"] {
  let first: DerivationOutput | undefined;
  for (const [name, output] of drv.outputs) {
    if (output.kind === "fixed" && name !== "out") {
      throw new StoreError('single fixed output must be named "out"');
    }
    if (first === undefined) first = output;
    else if (first.kind !== output.kind) throw new StoreError("can't mix derivation output types");
    else if (first.kind === "fixed")
      throw new StoreError("only one fixed output is allowed for now");
    else if (
      first.kind === "floating" &&
      output.kind === "floating" &&
      first.algo !== output.algo
    ) {
      throw new StoreError("all floating outputs must use the same hash algorithm");
    }
  }
  if (first === undefined) throw new StoreError("must have at least one output");
  return first.kind;
}

/**
 * Checks that the outputs' paths and the variables named after them are those that follow from the
 * derivation. Throws `StoreError` in Nix's words.
 */
export function checkDerivation(
  context: StoreContext,
  drv: Derivation,
  lookup: ModuloLookup,
): void {
  const kind = derivationKind(drv);
  if (kind === "floating" || kind === "impure") return;
  const masked = kind === "fixed" ? undefined : maskedHash(context, drv, lookup);
  for (const [name, output] of drv.outputs) {
    if (output.kind === "deferred") {
      if (masked === undefined) continue;
      const right = makeOutputPath(context, name, masked, drv.name);
      throw new StoreError(`derivation has incorrect deferred output, should be '${right}'`);
    }
    if (output.kind !== "fixed" && output.kind !== "input-addressed") continue;
    if (output.kind === "input-addressed" && masked === undefined) {
      throw new StoreError(`derivation has incorrect output '${output.path}', should be deferred`);
    }
    const right =
      output.kind === "fixed"
        ? makeFixedOutputPath(context, outputPathName(drv.name, name), output.method, output.hash)
        : makeOutputPath(context, name, masked as string, drv.name);
    if (output.path !== right) {
      throw new StoreError(
        `derivation has incorrect output '${output.path}', should be '${right}'`,
      );
    }
    const value = drv.env.get(name);
    if (value === undefined) {
      throw new StoreError(
        `derivation has missing environment variable '${name}', should be '${right}' but is not present`,
      );
    }
    if (value !== right) {
      throw new StoreError(
        `derivation has incorrect environment variable '${name}', should be '${right}' but is actually '${value}'`,
      );
    }
  }
}
