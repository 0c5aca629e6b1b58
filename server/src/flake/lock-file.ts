/** `flake.lock`: a graph of inputs, each with where it was asked for and where exactly it was found. */
import { type ByteString, bytesFromText, bytesToText } from "../base/bytes.ts";
import { NixError } from "../eval/errors.ts";
import type { InputPath } from "./flake-file.ts";
import { checkRef, type FlakeRef, FlakeRefError, type InputAttribute } from "./flake-ref.ts";

export interface LockNode {
  /** Null for the root. */
  readonly locked: FlakeRef | null;
  readonly original: FlakeRef | null;
  readonly isFlake: boolean;
  /** Of a relative path input: the input whose tree it is relative to. */
  readonly parent: InputPath | null;
  /** Of a relative input that `flake.lock` does not have yet: its directory in the tree of its parent. */
  readonly directory?: ByteString;
  /** An input of its own, or the path of another input that it follows. */
  readonly inputs: Map<ByteString, LockNode | InputPath>;
}

export type Lock = LockNode;

export const EMPTY_LOCK = (): Lock => ({
  locked: null,
  original: null,
  isFlake: true,
  parent: null,
  inputs: new Map(),
});

export const isNode = (input: LockNode | InputPath): input is LockNode => !Array.isArray(input);

type Json = { readonly [name: string]: unknown };

/** Throws `NixError`. @param file its name in messages */
export function parseLock(text: ByteString, file: ByteString): Lock {
  const bad = (what: string) =>
    new NixError("eval", bytesFromText(`while parsing the lock file '${file}': ${what}`));
  let json: Json;
  try {
    json = JSON.parse(bytesToText(text)) as Json;
  } catch (error) {
    throw bad(error instanceof Error ? error.message : String(error));
  }
  const version = json["version"];
  if (typeof version !== "number" || version < 5 || version > 7)
    throw new NixError("eval", `lock file '${file}' has unsupported version ${version}`);
  const nodes = (json["nodes"] ?? {}) as Record<string, Json | undefined>;
  const made = new Map<string, LockNode>();
  const node = (key: string): LockNode => {
    const known = made.get(key);
    if (known !== undefined) return known;
    const entry = nodes[key];
    if (entry === undefined) throw bad(`lock file references missing node '${key}'`);
    const isRoot = key === json["root"];
    const parent = entry["parent"];
    const one: LockNode = {
      locked: isRoot ? null : reference(entry, "locked", "info"),
      original: isRoot ? null : reference(entry, "original"),
      isFlake: entry["flake"] !== false,
      parent: Array.isArray(parent) ? parent.map((name) => bytesFromText(String(name))) : null,
      inputs: new Map(),
    };
    made.set(key, one);
    const inputs = Object.entries((entry["inputs"] ?? {}) as Json).map(
      ([name, target]) => [bytesFromText(name), target] as const,
    );
    for (const [name, target] of inputs.sort(([a], [b]) => (a < b ? -1 : 1))) {
      one.inputs.set(
        name,
        Array.isArray(target)
          ? target.map((each) => bytesFromText(String(each)))
          : node(String(target)),
      );
    }
    return one;
  };
  const reference = (entry: Json, name: string, more?: string): FlakeRef => {
    const given = entry[name];
    if (typeof given !== "object" || given === null) throw bad(`a node has no '${name}'`);
    const extra = more === undefined ? undefined : entry[more];
    const all = { ...(typeof extra === "object" ? extra : {}), ...given };
    const ref = new Map<ByteString, InputAttribute>();
    for (const [key, value] of Object.entries(all)) {
      if (typeof value === "string") ref.set(bytesFromText(key), bytesFromText(value));
      else if (typeof value === "number" || typeof value === "boolean") ref.set(key, value);
      else throw bad(`unsupported input attribute type of '${key}'`);
    }
    try {
      checkRef(ref);
    } catch (error) {
      if (error instanceof FlakeRefError) throw bad(bytesToText(error.message));
      throw error;
    }
    return ref;
  };
  return node(String(json["root"]));
}

/** As the object that is written to `flake.lock`: sorted, with the keys that Nix gives the nodes. */
export function lockJson(lock: Lock): Record<string, unknown> {
  const nodes: Record<string, unknown> = {};
  const keys = new Map<LockNode, string>();
  const used = new Set<string>();
  const dump = (wanted: string, node: LockNode): string => {
    const known = keys.get(node);
    if (known !== undefined) return known;
    let key = wanted;
    for (let n = 2; used.has(key); n++) key = `${wanted}_${n}`;
    used.add(key);
    keys.set(node, key);
    const inputs: Record<string, unknown> = {};
    for (const [name, input] of [...node.inputs].sort(([a], [b]) => (a < b ? -1 : 1)))
      inputs[name] = isNode(input) ? dump(name, input) : input;
    nodes[key] = {
      ...(node.isFlake ? {} : { flake: false }),
      ...(node.inputs.size === 0 ? {} : { inputs }),
      ...(node.locked === null ? {} : { locked: refJson(node.locked) }),
      ...(node.original === null ? {} : { original: refJson(node.original) }),
      ...(node.parent === null ? {} : { parent: node.parent }),
    };
    return key;
  };
  const root = dump("root", lock);
  const sorted = Object.fromEntries(Object.entries(nodes).sort(([a], [b]) => (a < b ? -1 : 1)));
  return { nodes: sorted, root, version: 7 };
}

/** The text of `flake.lock`. */
export function lockText(lock: Lock): ByteString {
  return `${JSON.stringify(lockJson(lock), null, 2)}\n`;
}

/** Sorted. */
export function refJson(ref: FlakeRef): Record<string, InputAttribute> {
  return Object.fromEntries([...ref].sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** The node that a path of inputs leads to, follows included. Null when there is none; follows in a ring are an error. */
export function findInput(lock: Lock, path: InputPath): LockNode | null {
  return find(lock, path, []);
}

/** @param followed the paths whose ends this one decides */
function find(lock: Lock, path: InputPath, followed: readonly string[]): LockNode | null {
  const shown = path.join("/");
  const ring = followed.indexOf(shown);
  if (ring >= 0) {
    const cycle = [...followed.slice(ring), shown].join(" -> ");
    throw new NixError("eval", `follow cycle detected: [${cycle}]`);
  }
  let node: LockNode = lock;
  for (const name of path) {
    const input = node.inputs.get(name);
    if (input === undefined) return null;
    const next = isNode(input) ? input : find(lock, input, [...followed, shown]);
    if (next === null) return null;
    node = next;
  }
  return node;
}
