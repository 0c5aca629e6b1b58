/** JSON as structured attributes need it: whole numbers exact, text as bytes, printed as Nix prints it. */
import type { ByteString } from "../base/bytes.ts";
import { formatFloatJson } from "../eval/lib/float-format.ts";
import { parseJson } from "../eval/lib/json-parse.ts";
import { jsonString } from "../eval/lib/json-string.ts";

export class JsonFloat {
  readonly value: number;
  constructor(value: number) {
    this.value = value;
  }
}

export type JsonObject = Map<ByteString, JsonValue>;
export type JsonValue =
  | null
  | boolean
  | number
  | bigint
  | JsonFloat
  | ByteString
  | JsonValue[]
  | JsonObject;

/** Throws `EvalLibError` when the text is not JSON. */
export function readJson(text: ByteString): JsonValue {
  return parseJson<JsonValue>(text, {
    null: () => null,
    boolean: (value) => value,
    integer: (value) => value,
    float: (value) => new JsonFloat(value),
    string: (value) => value,
    list: (items) => items,
    object: (entries) => entries,
  });
}

/** Compact, keys sorted. */
export function printJson(value: JsonValue): ByteString {
  if (typeof value === "string") return jsonString(value);
  if (value instanceof JsonFloat) return formatFloatJson(value.value);
  if (Array.isArray(value)) return `[${value.map(printJson).join(",")}]`;
  if (value instanceof Map) {
    const entries = [...value].sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
    return `{${entries.map(([key, each]) => `${jsonString(key)}:${printJson(each)}`).join(",")}}`;
  }
  return String(value);
}
