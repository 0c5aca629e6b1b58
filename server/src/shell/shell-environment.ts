/** The environment of a build: what the script of an environment derivation has written down. */
import type { ByteString } from "../base/bytes.ts";

export type BashValue =
  | { readonly type: "exported" | "var"; readonly value: ByteString }
  | { readonly type: "array"; readonly value: readonly ByteString[] }
  | { readonly type: "associative"; readonly value: ReadonlyMap<ByteString, ByteString> };

/** Every map is sorted by bytes. */
export interface ShellEnvironment {
  /** Name to what stands between the function's braces. */
  readonly functions: ReadonlyMap<ByteString, ByteString>;
  readonly variables: ReadonlyMap<ByteString, BashValue>;
  /** The texts of `.attrs.sh` and `.attrs.json`, when the derivation has structured attributes. */
  readonly structuredAttrs?: { readonly sh: ByteString; readonly json: ByteString };
}

/** What was built is not the environment of a derivation. */
export class ShellEnvironmentError extends Error {}

type Json = ByteString | readonly Json[] | { readonly [name: ByteString]: Json };

/**
 * Reads the JSON that the script wrote; its bytes are those of the strings. Throws
 * `ShellEnvironmentError`. Variables of a type that cannot be set again are left out.
 */
export function parseShellEnvironment(text: ByteString): ShellEnvironment {
  const bad = (what: string): never => {
    throw new ShellEnvironmentError(`the environment that was built is not valid: ${what}`);
  };
  const object = (value: Json | undefined, what: string) =>
    typeof value === "object" && !Array.isArray(value)
      ? (value as { readonly [name: ByteString]: Json })
      : bad(`'${what}' is no object`);
  const string = (value: Json | undefined, what: string) =>
    typeof value === "string" ? value : bad(`'${what}' is no string`);

  let parsed: Json;
  try {
    parsed = JSON.parse(text);
  } catch (error) {
    return bad(String((error as Error).message));
  }
  const root = object(parsed, "the whole");
  const functions = sorted(object(root["bashFunctions"], "bashFunctions"), string);
  const variables = new Map<ByteString, BashValue>();
  for (const [name, entry] of sorted(object(root["variables"], "variables"), object)) {
    const { type, value } = entry;
    if (type === "exported" || type === "var") {
      variables.set(name, { type, value: string(value, name) });
    } else if (type === "array") {
      const items = Array.isArray(value) ? value : bad(`'${name}' is no array`);
      variables.set(name, { type, value: items.map((item: Json) => string(item, name)) });
    } else if (type === "associative") {
      variables.set(name, { type, value: sorted(object(value, name), string) });
    }
  }
  if (root["structuredAttrs"] === undefined) return { functions, variables };
  const files = object(root["structuredAttrs"], "structuredAttrs");
  const structuredAttrs = {
    sh: string(files[".attrs.sh"], ".attrs.sh"),
    json: string(files[".attrs.json"], ".attrs.json"),
  };
  return { functions, variables, structuredAttrs };
}

function sorted<T>(
  object: { readonly [name: ByteString]: Json },
  read: (value: Json, name: ByteString) => T,
): Map<ByteString, T> {
  return new Map(
    Object.keys(object)
      .sort()
      .map((name) => [name, read(object[name] as Json, name)]),
  );
}

/** The text that `nix print-dev-env --json` prints. */
export function printShellEnvironment(env: ShellEnvironment): ByteString {
  const strings = (map: ReadonlyMap<ByteString, ByteString>) => printObject(map, JSON.stringify);
  const variable = ({ type, value }: BashValue) => {
    const text =
      type === "associative"
        ? strings(value as ReadonlyMap<ByteString, ByteString>)
        : JSON.stringify(value);
    return `{"type":"${type}","value":${text}}`;
  };
  const { structuredAttrs } = env;
  const attributes =
    structuredAttrs === undefined
      ? ""
      : `"structuredAttrs":{".attrs.json":${JSON.stringify(structuredAttrs.json)},".attrs.sh":${JSON.stringify(structuredAttrs.sh)}},`;
  return `{"bashFunctions":${strings(env.functions)},${attributes}"variables":${printObject(env.variables, variable)}}`;
}

function printObject<T>(map: ReadonlyMap<ByteString, T>, print: (value: T) => string): ByteString {
  const members = Array.from(map, ([name, value]) => `${JSON.stringify(name)}:${print(value)}`);
  return `{${members.join(",")}}`;
}

/** Output name to store path, as the build saw it. Throws `ShellEnvironmentError` when that is not told. */
export function environmentOutputs(env: ShellEnvironment): ReadonlyMap<ByteString, ByteString> {
  const outputs = env.variables.get("outputs");
  if (outputs?.type === "associative") return outputs.value;
  const names = outputs?.type === "exported" || outputs?.type === "var" ? outputs.value : "out";
  const paths = new Map<ByteString, ByteString>();
  for (const name of names.split(/\s+/).filter((word) => word !== "")) {
    const path = env.variables.get(name);
    if (path?.type !== "exported" && path?.type !== "var") {
      throw new ShellEnvironmentError(`variable '${name}' of output '${name}' is not set`);
    }
    paths.set(name, path.value);
  }
  return paths;
}
