/** JSON, TOML and XML. */
import type { ByteString } from "../../base/bytes.ts";
import { Attrs, EMPTY_ATTRS } from "../attrs.ts";
import { withContext } from "../context.ts";
import { libErrors, NixError } from "../errors.ts";
import { PositiveNaN } from "../floats.ts";
import { EvalLibError } from "../lib/error.ts";
import { type JsonBuilder, JsonTextError, parseJson } from "../lib/json-parse.ts";
import { parseToml, type TomlBuilder } from "../lib/toml.ts";
import { expectPlainString } from "../runtime.ts";
import { toJson } from "../to-json.ts";
import { toXml } from "../to-xml.ts";
import { NixFloat, type Value } from "../values.ts";
import type { Definition } from "./define.ts";
import { argument } from "./lists.ts";

const set = (entries: ReadonlyMap<ByteString, Value>) =>
  entries.size === 0 ? EMPTY_ATTRS : Attrs.from(entries);

/** What the values of JSON and TOML texts become. */
const VALUES: JsonBuilder<Value> & TomlBuilder<Value> = {
  null: () => null,
  boolean: (value) => value,
  integer: (value) => value,
  float: (value) => new NixFloat(value),
  notANumber: (isNegative) => (isNegative ? new NixFloat(Number.NaN) : new PositiveNaN()),
  string: (value) => value,
  list: (items) => items,
  object: set,
  table: set,
  timestamp: (text) =>
    set(
      new Map([
        ["_type", "timestamp"],
        ["value", text],
      ]),
    ),
};

export const DATA: Definition[] = [
  [
    "toJSON",
    1,
    (ev, v) => {
      const { text, context } = toJson(ev, v, 0);
      return withContext(text, context);
    },
  ],
  [
    "fromJSON",
    1,
    (ev, v) => {
      const text = expectPlainString(ev, v, 0, argument("first", "fromJSON"));
      try {
        return parseJson(text, VALUES);
      } catch (error) {
        if (!(error instanceof EvalLibError)) throw error;
        const failed = new NixError("eval", error.message);
        // Text that is JSON, but no value of Nix, fails without this line.
        throw error instanceof JsonTextError
          ? failed.frame(0, "while decoding a JSON string")
          : failed;
      }
    },
  ],
  [
    "fromTOML",
    1,
    (ev, v) => {
      const text = expectPlainString(
        ev,
        v,
        0,
        "while evaluating the argument passed to builtins.fromTOML",
      );
      const timestamps = ev.settings.features.has("parse-toml-timestamps");
      return libErrors(() => parseToml(text, VALUES, timestamps));
    },
  ],
  [
    "toXML",
    1,
    (ev, v) => {
      const { text, context } = toXml(ev, v, { strict: true, locations: false });
      return withContext(text, context);
    },
  ],
];
