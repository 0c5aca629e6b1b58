/** `builtins.outputOf`: an output of a derivation that is given as a string, also of one that is yet to be built. */
import type { ByteString } from "../../base/bytes.ts";
import { outputPathOf } from "../../store/derivation.ts";
import { computedPlaceholder, downstreamPlaceholder } from "../../store/store-path.ts";
import {
  type ContextElement,
  parseElement,
  showElement,
  stringContext,
  stringText,
  withContext,
} from "../context.ts";
import { NixError } from "../errors.ts";
import type { Evaluator } from "../evaluator.ts";
import { storeErrors } from "../files.ts";
import { expectPlainString, expectString } from "../runtime.ts";
import type { Slot, Value } from "../values.ts";
import type { Definition } from "./define.ts";

/** With the feature `dynamic-derivations`. */
export const OUTPUT_OF: Definition = ["outputOf", 2, outputOf];

function outputOf(ev: Evaluator, d: Slot, o: Slot): Value {
  const derivation = derivedPath(ev, d);
  const output = expectPlainString(
    ev,
    o,
    0,
    "while evaluating the second argument to builtins.outputOf",
  );
  return withContext(written(ev, derivation, output), new Set([`!${output}!${derivation}`]));
}

/** The one context element of a string that is nothing but what it refers to. */
function derivedPath(ev: Evaluator, slot: Slot): ContextElement {
  const s = expectString(ev, slot, 0, "while evaluating the first argument to builtins.outputOf");
  const text = stringText(s);
  const elements = [...(stringContext(s) ?? [])];
  const fail = (message: string) => new NixError("eval", message);
  const [element] = elements;
  if (element === undefined || elements.length > 1) {
    throw fail(
      `string '${text}' has ${elements.length} entries in its context. It should only have exactly one entry`,
    );
  }
  const parsed = parseElement(element);
  if (parsed.kind === "deep") {
    throw fail(
      `string '${text}' has a context which refers to a complete source and binary closure. This is not supported at this time`,
    );
  }
  if (parsed.kind === "opaque" && text !== parsed.path)
    throw fail(`path string '${text}' has context with the different path '${parsed.path}'`);
  if (parsed.kind === "built") {
    const expected = written(ev, parsed.drvPath, parsed.output);
    if (text !== expected) {
      throw fail(
        `string '${text}' has context with the output '${parsed.output}' from derivation '${showElement(parsed.drvPath)}', but the string is not the right placeholder for this derivation output. It should be '${expected}'`,
      );
    }
  }
  return element;
}

/** The output's path where the derivation says it, else what stands for it. */
function written(ev: Evaluator, derivation: ContextElement, output: ByteString): ByteString {
  const { kind } = parseElement(derivation);
  if (kind !== "opaque") return placeholderOf(ev, derivation, output);
  const drv = storeErrors(() => ev.store.readDerivation(derivation));
  const found = drv.outputs.get(output);
  if (found === undefined) {
    const message = `derivation '${derivation}' does not have output '${output}'`;
    throw new NixError("eval", message);
  }
  return outputPathOf(found) ?? placeholderOf(ev, derivation, output);
}

function placeholderOf(ev: Evaluator, derivation: ContextElement, output: ByteString): ByteString {
  const { context } = ev.store;
  const parsed = parseElement(derivation);
  if (parsed.kind !== "built") return downstreamPlaceholder(context, derivation, output);
  return computedPlaceholder(context, placeholderOf(ev, parsed.drvPath, parsed.output), output);
}
