/** Values as `nix-instantiate --eval` prints them: `<LAMBDA>`, `<CODE>`, no limits, nothing forced. */
import { type ByteString, guillemets } from "../base/bytes.ts";
import { Attrs } from "./attrs.ts";
import { BLACKHOLE } from "./code.ts";
import { evaluated } from "./dependents.ts";
import { showFloat } from "./floats.ts";
import { shownPath } from "./search-path.ts";
import { quoteAttrName, quoteString } from "./show-value.ts";
import {
  ContextString,
  Lambda,
  NixFloat,
  NixPath,
  PrimOp,
  PrimOpApp,
  type Slot,
  Thunk,
} from "./values.ts";

export function printPlain(root: Slot): ByteString {
  const seen = new Set<Slot>();
  const out: string[] = [];
  const print = (slot: Slot): void => {
    const v = evaluated(slot);
    if (v instanceof Thunk) {
      out.push(v.code === BLACKHOLE ? guillemets("potential infinite recursion") : "<CODE>");
      return;
    }
    if (typeof v === "string") out.push(quoteString(v));
    else if (v instanceof ContextString) out.push(quoteString(v.text));
    else if (v === null) out.push("null");
    else if (typeof v !== "object") out.push(String(v));
    else if (v instanceof NixFloat) out.push(showFloat(v));
    else if (v instanceof NixPath) out.push(shownPath(v.path));
    else if (v instanceof Attrs) {
      const flat = v.flat();
      if (flat.values.length > 0 && seen.has(v)) {
        out.push(guillemets("repeated"));
        return;
      }
      seen.add(v);
      out.push("{ ");
      for (const i of flat.shape.sorted) {
        out.push(`${quoteAttrName(flat.shape.names[i] as string)} = `);
        print(flat.values[i] as Slot);
        out.push("; ");
      }
      out.push("}");
    } else if (Array.isArray(v)) {
      // Nix keeps one or two elements in the cell itself, more in an array that copies of the cell share.
      const identity = v.length > 2 ? v : slot;
      if (v.length > 0 && seen.has(identity)) {
        out.push(guillemets("repeated"));
        return;
      }
      seen.add(identity);
      out.push("[ ");
      for (const item of v) {
        print(item);
        out.push(" ");
      }
      out.push("]");
    } else if (v instanceof Lambda) out.push("<LAMBDA>");
    else if (v instanceof PrimOp) out.push("<PRIMOP>");
    else if (v instanceof PrimOpApp) out.push("<PRIMOP-APP>");
  };
  print(root);
  return out.join("");
}
