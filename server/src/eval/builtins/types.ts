/** What kind of value something is. */
import { Attrs } from "../attrs.ts";
import { force } from "../runtime.ts";
import { typeOf } from "../show-value.ts";
import { ContextString, isFunction, NixFloat, NixPath } from "../values.ts";
import type { Definition } from "./define.ts";

export const TYPES: Definition[] = [
  ["isAttrs", 1, (_ev, pos, v) => force(v, pos) instanceof Attrs],
  ["isBool", 1, (_ev, pos, v) => typeof force(v, pos) === "boolean"],
  ["isFloat", 1, (_ev, pos, v) => force(v, pos) instanceof NixFloat],
  ["isFunction", 1, (_ev, pos, v) => isFunction(force(v, pos))],
  [
    "isInt",
    1,
    (_ev, pos, v) => {
      const type = typeof force(v, pos);
      return type === "number" || type === "bigint";
    },
  ],
  ["isList", 1, (_ev, pos, v) => Array.isArray(force(v, pos))],
  ["isNull", 1, (_ev, pos, v) => force(v, pos) === null],
  ["isPath", 1, (_ev, pos, v) => force(v, pos) instanceof NixPath],
  [
    "isString",
    1,
    (_ev, pos, v) => {
      const value = force(v, pos);
      return typeof value === "string" || value instanceof ContextString;
    },
  ],
  ["typeOf", 1, (_ev, pos, v) => typeOf(force(v, pos))],
];
