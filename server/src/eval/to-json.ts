/** Values as JSON, as `toJSON`, `--json` and structured attributes print them (nix-semantics 3.8). */

import type { ByteString } from "../base/bytes.ts";
import { showName } from "../syntax/identifiers.ts";
import { Attrs } from "./attrs.ts";
import { type Context, ContextUnion, stringText } from "./context.ts";
import { evaluated } from "./dependents.ts";
import { libErrors, NixError, traced } from "./errors.ts";
import type { Evaluator } from "./evaluator.ts";
import { showFloat } from "./floats.ts";
import { formatFloatJson } from "./lib/float-format.ts";
import { jsonString } from "./lib/json-string.ts";
import { force, peel } from "./runtime.ts";
import { showType } from "./show-value.ts";
import {
  ContextString,
  Lambda,
  NixFloat,
  NixPath,
  type Slot,
  Thunk,
  type Value,
} from "./values.ts";
import { behaves } from "./versions.ts";

/** Compact JSON of a value, forced on the way unless not `strict`, and the context of all its strings. */
export function toJson(
  ev: Evaluator,
  root: Slot,
  pos: number,
  copyPaths = true,
  strict = true,
): { text: ByteString; context: Context | null } {
  const contexts = new ContextUnion();
  const shortFloats = behaves(ev.settings.nixVersion, "shortFloatsInJson");
  const string = (text: ByteString): string => libErrors(() => jsonString(text), pos);
  const write = (slot: Slot, at: number): string => {
    ev.enter(at);
    const text = writeValue(slot, at);
    ev.depth--;
    return text;
  };
  const writeValue = (slot: Slot, at: number): string => {
    if (!strict && evaluated(slot) instanceof Thunk)
      throw new NixError("type", "cannot convert a thunk to JSON", at);
    const v = force(slot, at);
    switch (typeof v) {
      case "string":
        return string(v);
      case "number":
      case "bigint":
      case "boolean":
        return String(v);
      default:
        break;
    }
    if (v === null) return "null";
    if (v instanceof ContextString) {
      contexts.add(v.context);
      return string(v.text);
    }
    if (v instanceof NixFloat) return shortFloats ? showFloat(v) : formatFloatJson(v.value);
    if (v instanceof NixPath) {
      if (!copyPaths) return string(v.path);
      const s = ev.copyPathToStore(v);
      if (typeof s !== "string") contexts.add(s.context);
      return string(stringText(s));
    }
    if (Array.isArray(v)) {
      const items: string[] = [];
      for (let i = 0; i < v.length; i++) {
        try {
          items.push(write(v[i] as Slot, at));
        } catch (error) {
          throw traced(error, at, `while evaluating list element at index ${i}`);
        }
      }
      return `[${items.join(",")}]`;
    }
    if (v instanceof Attrs) {
      return peel(
        ev,
        v,
        at,
        (peeled, converted) => {
          if (peeled instanceof Attrs) return members(peeled);
          // A path that a `__toString` gave is not copied to the store.
          if (converted && peeled instanceof NixPath) return string(peeled.path);
          return write(peeled, at);
        },
        { mustConvert: true },
      );
    }
    throw new NixError(
      "type",
      `cannot convert ${showType(v as Value)} to JSON`,
      v instanceof Lambda ? v.code.position : at,
    );
  };
  const members = (v: Attrs): string => {
    const list: string[] = [];
    for (const name of v.sortedNames()) {
      try {
        list.push(`${string(name)}:${write(v.get(name) as Slot, v.position(name))}`);
      } catch (error) {
        throw traced(error, v.position(name), `while evaluating attribute '${showName(name)}'`);
      }
    }
    return `{${list.join(",")}}`;
  };
  const text = write(root, pos);
  return { text, context: contexts.context };
}
