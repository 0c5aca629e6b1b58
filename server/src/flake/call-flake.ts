/** A locked flake as a value: its outputs, applied to its inputs and to itself. Everything is lazy. */
import type { ByteString } from "../base/bytes.ts";
import { Attrs } from "../eval/attrs.ts";
import { Code } from "../eval/code.ts";
import { stringContext, stringText, withContext } from "../eval/context.ts";
import { NixError, traced } from "../eval/errors.ts";
import { type Evaluator, ROOT_IMPORT } from "../eval/evaluator.ts";
import { retain } from "../eval/fingerprint.ts";
import { call, expectAttrs, expectFunction, expectString, force } from "../eval/runtime.ts";
import { type NixString, type Slot, Thunk } from "../eval/values.ts";
import type { InputPath } from "./flake-file.ts";
import type { FlakeRef } from "./flake-ref.ts";
import { findInput, isNode, type Lock, type LockNode } from "./lock-file.ts";
import type { LockedFlake } from "./lock-flake.ts";
import { sourceTree } from "./source-tree.ts";
import { treeAttributes } from "./tree-attributes.ts";

const lazy = (run: () => ReturnType<typeof force>): Thunk => new Thunk(Code.of(run), []);

/** The set that `getFlake` gives. */
export function callFlake(ev: Evaluator, flake: LockedFlake): Thunk {
  return new FlakeCall(ev, flake).result(flake.lock);
}

/** Values of inputs that only their locks decide, kept between evaluations. */
const pinned = new WeakMap<Evaluator, Map<string, Thunk>>();

function pinnedValues(ev: Evaluator): Map<string, Thunk> {
  let values = pinned.get(ev);
  if (values === undefined) {
    values = new Map();
    const made = values;
    // A locked tree does not change, but one that is read in place may turn out to be another.
    ev.onForget.push((paths) => {
      if (paths === null) made.clear();
    });
    pinned.set(ev, values);
  }
  return values;
}

class FlakeCall {
  readonly #ev: Evaluator;
  readonly #flake: LockedFlake;
  readonly #lock: Lock;
  readonly #results = new Map<LockNode, Thunk>();
  readonly #sources = new Map<LockNode, Thunk>();

  constructor(ev: Evaluator, flake: LockedFlake) {
    this.#ev = ev;
    this.#flake = flake;
    this.#lock = flake.lock;
  }

  result(node: LockNode): Thunk {
    let result = this.#results.get(node);
    if (result === undefined) {
      result = this.#pinned(node, "", () => this.#call(node));
      this.#results.set(node, result);
    }
    return result;
  }

  /**
   * What an earlier evaluation made, for an input that depends on nothing outside of it.
   *
   * @param as what of the input it is
   */
  #pinned(node: LockNode, as: string, make: () => Thunk): Thunk {
    const pin = this.#pin(node);
    if (pin === null) return make();
    const values = pinnedValues(this.#ev);
    const key = `${as}${pin}`;
    let known = values.get(key);
    if (known === undefined) {
      known = make();
      retain(known);
      values.set(key, known);
    }
    return known;
  }

  /** The locks that decide an input's value, its own and those of all that it reaches; null: more does. */
  #pin(node: LockNode): string | null {
    const numbers = new Map([[node, 0]]);
    const locks: unknown[] = [];
    for (const each of numbers.keys()) {
      // The flake itself, what is relative to another, what has not been hashed.
      if (each === this.#lock || each.locked?.has("narHash") !== true) return null;
      const inputs = [...each.inputs].map(([name, input]) => {
        const target = this.#target(input);
        if (target !== null && !numbers.has(target)) numbers.set(target, numbers.size);
        return [name, target && numbers.get(target)];
      });
      locks.push([[...each.locked], each.isFlake, inputs.sort()]);
    }
    return JSON.stringify(locks);
  }

  #target(input: LockNode | InputPath): LockNode | null {
    return isNode(input) ? input : findInput(this.#lock, input);
  }

  #source(node: LockNode): Thunk {
    let source = this.#sources.get(node);
    if (source === undefined) {
      source = lazy(() => this.#sourceInfo(node));
      this.#sources.set(node, source);
    }
    return source;
  }

  #sourceInfo(node: LockNode): Attrs {
    const ev = this.#ev;
    if (node === this.#lock) {
      const { tree, lockChanged } = this.#flake;
      return treeAttributes(tree, { forceDirty: lockChanged });
    }
    const locked = node.locked as FlakeRef;
    const path = locked.get("path");
    if (locked.get("type") === "path" && typeof path === "string" && !path.startsWith("/")) {
      const parent = node.parent === null ? this.#lock : findInput(this.#lock, node.parent);
      if (parent === null)
        throw new NixError("eval", "a relative input has no parent in flake.lock");
      const info = force(this.#source(parent)) as Attrs;
      // Of what `flake.lock` does not have yet, Nix knows no more than the path.
      if (node.directory !== undefined)
        return Attrs.from([["outPath", stringOf(ev, info, "outPath")]]);
      const outPath = append(this.#outPath(parent), `/${path}`);
      return info.update(Attrs.from([["outPath", outPath]]));
    }
    const tree = new Map(locked);
    tree.delete("dir");
    return treeAttributes(sourceTree(ev, tree));
  }

  /** Of the flake: its tree and its directory in it. */
  #outPath(node: LockNode): NixString {
    const ref = node === this.#lock ? this.#flake.ref : (node.locked as FlakeRef);
    const dir = node.directory ?? ref.get("dir");
    const path = stringOf(this.#ev, force(this.#source(node)) as Attrs, "outPath");
    return dir === undefined || dir === "" ? path : append(path, `/${dir}`);
  }

  #call(node: LockNode): Thunk {
    const ev = this.#ev;
    const info = () => force(this.#source(node)) as Attrs;
    const outPath = lazy(() => this.#outPath(node));
    const result: Thunk = lazy(() => {
      if (!node.isFlake) return info();
      const outputs = expectAttrs(
        ev,
        outputsSlot,
        0,
        "in the left operand of the update (//) operator",
      );
      return outputs.update(info()).update(
        Attrs.from([
          ["outPath", outPath],
          ["inputs", inputs],
          ["outputs", outputs],
          ["sourceInfo", info()],
          ["_type", "flake"],
        ]),
      );
    });
    const inputs = Attrs.from(
      [...node.inputs]
        .sort(([a], [b]) => (a < b ? -1 : 1))
        .map(([name, input]): [ByteString, Slot] => {
          const target = this.#target(input);
          return [
            name,
            target === null
              ? lazy(() => {
                  throw new NixError(
                    "eval",
                    `the input '${name}' follows an input that is not there`,
                  );
                })
              : this.#lazyResult(target),
          ];
        }),
    );
    const outputsSlot: Thunk = lazy(() => {
      const directory =
        node === this.#lock ? this.#flake.directory : stringText(force(outPath) as NixString);
      const file = `${directory}/flake.nix`;
      const flake = expectAttrs(
        ev,
        // What is called anew for every evaluation depends on nothing that is kept.
        ev.importFile(ev.canonicalPath(file), this.#pin(node) === null ? ROOT_IMPORT : 0),
        0,
        "while reading flake.nix",
      );
      const outputs = flake.get("outputs");
      if (outputs === undefined) throw new NixError("eval", `'${file}' lacks attribute 'outputs'`);
      const at = flake.position("outputs");
      const fn = expectFunction(ev, outputs, at, "while evaluating the outputs of a flake");
      return call(ev, fn, inputs.update(Attrs.from([["self", result]])), at);
    });
    return result;
  }

  /** Nodes may need each other: each is looked up only when it is forced. */
  #lazyResult(node: LockNode): Thunk {
    const result = () => {
      try {
        return force(this.result(node));
      } catch (error) {
        throw traced(error, 0, "while evaluating an input of the flake", "with-show-trace");
      }
    };
    return this.#pinned(node, "input ", () => lazy(result));
  }
}

function stringOf(ev: Evaluator, set: Attrs, name: ByteString): NixString {
  return expectString(ev, set.get(name) ?? null, 0, `while evaluating the attribute '${name}'`);
}

function append(text: NixString, more: ByteString): NixString {
  return withContext(stringText(text) + more, stringContext(text));
}
