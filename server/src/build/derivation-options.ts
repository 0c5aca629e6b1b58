/** What a derivation says about how it is to be built, from its variables or structured attributes. */
import type { ByteString } from "../base/bytes.ts";
import type { Derivation } from "../store/derivation.ts";
import { StoreError } from "../store/error.ts";
import { type JsonObject, readJson } from "./json-value.ts";

/** `undefined` is no limit. Lists hold store paths and names of outputs. */
export interface OutputChecks {
  readonly allowedReferences: readonly ByteString[] | undefined;
  readonly allowedRequisites: readonly ByteString[] | undefined;
  readonly disallowedReferences: readonly ByteString[];
  readonly disallowedRequisites: readonly ByteString[];
  /** Bytes. */
  readonly maxSize: number | undefined;
  readonly maxClosureSize: number | undefined;
}

export interface DerivationOptions {
  readonly structuredAttrs: JsonObject | undefined;
  /** Names of variables that go into files. */
  readonly passAsFile: ReadonlySet<ByteString>;
  readonly impureEnvVars: readonly ByteString[];
  readonly requiredSystemFeatures: readonly ByteString[];
  readonly allowSubstitutes: boolean;
  readonly checks: (output: ByteString) => OutputChecks;
  /** Output names whose references are not looked for. */
  readonly discardsReferences: (output: ByteString) => boolean;
  /** It wants to see the whole machine. */
  readonly noSandbox: boolean;
  /** What we cannot do for it yet; `undefined`: nothing. */
  readonly unsupported: string | undefined;
}

/** Throws `StoreError` when structured attributes are no JSON object. */
export function derivationOptions(drv: Derivation): DerivationOptions {
  const json = drv.env.get("__json");
  const attrs = json === undefined ? undefined : structuredAttrs(json);
  const strings = (name: ByteString) => stringList(drv, attrs, name);
  const isImpure =
    attrs === undefined ? Boolean(drv.env.get("__impure")) : Boolean(attrs.get("__impure"));
  return {
    structuredAttrs: attrs,
    passAsFile: new Set(attrs === undefined ? strings("passAsFile") : []),
    impureEnvVars: strings("impureEnvVars") ?? [],
    requiredSystemFeatures: strings("requiredSystemFeatures") ?? [],
    allowSubstitutes: flag(drv, attrs, "allowSubstitutes", true),
    checks: (output) =>
      attrs === undefined
        ? {
            allowedReferences: strings("allowedReferences"),
            allowedRequisites: strings("allowedRequisites"),
            disallowedReferences: strings("disallowedReferences") ?? [],
            disallowedRequisites: strings("disallowedRequisites") ?? [],
            maxSize: undefined,
            maxClosureSize: undefined,
          }
        : structuredChecks(object(attrs.get("outputChecks")).get(output)),
    discardsReferences: (output) =>
      object(attrs?.get("unsafeDiscardReferences")).get(output) === true,
    noSandbox: flag(drv, attrs, "__noChroot", false),
    unsupported: isImpure ? "__impure" : undefined,
  };
}

function structuredAttrs(text: ByteString): JsonObject {
  const value = readJson(text);
  if (!(value instanceof Map)) throw new StoreError("structured attributes are not a set");
  return value;
}

function object(value: unknown): JsonObject {
  return value instanceof Map ? value : new Map();
}

function words(text: ByteString): ByteString[] {
  return text.split(/[ \t\n\r]+/).filter((word) => word !== "");
}

/** `undefined` when the attribute is not there. */
function stringList(
  drv: Derivation,
  attrs: JsonObject | undefined,
  name: ByteString,
): ByteString[] | undefined {
  if (attrs === undefined) {
    const value = drv.env.get(name);
    return value === undefined ? undefined : words(value);
  }
  return list(attrs.get(name), name);
}

function list(value: unknown, name: string): ByteString[] | undefined {
  if (value === undefined) return undefined;
  if (!Array.isArray(value) || value.some((item) => typeof item !== "string")) {
    throw new StoreError(`attribute '${name}' must be a list of strings`);
  }
  return value;
}

function flag(
  drv: Derivation,
  attrs: JsonObject | undefined,
  name: ByteString,
  otherwise: boolean,
): boolean {
  if (attrs === undefined) {
    const value = drv.env.get(name);
    return value === undefined ? otherwise : value === "1";
  }
  const value = attrs.get(name);
  return typeof value === "boolean" ? value : otherwise;
}

function structuredChecks(value: unknown): OutputChecks {
  const checks = object(value);
  const size = (name: string) => {
    const limit = checks.get(name);
    return typeof limit === "number" ? limit : undefined;
  };
  const names = (name: string) => list(checks.get(name), name);
  return {
    allowedReferences: names("allowedReferences"),
    allowedRequisites: names("allowedRequisites"),
    disallowedReferences: names("disallowedReferences") ?? [],
    disallowedRequisites: names("disallowedRequisites") ?? [],
    maxSize: size("maxSize"),
    maxClosureSize: size("maxClosureSize"),
  };
}
