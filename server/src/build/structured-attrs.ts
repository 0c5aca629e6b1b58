/** `.attrs.json` and `.attrs.sh`: how a builder gets attributes that are more than strings. */
import type { ByteString } from "../base/bytes.ts";
import { JsonFloat, type JsonObject, type JsonValue, printJson } from "./json-value.ts";

/** @param outputs name to path: what the attribute `outputs` becomes */
export function structuredAttrsFiles(
  attributes: JsonObject,
  outputs: ReadonlyMap<ByteString, ByteString>,
): { readonly json: ByteString; readonly shell: ByteString } {
  const all: JsonObject = new Map(attributes);
  all.set("outputs", new Map(outputs));
  const names = [...all.keys()].sort();
  const shell = names.map((name) => declaration(name, all.get(name) as JsonValue)).join("");
  return { json: printJson(all), shell };
}

/** `""` for what a shell can't hold: names that are none, lists and sets of more than plain values. */
function declaration(name: ByteString, value: JsonValue): ByteString {
  if (!/^[A-Za-z_][A-Za-z0-9_]*$/.test(name)) return "";
  const plain = shellValue(value);
  if (plain !== undefined) return `declare ${name}=${plain}\n`;
  if (Array.isArray(value)) {
    const items = value.map(shellValue);
    if (items.includes(undefined)) return "";
    return `declare -a ${name}=(${items.map((item) => `${item} `).join("")})\n`;
  }
  if (!(value instanceof Map)) return "";
  const entries = [...value].sort(([a], [b]) => (a < b ? -1 : 1));
  const items = entries.map(([key, each]) => [shellQuoted(key), shellValue(each)]);
  if (items.some(([, item]) => item === undefined)) return "";
  return `declare -A ${name}=(${items.map(([key, item]) => `[${key}]=${item} `).join("")})\n`;
}

function shellQuoted(text: ByteString): ByteString {
  return `'${text.replaceAll("'", "'\\''")}'`;
}

/** `undefined` for what is not one word, numbers with a fraction among them. */
function shellValue(value: JsonValue | undefined): ByteString | undefined {
  if (typeof value === "string") return shellQuoted(value);
  if (value === null) return "''";
  if (typeof value === "boolean") return value ? "1" : "";
  if (typeof value === "number" || typeof value === "bigint") return String(asInt(value));
  if (value instanceof JsonFloat) {
    const single = Math.fround(value.value);
    return Math.ceil(single) === single ? String(asInt(value.value)) : undefined;
  }
  return undefined;
}

/** Nix converts to an `int` of C++, so that large numbers wrap around. */
function asInt(value: number | bigint): number {
  if (typeof value === "bigint") return Number(BigInt.asIntN(32, value));
  if (Number.isInteger(value)) return Number(BigInt.asIntN(32, BigInt(value)));
  return Math.trunc(value);
}
