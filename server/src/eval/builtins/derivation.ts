/**
 * `derivationStrict`: an attribute set becomes a store derivation (nix-semantics 3.4). `derivation`, which
 * every program calls, is a Nix function around it (`derivationSource`).
 */
import type { ByteString } from "../../base/bytes.ts";
import { type IngestionMethod, parseOutputHashMode } from "../../store/content-address.ts";
import type { DynamicInput } from "../../store/dynamic-inputs.ts";
import { hashAlgorithmOf, parseHashAllowEmpty } from "../../store/hash.ts";
import type { OutputsSpec } from "../../store/make-derivation.ts";
import { storeClosure } from "../../store/store.ts";
import { downstreamPlaceholder, storeNameProblem } from "../../store/store-path.ts";
import { Attrs, sharedShape } from "../attrs.ts";
import {
  type Context,
  type ContextElement,
  ContextUnion,
  parseElement,
  stringText,
  withContext,
} from "../context.ts";
import { NixError, traced } from "../errors.ts";
import type { Evaluator } from "../evaluator.ts";
import { storeErrors } from "../files.ts";
import { warningText } from "../report.ts";
import {
  coerceToString,
  DRV_ENV,
  expectAttrs,
  expectBool,
  expectList,
  expectPlainString,
  expectString,
  force,
} from "../runtime.ts";
import { toJson } from "../to-json.ts";
import type { Slot, Value } from "../values.ts";
import { behaves } from "../versions.ts";
import type { Definition } from "./define.ts";
import { need } from "./sets.ts";

/** The text of the function `derivation`, in the language itself: it is lazy in everything. */
/** What messages call the file that `derivation` is in. */
export const DERIVATION_FILE = "<nix/derivation-internal.nix>";

export const derivationSource = `drvAttrs@{ outputs ? [ "out" ], ... }:
let
  made = derivationStrict drvAttrs;
  named = map (outputName: {
    name = outputName;
    value = shared // {
      outPath = builtins.getAttr outputName made;
      inherit (made) drvPath;
      type = "derivation";
      inherit outputName;
    };
  }) outputs;
  shared = drvAttrs // builtins.listToAttrs named // {
    all = map (output: output.value) named;
    inherit drvAttrs;
  };
in
(builtins.head named).value
`;

/** What the attributes of one derivation add up to while they are read. */
interface Draft {
  name: ByteString;
  builder: ByteString;
  system: ByteString;
  args: ByteString[];
  env: Map<ByteString, ByteString>;
  readonly contexts: ContextUnion;
  outputs: ByteString[];
  outputHash: ByteString | null;
  outputHashAlgo: ByteString | null;
  method: IngestionMethod | null;
  contentAddressed: boolean;
  impure: boolean;
}

const NAME_CONTEXT = "in the attrset passed as argument to builtins.derivationStrict";

function derivationStrict(ev: Evaluator, v: Slot): Value {
  const set = expectAttrs(
    ev,
    v,
    0,
    "while evaluating the argument passed to builtins.derivationStrict",
  );
  const nameSlot = need(set, "name", NAME_CONTEXT);
  const namePos = set.position("name");
  let name: ByteString;
  try {
    name = expectPlainString(
      ev,
      nameSlot,
      0,
      "while evaluating the `name` attribute passed to builtins.derivationStrict",
    );
  } catch (error) {
    throw traced(error, namePos, "while evaluating the derivation attribute 'name'");
  }
  try {
    return makeDerivation(ev, set, name);
  } catch (error) {
    throw traced(
      error,
      // The place is words of the frame, so that no source lines are shown for it.
      0,
      `while evaluating derivation '${name}'\n  whose name attribute is located at ${ev.showPosition(namePos)}`,
      "always",
    );
  }
}

function flag(ev: Evaluator, set: Attrs, name: string, why: string): boolean {
  const slot = set.get(name);
  return slot !== undefined && expectBool(ev, slot, 0, why);
}

function needFeature(ev: Evaluator, feature: string): void {
  if (ev.settings.features.has(feature)) return;
  throw new NixError(
    "eval",
    `experimental Nix feature '${feature}' is disabled; add '--extra-experimental-features ${feature}' to enable it`,
  );
}

function setMethod(ev: Evaluator, draft: Draft, mode: ByteString): void {
  const method = parseOutputHashMode(mode);
  if (method === undefined) {
    throw new NixError("eval", `invalid value '${mode}' for 'outputHashMode' attribute`);
  }
  if (method === "text") needFeature(ev, "dynamic-derivations");
  if (method === "git") needFeature(ev, "git-hashing");
  draft.method = method;
}

function setOutputs(draft: Draft, names: readonly ByteString[]): void {
  const seen = new Set<ByteString>();
  for (const name of names) {
    if (seen.has(name)) throw new NixError("eval", `duplicate derivation output '${name}'`);
    if (name === "drvPath") throw new NixError("eval", "invalid derivation output name 'drvPath'");
    seen.add(name);
  }
  if (seen.size === 0) throw new NixError("eval", "derivation cannot have an empty set of outputs");
  draft.outputs = [...seen];
}

function makeDerivation(ev: Evaluator, set: Attrs, name: ByteString): Value {
  const problem = storeNameProblem(name);
  if (problem !== undefined) {
    throw new NixError(
      "eval",
      `invalid derivation name: ${problem}. Please pass a different 'name'.`,
    );
  }
  const structured = flag(
    ev,
    set,
    "__structuredAttrs",
    "while evaluating the `__structuredAttrs` attribute passed to builtins.derivationStrict",
  );
  const ignoreNulls = flag(
    ev,
    set,
    "__ignoreNulls",
    "while evaluating the `__ignoreNulls` attribute passed to builtins.derivationStrict",
  );
  const draft: Draft = {
    name,
    builder: "",
    system: "",
    args: [],
    env: new Map(),
    contexts: new ContextUnion(),
    outputs: ["out"],
    outputHash: null,
    outputHashAlgo: null,
    method: null,
    contentAddressed: false,
    impure: false,
  };
  const json: string[] = [];
  const { shape, values } = set.flat();
  for (const i of shape.sorted) {
    const key = shape.names[i] as ByteString;
    if (key === "__ignoreNulls") continue;
    const slot = values[i] as Slot;
    try {
      if (ignoreNulls && force(slot) === null) continue;
      if (key === "__contentAddressed" || key === "__impure") {
        const on = expectBool(ev, slot, 0, "");
        if (on && key === "__impure") needFeature(ev, "impure-derivations");
        // The placeholders of what is not known are a part of content-addressed derivations.
        if (on) needFeature(ev, "ca-derivations");
        if (key === "__impure") draft.impure = on;
        else draft.contentAddressed = on;
        // Otherwise one that is false is as any other attribute.
        if (on || behaves(ev.settings.nixVersion, "falseKindsLeftOut")) continue;
      }
      if (key === "args") {
        readArgs(ev, draft, slot);
      } else if (structured) {
        if (key !== "__structuredAttrs") readStructured(ev, draft, json, key, slot);
      } else {
        readPlain(ev, draft, key, slot);
      }
      const warning = warningOf(key, structured);
      if (warning !== null) {
        const during = `while evaluating derivation '${name}'`;
        const at = shape.positions[i] as number;
        ev.host.message("warning", warningText(ev.positions, warning, at, during));
      }
    } catch (error) {
      throw traced(
        error,
        shape.positions[i] as number,
        `while evaluating attribute '${key}' of derivation '${name}'`,
      );
    }
  }
  if (structured) draft.env.set("__json", `{${json.join(",")}}`);
  return storeErrors(() => complete(ev, draft));
}

/** Attributes about outputs, each of which `outputChecks` has instead where attributes are structured. */
const CHECKED_BY_OUTPUT: ReadonlySet<ByteString> = new Set([
  ...["allowedReferences", "allowedRequisites", "disallowedReferences", "disallowedRequisites"],
  ...["maxSize", "maxClosureSize"],
]);

function warningOf(key: ByteString, structured: boolean): string | null {
  if (structured && CHECKED_BY_OUTPUT.has(key)) {
    return `'structuredAttrs' disables the effect of the derivation attribute '${key}'; use 'outputChecks.<output>.${key}' instead`;
  }
  if (!structured && key === "__json") {
    return "setting structured attributes via '__json' is deprecated, and may be disallowed in future versions of Nix. Set '__structuredAttrs = true' instead.";
  }
  return null;
}

function readArgs(ev: Evaluator, draft: Draft, slot: Slot): void {
  const list = expectList(ev, slot, 0, "");
  for (const item of list) {
    const s = coerceToString(
      ev,
      item,
      0,
      "while evaluating an element of the argument list",
      DRV_ENV,
    );
    draft.args.push(stringText(s));
    if (typeof s !== "string") draft.contexts.add(s.context);
  }
}

function readPlain(ev: Evaluator, draft: Draft, key: ByteString, slot: Slot): void {
  const s = coerceToString(ev, slot, 0, "", DRV_ENV);
  const text = stringText(s);
  if (typeof s !== "string") draft.contexts.add(s.context);
  draft.env.set(key, text);
  switch (key) {
    case "builder":
      draft.builder = text;
      break;
    case "system":
      draft.system = text;
      break;
    case "outputHash":
      draft.outputHash = text;
      break;
    case "outputHashAlgo":
      draft.outputHashAlgo = text;
      break;
    case "outputHashMode":
      setMethod(ev, draft, text);
      break;
    case "outputs":
      setOutputs(
        draft,
        text.split(/[ \t\n\r]+/).filter((name) => name !== ""),
      );
      break;
    default:
      break;
  }
}

function readStructured(
  ev: Evaluator,
  draft: Draft,
  json: string[],
  key: ByteString,
  slot: Slot,
): void {
  const name = toJson(ev, key, 0);
  const value = toJson(ev, slot, 0);
  draft.contexts.add(value.context);
  json.push(`${name.text}:${value.text}`);
  const plain = () => expectPlainString(ev, slot, 0, "");
  switch (key) {
    case "builder":
      draft.builder = stringText(expectString(ev, slot, 0, ""));
      break;
    case "system":
      draft.system = plain();
      break;
    case "outputHash":
      draft.outputHash = plain();
      break;
    case "outputHashAlgo":
      draft.outputHashAlgo = plain();
      break;
    case "outputHashMode":
      setMethod(ev, draft, plain());
      break;
    case "outputs": {
      const list = expectList(ev, slot, 0, "");
      setOutputs(
        draft,
        list.map((item) => expectPlainString(ev, item, 0, "")),
      );
      break;
    }
    default:
      break;
  }
}

/** What the context of the attributes says about inputs. */
function inputs(ev: Evaluator, context: Context | null) {
  const sources = new Set<ByteString>();
  const drvs = new Map<ByteString, UsedDerivation>();
  /** What is used of a derivation, which may be an output of another one. */
  const used = (derivation: ContextElement): UsedDerivation => {
    const parsed = parseElement(derivation);
    const known = parsed.kind === "built" ? used(parsed.drvPath).dynamic : drvs;
    const key = parsed.kind === "built" ? parsed.output : derivation;
    let found = known.get(key);
    if (found === undefined) {
      found = { outputs: new Set(), dynamic: new Map() };
      known.set(key, found);
    }
    return found;
  };
  const use = (derivation: ContextElement, output: ByteString) =>
    used(derivation).outputs.add(output);
  for (const element of context ?? []) {
    const parsed = parseElement(element);
    if (parsed.kind === "opaque") sources.add(parsed.path);
    else if (parsed.kind === "built") use(parsed.drvPath, parsed.output);
    else {
      // The derivation itself and everything it needs, every output of every derivation among it.
      for (const path of storeClosure(ev.store, parsed.drvPath)) {
        sources.add(path);
        if (!path.endsWith(".drv")) continue;
        for (const output of ev.store.readDerivation(path).outputs.keys()) use(path, output);
      }
    }
  }
  const inputDrvs = new Map([...drvs].map(([path, { outputs }]) => [path, outputs]));
  const dynamic = [...drvs].flatMap(([path, { dynamic: each }]) =>
    each.size === 0 ? [] : [[path, each] as const],
  );
  return {
    inputSrcs: sources,
    inputDrvs,
    ...(dynamic.length === 0 ? {} : { dynamicInputs: new Map(dynamic) }),
  };
}

interface UsedDerivation extends DynamicInput {
  readonly outputs: Set<ByteString>;
  readonly dynamic: Map<ByteString, UsedDerivation>;
}

function outputsSpec(ev: Evaluator, draft: Draft): OutputsSpec {
  const algoName = draft.outputHashAlgo;
  const algo = algoName === null ? undefined : hashAlgorithmOf(algoName);
  if (draft.outputHash !== null) {
    if (draft.outputs.length !== 1 || draft.outputs[0] !== "out") {
      throw new NixError(
        "eval",
        "multiple outputs are not supported in fixed-output derivations",
        0,
      );
    }
    const hash = parseHashAllowEmpty(draft.outputHash, algo, (message) =>
      ev.host.message("warning", message),
    );
    return { kind: "fixed", method: draft.method ?? "flat", hash };
  }
  if (draft.contentAddressed || draft.impure) {
    if (draft.contentAddressed && draft.impure) {
      throw new NixError("eval", "derivation cannot be both content-addressed and impure");
    }
    return {
      kind: draft.impure ? "impure" : "floating",
      names: draft.outputs,
      method: draft.method ?? "nar",
      algo: algo ?? "sha256",
    };
  }
  return { kind: "input-addressed", names: draft.outputs };
}

function complete(ev: Evaluator, draft: Draft): Value {
  const used = inputs(ev, draft.contexts.context);
  if (draft.builder === "") throw new NixError("eval", "required attribute 'builder' missing");
  if (draft.system === "") throw new NixError("eval", "required attribute 'system' missing");
  if (
    draft.name.endsWith(".drv") &&
    !(draft.method === "text" && draft.outputs.length === 1 && draft.outputs[0] === "out")
  ) {
    throw new NixError(
      "eval",
      "derivation names are allowed to end in '.drv' only if they produce a single derivation file",
      0,
    );
  }
  const made = ev.store.addDerivation({
    name: draft.name,
    system: draft.system,
    builder: draft.builder,
    args: draft.args,
    env: draft.env,
    outputs: outputsSpec(ev, draft),
    ...used,
  });
  ev.derivations++;
  const { drvPath } = made;
  const names = ["drvPath", ...made.drv.outputs.keys()];
  const values: Slot[] = [withContext(drvPath, new Set([`=${drvPath}`]))];
  for (const output of made.drv.outputs.keys()) {
    const path =
      made.outputs.get(output) ?? downstreamPlaceholder(ev.store.context, drvPath, output);
    values.push(withContext(path, new Set([`!${output}!${drvPath}`])));
  }
  const unplaced = names.map(() => 0);
  return new Attrs(sharedShape(names, unplaced), values);
}

export const DERIVATION: Definition[] = [["derivationStrict", 1, derivationStrict]];
