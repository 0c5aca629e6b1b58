/** `snowglobe derivation show`: derivations as JSON, or as they stand in the store. */
import { type ByteString, bytesFromText, bytesToText } from "../base/bytes.ts";
import { encodeBase16 } from "../store/base16.ts";
import { type Derivation, outputPathOf, unparseDerivation } from "../store/derivation.ts";
import type { Store } from "../store/store.ts";
import { parseBuildOptions } from "./build-options.ts";
import { CliError } from "./cli-error.ts";
import { privateStore } from "./engine.ts";
import { evaluateInstallables } from "./evaluate-installables.ts";
import type { Output } from "./output.ts";
import { storeErrorsToCli } from "./store-errors.ts";

/** Exit status. */
export function derivation(argv: readonly string[], output: Output): number {
  const [subcommand, ...rest] = argv;
  if (subcommand === undefined || subcommand === "--help") {
    output.stdout(HELP);
    return 0;
  }
  if (subcommand !== "show") {
    throw new CliError(`'${subcommand}' is not a subcommand of 'snowglobe derivation'`);
  }
  const options = parseBuildOptions(rest);
  if (options.help) {
    output.stdout(HELP);
    return 0;
  }
  const evaluated = evaluateInstallables(options, output);
  if (evaluated === null) return 1;
  return storeErrorsToCli(() => {
    const read = reader(evaluated.store, options);
    const paths = new Set(evaluated.targets.map(({ drvPath }) => drvPath));
    if (options.recursive)
      for (const path of paths) for (const input of read(path).inputDrvs.keys()) paths.add(input);
    const sorted = [...paths].sort();
    if (options.aterm) {
      for (const path of sorted) output.stdout(`${unparseDerivation(read(path))}\n`);
      return 0;
    }
    const shown = Object.fromEntries(sorted.map((path) => [path, described(read(path))]));
    output.stdout(bytesFromText(`${JSON.stringify(asText(shown), null, 2)}\n`));
    return 0;
  });
}

/** What was evaluated, else what is in the user's store. */
function reader(store: Store, options: ReturnType<typeof parseBuildOptions>) {
  return (path: ByteString): Derivation =>
    store.isValidPath(path) ? store.readDerivation(path) : privateStore(options).derivation(path);
}

/** As Nix 2.26 shows it: keys sorted. */
function described(drv: Derivation): Record<string, unknown> {
  const outputs = Array.from(drv.outputs, ([name, output]) => {
    const path = outputPathOf(output);
    const shown: Record<string, unknown> = {};
    if (output.kind === "fixed") {
      shown["hash"] = encodeBase16(output.hash.bytes);
      shown["hashAlgo"] = output.hash.algo;
      shown["method"] = output.method;
    } else if (output.kind === "floating" || output.kind === "impure") {
      shown["hashAlgo"] = output.algo;
      if (output.kind === "impure") shown["impure"] = true;
      shown["method"] = output.method;
    }
    if (path !== undefined) shown["path"] = path;
    return [name, shown];
  });
  const inputs = Array.from(drv.inputDrvs, ([path, names]) => [
    path,
    { dynamicOutputs: {}, outputs: names },
  ]);
  return {
    args: drv.args,
    builder: drv.builder,
    env: Object.fromEntries(drv.env),
    inputDrvs: Object.fromEntries(inputs),
    inputSrcs: drv.inputSrcs,
    name: drv.name,
    outputs: Object.fromEntries(outputs),
    system: drv.system,
  };
}

/** Byte strings inside to text. */
function asText(value: unknown): unknown {
  if (typeof value === "string") return bytesToText(value);
  if (Array.isArray(value)) return value.map(asText);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, each]) => [bytesToText(key), asText(each)]),
  );
}

const HELP = `usage: snowglobe derivation show [OPTIONS] -f FILE [ATTRIBUTE...] | -E EXPR | STORE-PATH.drv...

Shows derivations as JSON.

  -r, --recursive       with all that they need
  --aterm               as they stand in the store
`;
