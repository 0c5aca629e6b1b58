/** `exportReferencesGraph`: what builders are told of the closures of their inputs. */
import type { ByteString } from "../base/bytes.ts";
import type { Derivation } from "../store/derivation.ts";
import { outputPathOf } from "../store/derivation.ts";
import { StoreError } from "../store/error.ts";
import { printHash } from "../store/hash.ts";
import type { PathInfo } from "../store/path-info.ts";
import { invalidPath } from "../store/store.ts";
import type { DerivationOptions } from "./derivation-options.ts";
import type { JsonObject, JsonValue } from "./json-value.ts";
import type { PrivateStore } from "./private-store.ts";

export interface ExportedReferences {
  /** Name in the builder's directory to contents. */
  readonly files: ReadonlyMap<ByteString, ByteString>;
  /** Members that structured attributes get. */
  readonly attributes: JsonObject;
}

/**
 * Throws `StoreError` for what is no path of the closure of the inputs.
 *
 * @param inputs every path that the builder can read
 */
export function exportReferences(
  store: PrivateStore,
  drv: Derivation,
  options: DerivationOptions,
  inputs: { has(path: ByteString): boolean },
): ExportedReferences {
  const files = new Map<ByteString, ByteString>();
  const attributes: JsonObject = new Map();
  if (options.structuredAttrs !== undefined) {
    const graph = options.structuredAttrs.get("exportReferencesGraph");
    if (!(graph instanceof Map)) return { files, attributes };
    for (const [name, value] of graph)
      attributes.set(name, plainInfos(store, closureOf(store, stringsIn(value), inputs)));
    return { files, attributes };
  }
  const words = (drv.env.get("exportReferencesGraph") ?? "").split(/\s+/).filter((w) => w !== "");
  if (words.length % 2 !== 0) {
    throw new StoreError(
      `odd number of tokens in 'exportReferencesGraph': '${drv.env.get("exportReferencesGraph")}'`,
    );
  }
  for (let i = 0; i < words.length; i += 2) {
    const [name = "", path = ""] = words.slice(i, i + 2);
    if (!/^[A-Za-z_][A-Za-z0-9_.-]*$/.test(name)) {
      throw new StoreError(`invalid file name '${name}' in 'exportReferencesGraph'`);
    }
    files.set(name, registration(closureOf(store, [path], inputs)));
  }
  return { files, attributes };
}

/** With the outputs of derivations among them, so that what they build can be copied. */
function closureOf(
  store: PrivateStore,
  paths: readonly ByteString[],
  inputs: { has(path: ByteString): boolean },
): PathInfo[] {
  const roots = paths.map((path) => storePathOf(store, path));
  for (const root of roots) {
    if (!inputs.has(root)) {
      throw new StoreError(
        `cannot export references of path '${root}' because it is not in the input closure of the derivation`,
      );
    }
  }
  const closure = new Set(store.closure(roots));
  for (const path of [...closure]) {
    if (!path.endsWith(".drv")) continue;
    const outputs = [...store.derivation(path).outputs.values()].map(outputPathOf);
    for (const each of store.closure(outputs.filter((output) => output !== undefined)))
      closure.add(each);
  }
  return [...closure].sort().map((path) => {
    const info = store.info(path);
    if (info === undefined) throw invalidPath(path);
    return info;
  });
}

/** The store path that a file is in. */
function storePathOf({ context }: PrivateStore, path: ByteString): ByteString {
  const { storeDir } = context;
  if (!path.startsWith(`${storeDir}/`)) throw new StoreError(`path '${path}' is not in the store`);
  const end = path.indexOf("/", storeDir.length + 1);
  return end < 0 ? path : path.slice(0, end);
}

/** As `nix-store --register-validity` reads it. */
function registration(infos: readonly PathInfo[]): ByteString {
  return infos
    .map(({ path, references }) => {
      const lines = [path, "", String(references.length), ...references];
      return lines.map((line) => `${line}\n`).join("");
    })
    .join("");
}

function plainInfos(store: PrivateStore, infos: readonly PathInfo[]): JsonValue[] {
  return infos.map((info) => {
    const closure = store.closure([info.path]);
    const size = closure.reduce((sum, path) => sum + (store.info(path)?.narSize ?? 0), 0);
    const plain: JsonObject = new Map<ByteString, JsonValue>([
      ["closureSize", size],
      ["narHash", printHash(info.narHash, "nix32", true)],
      ["narSize", info.narSize],
      ["path", info.path],
      ["references", [...info.references]],
      ["valid", true],
    ]);
    if (info.contentAddress !== undefined) plain.set("ca", info.contentAddress);
    return plain;
  });
}

function stringsIn(value: JsonValue): ByteString[] {
  if (typeof value === "string") return [value];
  if (!Array.isArray(value))
    throw new StoreError("'exportReferencesGraph' value is not a string or a list");
  return value.flatMap(stringsIn);
}
