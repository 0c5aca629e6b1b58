/** Inputs of derivations that are outputs of other derivations (experimental `dynamic-derivations`). */
import type { ByteString } from "../base/bytes.ts";
import { atermRawStrings } from "./aterm.ts";

/** What is used of a derivation: its outputs, and what is used of derivations that its outputs are. */
export interface DynamicInput {
  readonly outputs: Iterable<ByteString>;
  /** By the name of the output that is a derivation. */
  readonly dynamic: ReadonlyMap<ByteString, DynamicInput>;
}

/** Derivation path to what is used of what it builds. */
export type DynamicInputs = ReadonlyMap<ByteString, DynamicInput["dynamic"]>;

/** `["out"]`, or with what is used of derivations that it builds `(["out"],[("out",…)])`. */
export function usedOutputsText(
  outputs: readonly ByteString[],
  dynamic: DynamicInput["dynamic"] | undefined,
): ByteString {
  const names = atermRawStrings(outputs);
  if (dynamic === undefined || dynamic.size === 0) return names;
  const items = [...dynamic.keys()].sort().map((output) => {
    const used = dynamic.get(output) as DynamicInput;
    return `("${output}",${usedOutputsText([...new Set(used.outputs)].sort(), used.dynamic)})`;
  });
  return `(${names},[${items.join(",")}])`;
}

/** What the text of a derivation begins with. */
export function derivationStart(dynamic: DynamicInputs | undefined): ByteString {
  return dynamic === undefined || dynamic.size === 0 ? "Derive(" : 'DrvWithVersion("xp-dyn-drv",';
}
