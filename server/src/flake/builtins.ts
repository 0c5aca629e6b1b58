/** The builtins that know flakes and trees from elsewhere. */
import type { ByteString } from "../base/bytes.ts";
import { Attrs } from "../eval/attrs.ts";
import type { Definition } from "../eval/builtins/define.ts";
import { argument } from "../eval/builtins/lists.ts";
import { stringText } from "../eval/context.ts";
import { evaluated } from "../eval/dependents.ts";
import { NixError } from "../eval/errors.ts";
import type { Evaluator } from "../eval/evaluator.ts";
import { storeErrors } from "../eval/files.ts";
import { coerceToString, expectAttrs, expectPlainString, force, PLAIN } from "../eval/runtime.ts";
import { showType } from "../eval/show-value.ts";
import { ContextString, NixPath, type Slot, Thunk, type Value } from "../eval/values.ts";
import { parseHash, printHash } from "../store/hash.ts";
import { callFlake } from "./call-flake.ts";
import {
  checkRef,
  type FlakeRef,
  FlakeRefError,
  flakeRefToUrl,
  type InputAttribute,
  parseFlakeRef,
} from "./flake-ref.ts";
import { lockFlake } from "./lock-flake.ts";
import { sourceTree } from "./source-tree.ts";
import { treeAttributes } from "./tree-attributes.ts";

function refErrors<T>(run: () => T): T {
  try {
    return run();
  } catch (error) {
    if (error instanceof FlakeRefError) throw new NixError("eval", error.message);
    throw error;
  }
}

function getFlake(ev: Evaluator, v: Slot): Value {
  const site = ev.callSite;
  const text = expectPlainString(ev, v, 0, argument("first", "builtins.getFlake"));
  const ref = refErrors(() => parseFlakeRef(text));
  if (ev.settings.pureEval && !isLocked(ref)) {
    throw new NixError(
      "restricted",
      `cannot call 'getFlake' on unlocked flake reference '${text}', at ${ev.showPosition(site)} (use --impure to override)`,
      0,
    );
  }
  return force(callFlake(ev, lockFlake(ev, ref)), 0);
}

/** Whether a reference always means the same tree. */
function isLocked(ref: FlakeRef): boolean {
  return ref.has("narHash") || (ref.get("type") === "git" && ref.has("rev"));
}

/** Attributes of a set that is a flake reference. A thunk that has not been forced is no value for Nix. */
function refOfSet(set: Attrs): FlakeRef {
  const ref = new Map<ByteString, InputAttribute>();
  for (const name of set.sortedNames()) {
    const slot = set.get(name) as Slot;
    const value = evaluated(slot) instanceof Thunk ? slot : force(slot);
    if ((typeof value === "number" || typeof value === "bigint") && value < 0)
      throw new NixError("eval", `negative value given for flake ref attr ${name}: ${value}`);
    if (typeof value === "string" || typeof value === "boolean" || typeof value === "number")
      ref.set(name, value);
    else if (value instanceof ContextString) ref.set(name, value.text);
    else {
      const type = value instanceof Thunk ? "a thunk" : showType(value);
      throw new NixError(
        "eval",
        `flake reference attribute sets may only contain integers, Booleans, and strings, but attribute '${name}' is ${type}`,
        set.position(name),
      );
    }
  }
  return ref;
}

function parseFlakeRefBuiltin(ev: Evaluator, v: Slot): Value {
  const text = expectPlainString(ev, v, 0, argument("first", "builtins.parseFlakeRef"));
  const ref = refErrors(() => parseFlakeRef(text));
  return Attrs.from([...ref].sort(([a], [b]) => (a < b ? -1 : 1)));
}

function flakeRefToString(ev: Evaluator, v: Slot): Value {
  const set = expectAttrs(ev, v, 0, argument("first", "builtins.flakeRefToString"));
  return refErrors(() => {
    const ref = refOfSet(set);
    if (ref.has("type") && !KNOWN_TYPES.has(String(ref.get("type")))) return flakeRefToUrl(ref);
    checkRef(ref);
    return flakeRefToUrl(ref);
  });
}

const KNOWN_TYPES = new Set([
  ...["path", "git", "github", "gitlab", "sourcehut", "tarball", "file", "indirect", "hg"],
]);

interface FetchOptions {
  readonly name: "fetchTree" | "fetchGit";
  readonly emptyRev: boolean;
}

function attributesOf(
  ev: Evaluator,
  set: Attrs,
  { name: builtin }: FetchOptions,
): Map<ByteString, InputAttribute> {
  const ref = new Map<ByteString, InputAttribute>();
  const isGit = builtin === "fetchGit";
  if (isGit) ref.set("type", "git");
  const type = set.get("type");
  if (type !== undefined) {
    if (isGit) throw new NixError("eval", "unexpected argument 'type'");
    const why = `while evaluating the \`type\` argument passed to '${builtin}'`;
    ref.set("type", expectPlainString(ev, type, 0, why));
  } else if (!isGit) {
    throw new NixError("eval", `argument 'type' is missing in call to '${builtin}'`);
  }
  for (const name of set.sortedNames()) {
    if (name === "type" || (isGit && name === "name")) continue;
    const at = set.position(name);
    const value = force(set.get(name) as Slot, at);
    if (name === "publicKeys") {
      throw new NixError("eval", "signatures of commits are not checked yet", at);
    }
    if (value instanceof NixPath || typeof value === "string" || value instanceof ContextString) {
      const why = "while evaluating an argument of a fetcher";
      const text = stringText(coerceToString(ev, value, at, why, PLAIN));
      ref.set(name, name === "url" && ref.get("type") === "git" ? gitUrl(text) : text);
    } else if (typeof value === "boolean") ref.set(name, value);
    else if (typeof value === "number" || typeof value === "bigint") {
      if (value < 0)
        throw new NixError(
          "eval",
          `negative value given for '${builtin}' argument '${name}': ${value}`,
        ).isAt(at);
      ref.set(name, Number(value));
    } else {
      throw new NixError(
        "type",
        `argument '${name}' to '${builtin}' is ${showType(value)} while a string, Boolean or integer is expected`,
        at,
      );
    }
  }
  return ref;
}

/** Git takes paths and `user@host:path` for URLs. */
function gitUrl(text: ByteString): ByteString {
  if (text.startsWith("/")) return `file://${text}`;
  const scp = /^([^/:@]+@[^/:]+):(.*)$/.exec(text);
  return scp === null ? text : `ssh://${scp[1]}/${scp[2]}`;
}

function fetchTree(ev: Evaluator, v: Slot, options: FetchOptions): Value {
  const value = force(v);
  const { name, emptyRev } = options;
  let ref: FlakeRef;
  if (value instanceof Attrs) {
    const attributes = attributesOf(ev, value, options);
    refErrors(() => checkRef(attributes));
    ref = attributes;
  } else {
    const why = `while evaluating the first argument passed to '${name}'`;
    const text = stringText(coerceToString(ev, value, 0, why, PLAIN));
    ref =
      name === "fetchGit"
        ? new Map<ByteString, InputAttribute>([
            ["type", "git"],
            ["url", gitUrl(text)],
          ])
        : refErrors(() => parseFlakeRef(text));
  }
  if (name === "fetchGit" && !ref.has("exportIgnore") && ref.get("submodules") !== true)
    ref = new Map(ref).set("exportIgnore", true);
  const narHash = ref.get("narHash");
  if (typeof narHash === "string") {
    const hash = storeErrors(() =>
      parseHash(narHash, narHash.includes("-") ? undefined : "sha256"),
    );
    ref = new Map(ref).set("narHash", printHash(hash, "sri"));
  }
  if (ev.settings.pureEval && !isLocked(ref)) {
    throw new NixError(
      "restricted",
      `in pure evaluation mode, '${name}' doesn't fetch unlocked input '${flakeRefToUrl(ref)}'`,
      0,
    );
  }
  return treeAttributes(sourceTree(ev, ref), { emptyRev });
}

const ALWAYS: readonly Definition[] = [
  ["fetchGit", 1, (ev, v) => fetchTree(ev, v, { name: "fetchGit", emptyRev: true })],
];

const FLAKES: readonly Definition[] = [
  ["fetchTree", 1, (ev, v) => fetchTree(ev, v, { name: "fetchTree", emptyRev: false })],
  ["getFlake", 1, getFlake],
  ["parseFlakeRef", 1, parseFlakeRefBuiltin],
  ["flakeRefToString", 1, flakeRefToString],
];

/** Those of an evaluation with these experimental features. */
export function flakeBuiltins(features: ReadonlySet<string>): Definition[] {
  const tree = features.has("fetch-tree") ? FLAKES.slice(0, 1) : [];
  return [...ALWAYS, ...(features.has("flakes") ? FLAKES : tree)];
}
