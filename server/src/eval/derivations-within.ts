/** Which derivations a value of a configuration holds: in lists and sets, and in what strings refer to. */
import type { ByteString } from "../base/bytes.ts";
import { Attrs } from "./attrs.ts";
import { isDerivation } from "./compare.ts";
import { attempt, force } from "./runtime.ts";
import { ContextString, type Slot, type Value } from "./values.ts";

/** A derivation by its value, or by its path where a string refers to it. */
export interface HeldDerivation {
  /** From the value to it: `.2`, `.package`; empty for the value itself. */
  readonly steps: ByteString;
  readonly found: Attrs | ByteString;
}

/** Options hold whole sets of packages too: so deep, and so many values, are looked into. */
const MOST = { depth: 6, values: 5000 };

export function derivationsWithin(root: Value): HeldDerivation[] {
  const held: HeldDerivation[] = [];
  const todo: { steps: ByteString; slot: Slot; depth: number }[] = [
    { steps: "", slot: root, depth: 0 },
  ];
  let seen = 0;
  for (let at = todo.shift(); at !== undefined && seen < MOST.values; at = todo.shift()) {
    const { steps, slot, depth } = at;
    const value = attempt(() => force(slot));
    seen += 1;
    if (isDerivation(value)) held.push({ steps, found: value });
    else if (value instanceof ContextString) {
      for (const drvPath of new Set([...value.context].flatMap(derivationOf)))
        held.push({ steps: `${steps}:${drvPath}`, found: drvPath });
    } else if (depth < MOST.depth) {
      for (const [name, inner] of partsOf(value))
        todo.push({ steps: `${steps}.${name}`, slot: inner, depth: depth + 1 });
    }
  }
  return held;
}

function partsOf(value: Value): [ByteString, Slot][] {
  if (Array.isArray(value)) return value.map((slot, i) => [String(i), slot]);
  if (!(value instanceof Attrs)) return [];
  return value.sortedNames().map((name) => [name, value.get(name) as Slot]);
}

/** `!out!/…drv` and `=/…drv` are of a derivation, other elements are files. */
function derivationOf(element: ByteString): ByteString[] {
  const [, drvPath] = /^(?:!.*!|=)(.*)$/s.exec(element) ?? [];
  return drvPath === undefined ? [] : [drvPath];
}
