/** Values as JSON, as `toJSON`, `--json` and structured attributes print them (nix-semantics 3.8). */

import type { ByteString } from "../base/bytes.ts";
import { showName } from "../syntax/identifiers.ts";
import { Attrs } from "./attrs.ts";
import { type Context, ContextUnion, stringText } from "./context.ts";
import { libErrors, NixError, traced } from "./errors.ts";
import type { Evaluator } from "./evaluator.ts";
import { formatFloatJson } from "./lib/float-format.ts";
import { jsonString } from "./lib/json-string.ts";
import { call, force } from "./runtime.ts";
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

/** Compact JSON of a value, forced on the way unless not `strict`, and the context of all its strings. */
export function toJson(
  ev: Evaluator,
  root: Slot,
  pos: number,
  copyPaths = true,
  strict = true,
): { text: ByteString; context: Context | null } {
  const contexts = new ContextUnion();
  const string = (text: ByteString): string => libErrors(() => jsonString(text), pos);
  const write = (slot: Slot, at: number): string => {
    if (!strict && slot instanceof Thunk && slot.code !== null)
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
    if (v instanceof NixFloat) return formatFloatJson(v.value);
    if (v instanceof NixPath) {
      if (!copyPaths) return string(v.path);
      const s = ev.copyPathToStore(v.path);
      if (typeof s !== "string") contexts.add(s.context);
      return string(stringText(s));
    }
    if (Array.isArray(v)) {
      ev.enter(at);
      const items: string[] = [];
      for (let i = 0; i < v.length; i++) {
        try {
          items.push(write(v[i] as Slot, at));
        } catch (error) {
          throw traced(error, at, `while evaluating list element at index ${i}`);
        }
      }
      ev.depth--;
      return `[${items.join(",")}]`;
    }
    if (v instanceof Attrs) return set(v, at);
    throw new NixError(
      "type",
      `cannot convert ${showType(v as Value)} to JSON`,
      v instanceof Lambda ? v.code.position : at,
    );
  };
  /** Follows `__toString` and `outPath`; `converted`: through a `__toString`, which must lead to a string. */
  const set = (v: Attrs, at: number, converted = false): string => {
    ev.enter(at);
    const convert = v.get("__toString");
    const outPath = v.get("outPath");
    let out: string;
    if (convert !== undefined) out = peeled(call(ev, force(convert, at), v, at), at, true);
    else if (outPath !== undefined) {
      out = peeled(force(outPath, at), v.position("outPath"), converted);
    } else if (converted) throw notAString("must", v, at);
    else out = members(v);
    ev.depth--;
    return out;
  };
  const peeled = (v: Value, at: number, converted: boolean): string => {
    if (v instanceof Attrs) return set(v, at, converted);
    if (!converted) return write(v, at);
    if (typeof v === "string" || v instanceof ContextString) return write(v, at);
    // A path that a `__toString` gave is not copied to the store.
    if (v instanceof NixPath) return string(v.path);
    throw notAString("should", v, at);
  };
  const notAString = (must: string, v: Value, at: number) =>
    new NixError(
      "type",
      `\`__toString\` ${must} return a string, but got ${showType(v)}: ${ev.show(v)}`,
      at,
    );
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
