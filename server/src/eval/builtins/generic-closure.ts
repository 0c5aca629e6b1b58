/** `builtins.genericClosure`. */
import { Attrs } from "../attrs.ts";
import { lessThan } from "../compare.ts";
import { NixError, traced } from "../errors.ts";
import type { Evaluator } from "../evaluator.ts";
import { call, expectAttrs, expectFunction, expectList, force } from "../runtime.ts";
import { showType } from "../show-value.ts";
import { ContextString, NixFloat, NixPath, type Slot, type Value } from "../values.ts";
import type { Definition } from "./define.ts";
import { need } from "./sets.ts";

export const GENERIC_CLOSURE: Definition = [
  "genericClosure",
  1,
  (ev, v) => {
    const set = expectAttrs(
      ev,
      v,
      0,
      "while evaluating the first argument passed to builtins.genericClosure",
    );
    const within = "in the attrset passed as argument to builtins.genericClosure";
    const start = expectList(
      ev,
      need(set, "startSet", within),
      0,
      "while evaluating the 'startSet' attribute passed as argument to builtins.genericClosure",
    );
    if (start.length === 0) return [];
    const operator = expectFunction(
      ev,
      need(set, "operator", within),
      0,
      "while evaluating the 'operator' attribute passed as argument to builtins.genericClosure",
    );
    const done = new KeySet(ev);
    const out: Slot[] = [];
    const queue = start.slice();
    for (let i = 0; i < queue.length; i++) {
      const element = force(queue[i] as Slot);
      const inElement = () => `in genericClosure element ${ev.show(element)}`;
      if (!(element instanceof Attrs)) {
        const got = `${showType(element)}: ${ev.show(element)}`;
        throw new NixError("type", `expected a set but found ${got}`).frame(0, inElement());
      }
      const key = element.get("key");
      if (key === undefined)
        throw new NixError("type", "attribute 'key' missing").frame(0, inElement());
      if (!done.add(force(key), element)) continue;
      out.push(element);
      try {
        const more = expectList(
          ev,
          call(ev, operator, element, 0),
          0,
          "while evaluating the return value of the `operator` passed to builtins.genericClosure",
        );
        for (const next of more) queue.push(force(next));
      } catch (error) {
        throw traced(
          error,
          0,
          `while calling operator on genericClosure element ${ev.show(element)}`,
        );
      }
    }
    return out;
  },
];

interface Keyed {
  readonly key: Value;
  readonly element: Attrs;
}

/** Keys told apart by `<`: strings, paths and numbers by hash, anything else by comparing with all before. */
class KeySet {
  readonly #ev: Evaluator;
  readonly #all: Keyed[] = [];
  readonly #hashed = new Set<string | number>();

  constructor(ev: Evaluator) {
    this.#ev = ev;
  }

  /** False when an equal key is there already. Keys of different kinds cannot be compared: an error. */
  add(key: Value, element: Attrs): boolean {
    try {
      if (this.#has(key)) return false;
    } catch (error) {
      const other = this.#firstUnlike(key);
      if (other !== null) traced(error, 0, `with element ${this.#ev.show(other.element)}`);
      throw traced(error, 0, `while comparing element ${this.#ev.show(element)}`);
    }
    const hashed = hashOfKey(key);
    if (hashed !== null) this.#hashed.add(hashed);
    this.#all.push({ key, element });
    return true;
  }

  #has(key: Value): boolean {
    const [first] = this.#all;
    if (first === undefined) return false;
    lessThan(this.#ev, key, first.key, 0);
    const hashed = hashOfKey(key);
    if (hashed !== null && this.#hashed.size === this.#all.length) return this.#hashed.has(hashed);
    return this.#all.some(
      (other) => !lessThan(this.#ev, key, other.key, 0) && !lessThan(this.#ev, other.key, key, 0),
    );
  }

  /** The smallest of the keys that this one cannot be compared with: the one that Nix names. */
  #firstUnlike(key: Value): Keyed | null {
    const unlike = this.#all.filter((other) => !this.#isComparable(key, other.key));
    if (unlike.length < 2) return unlike[0] ?? null;
    return unlike.reduce((a, b) =>
      this.#isComparable(b.key, a.key) && lessThan(this.#ev, b.key, a.key, 0) ? b : a,
    );
  }

  #isComparable(a: Value, b: Value): boolean {
    try {
      lessThan(this.#ev, a, b, 0);
      return true;
    } catch (error) {
      if (error instanceof NixError) return false;
      throw error;
    }
  }
}

/** The same for keys that are neither less nor greater, null when that cannot be told by a hash. */
function hashOfKey(key: Value): string | number | null {
  if (typeof key === "string") return key;
  if (key instanceof ContextString) return key.text;
  if (key instanceof NixPath) return key.path;
  // Integers and floats are compared as floats; only up to here each is one of its own.
  const number = key instanceof NixFloat ? key.value : key;
  return typeof number === "number" && Math.abs(number) <= Number.MAX_SAFE_INTEGER ? number : null;
}
