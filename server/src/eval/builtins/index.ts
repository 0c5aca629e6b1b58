/** The base environment: `builtins` and the global names. */
import type { ByteString } from "../../base/bytes.ts";
import { Attrs, Shape } from "../attrs.ts";
import { Code } from "../code.ts";
import type { Evaluator } from "../evaluator.ts";
import { PrimOp, type Slot, Thunk } from "../values.ts";
import { BUILTINS_SINCE_2_8, behaves, NIX_RELEASES } from "../versions.ts";
import { CONTEXTS } from "./contexts.ts";
import { CONTROL } from "./control.ts";
import { DATA } from "./data.ts";
import type { Definition } from "./define.ts";
import { DERIVATION, DERIVATION_FILE, derivationSource } from "./derivation.ts";
import { FETCH } from "./fetch.ts";
import { FETCH_CLOSURE } from "./fetch-closure.ts";
import { GENERIC_CLOSURE } from "./generic-closure.ts";
import { HASHING } from "./hashing.ts";
import { LISTS } from "./lists.ts";
import { NUMBERS } from "./numbers.ts";
import { OUTPUT_OF } from "./output-of.ts";
import { PATHS } from "./paths.ts";
import { SETS } from "./sets.ts";
import { STRINGS } from "./strings.ts";
import { TYPES } from "./types.ts";

/** All that every evaluation has. */
export const BUILTINS: readonly Definition[] = [
  ...TYPES,
  ...NUMBERS,
  ...LISTS,
  GENERIC_CLOSURE,
  ...SETS,
  ...STRINGS,
  ...CONTEXTS,
  ...CONTROL,
  ...DATA,
  ...DERIVATION,
  ...FETCH,
  ...HASHING,
  ...PATHS,
];

/** Builtins that are also global under their own name; every other one is global as `__name`. */
const BARE_NAMES = new Set([
  "abort",
  "baseNameOf",
  "break",
  "derivationStrict",
  "dirOf",
  "fetchGit",
  "fetchMercurial",
  "fetchTarball",
  "fetchTree",
  "fromTOML",
  "import",
  "isNull",
  "map",
  "placeholder",
  "removeAttrs",
  "scopedImport",
  "throw",
  "toString",
]);

/** Its own line in a trace is the one that it is given. */
const UNTRACED = "addErrorContext";

export interface BaseEnvironment {
  globals: Map<ByteString, Slot>;
  operators: { sub: PrimOp };
  findFile: PrimOp;
  nixPath: Slot;
}

/** @param more builtins of the layers above; they replace those of the same name */
export function baseEnvironment(ev: Evaluator, more: readonly Definition[]): BaseEnvironment {
  const { settings } = ev;
  const globals = new Map<ByteString, Slot>();
  const members = new Map<ByteString, Slot>();
  const ops = new Map<string, PrimOp>();
  const gated = [
    ...(settings.features.has("dynamic-derivations") ? [OUTPUT_OF] : []),
    ...(settings.features.has("fetch-closure") ? [FETCH_CLOSURE] : []),
  ];
  const fewer = behaves(settings.nixVersion, "fewerBuiltins");
  for (const [name, arity, impl] of [...BUILTINS, ...gated, ...more]) {
    if (fewer && BUILTINS_SINCE_2_8.has(name)) continue;
    const op = new PrimOp(name, arity, impl, name !== UNTRACED);
    ops.set(name, op);
    members.set(name, op);
    globals.set(BARE_NAMES.has(name) ? name : `__${name}`, op);
  }
  const nixPath: Slot = settings.pureEval
    ? []
    : settings.searchPath.map((entry) =>
        Attrs.from([
          ["path", entry.path],
          ["prefix", entry.prefix],
        ]),
      );
  const constants: [ByteString, Slot][] = [
    ["true", true],
    ["false", false],
    ["null", null],
    ["nixVersion", NIX_RELEASES[settings.nixVersion]],
    ["langVersion", 6],
    ["storeDir", ev.store.context.storeDir],
    ["nixPath", nixPath],
  ];
  if (!settings.pureEval) {
    constants.push([
      "currentTime",
      new Thunk(
        Code.of(() => ev.host.currentTime()),
        [],
      ),
    ]);
    constants.push(["currentSystem", settings.system]);
  }
  constants.push([
    "derivation",
    new Thunk(
      Code.of(() => ev.evaluateText(derivationSource, DERIVATION_FILE, "/")),
      [],
    ),
  ]);
  const bare = new Set(["true", "false", "null", "derivation"]);
  for (const [name, slot] of constants) {
    members.set(name, slot);
    globals.set(bare.has(name) ? name : `__${name}`, slot);
  }
  const names = [...members.keys(), "builtins"];
  const values = [...members.values()];
  const builtins = new Attrs(
    new Shape(
      names,
      names.map(() => 0),
    ),
    values,
  );
  values.push(builtins);
  globals.set("builtins", builtins);
  return {
    globals,
    operators: { sub: ops.get("sub") as PrimOp },
    findFile: ops.get("findFile") as PrimOp,
    nixPath,
  };
}
