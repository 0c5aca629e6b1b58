/** What kind of value something is. */
import { Attrs } from "../attrs.ts";
import { force } from "../runtime.ts";
import { typeOf } from "../show-value.ts";
import { ContextString, isFunction, NixFloat, NixPath } from "../values.ts";
import type { Definition } from "./define.ts";

export const TYPES: Definition[] = [
  ["isAttrs", 1, (_ev, v) => force(v) instanceof Attrs],
  ["isBool", 1, (_ev, v) => typeof force(v) === "boolean"],
  ["isFloat", 1, (_ev, v) => force(v) instanceof NixFloat],
  ["isFunction", 1, (_ev, v) => isFunction(force(v))],
  [
    "isInt",
    1,
    (_ev, v) => {
      const type = typeof force(v);
      return type === "number" || type === "bigint";
    },
  ],
  ["isList", 1, (_ev, v) => Array.isArray(force(v))],
  ["isNull", 1, (_ev, v) => force(v) === null],
  ["isPath", 1, (_ev, v) => force(v) instanceof NixPath],
  [
    "isString",
    1,
    (_ev, v) => {
      const value = force(v);
      return typeof value === "string" || value instanceof ContextString;
    },
  ],
  ["typeOf", 1, (_ev, v) => typeOf(force(v))],
];
