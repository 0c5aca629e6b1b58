/** What a builder is given: variables, arguments, and files in its directory. */
import type { ByteString } from "../base/bytes.ts";
import { encodeNix32 } from "../store/base32.ts";
import { type Derivation, outputPathOf } from "../store/derivation.ts";
import { placeholder, type StoreContext } from "../store/store-path.ts";
import type { DerivationOptions } from "./derivation-options.ts";
import type { ExportedReferences } from "./export-references.ts";
import { structuredAttrsFiles } from "./structured-attrs.ts";

/** The builder's directory, as it is called inside. */
export const BUILD_DIRECTORY = "/build";

export interface BuildEnvironment {
  readonly args: readonly ByteString[];
  readonly env: ReadonlyMap<ByteString, ByteString>;
  /** Name in the builder's directory to contents. */
  readonly files: ReadonlyMap<ByteString, ByteString>;
}

/**
 * @param exported what `exportReferencesGraph` asks for
 * @param impure values for the variables named in `impureEnvVars`, of fixed-output derivations only
 */
export function buildEnvironment(
  context: StoreContext,
  drv: Derivation,
  options: DerivationOptions,
  cores: number,
  exported: ExportedReferences,
  impure: (name: ByteString) => ByteString,
): BuildEnvironment {
  const outputs = new Map<ByteString, ByteString>();
  for (const [name, output] of drv.outputs) outputs.set(name, outputPathOf(output) ?? "");
  const rewrites = Array.from(
    outputs,
    ([name, path]) => [placeholder(context, name), path] as const,
  );
  const rewritten = (text: ByteString) =>
    rewrites.reduce((done, [from, to]) => done.replaceAll(from, to), text);

  const files = new Map(exported.files);
  const env = new Map<ByteString, ByteString>([
    ["PATH", "/path-not-set"],
    ["HOME", "/homeless-shelter"],
    ["NIX_STORE", context.storeDir],
    ["NIX_BUILD_CORES", String(cores)],
  ]);
  if (options.structuredAttrs === undefined) {
    for (const [name, value] of drv.env) {
      if (!options.passAsFile.has(name)) {
        env.set(name, value);
        continue;
      }
      const file = `.attr-${encodeNix32(context.hasher("sha256", name))}`;
      files.set(file, rewritten(value));
      env.set(`${name}Path`, `${BUILD_DIRECTORY}/${file}`);
    }
  } else {
    const { json, shell } = structuredAttrsFiles(
      new Map([...options.structuredAttrs, ...exported.attributes]),
      outputs,
    );
    files.set(".attrs.json", rewritten(json));
    files.set(".attrs.sh", rewritten(shell));
    env.set("NIX_ATTRS_JSON_FILE", `${BUILD_DIRECTORY}/.attrs.json`);
    env.set("NIX_ATTRS_SH_FILE", `${BUILD_DIRECTORY}/.attrs.sh`);
  }
  for (const name of ["NIX_BUILD_TOP", "TMPDIR", "TEMPDIR", "TMP", "TEMP", "PWD"])
    env.set(name, BUILD_DIRECTORY);
  if (drv.outputs.get("out")?.kind === "fixed") {
    env.set("NIX_OUTPUT_CHECKED", "1");
    for (const name of options.impureEnvVars) env.set(name, impure(name));
  }
  env.set("NIX_LOG_FD", "2");
  env.set("TERM", "xterm-256color");
  for (const [name, value] of env) env.set(name, rewritten(value));
  return { args: drv.args.map(rewritten), env, files };
}
