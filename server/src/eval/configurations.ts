/**
 * The configurations that modules are a part of, and their options. As long as something is defined for
 * which there is no option, newer module systems refuse the options too: then those are known that there
 * were before, or without that check.
 */
import type { ByteString } from "../base/bytes.ts";
import { Attrs } from "./attrs.ts";
import type { Configuration } from "./describe-option.ts";
import type { Evaluator } from "./evaluator.ts";
import { attempt, call, force } from "./runtime.ts";
import type { Slot, Value } from "./values.ts";

const UNCHECKED = "{ modules = [ { _module.check = false; } ]; }";

export class Configurations {
  readonly #ev: Evaluator;
  readonly #known = new Map<ByteString, Configuration>();
  /** By module: the last options that were not refused. */
  readonly #options = new Map<ByteString, Attrs>();
  readonly #unchecked = new WeakMap<Configuration, Slot>();

  constructor(ev: Evaluator) {
    this.#ev = ev;
  }

  set(module: ByteString, configuration: Configuration): void {
    this.#known.set(module, configuration);
  }

  /** Null for what has not been evaluated as a module. Throws `Interruption`. */
  get(module: ByteString): Configuration | null {
    const known = this.#known.get(module);
    if (known === undefined) return null;
    const found = attempt(() => force(known.options));
    if (found instanceof Attrs) {
      // The set: after an edit its slot is evaluated anew.
      this.#options.set(module, found);
      return known;
    }
    const options = this.#options.get(module) ?? this.#withoutCheck(known);
    return { ...known, options };
  }

  #withoutCheck(known: Configuration): Slot {
    const before = this.#unchecked.get(known);
    if (before !== undefined) return before;
    const options = attempt(() => this.#extended(known.whole ?? null)) ?? known.options;
    this.#unchecked.set(known, options);
    return options;
  }

  #extended(whole: Slot): Slot | null {
    const extend = memberOf(force(whole), "extendModules");
    if (extend === null) return null;
    const made = call(this.#ev, force(extend), this.#ev.evaluateText(UNCHECKED, "check", "/"), 0);
    return memberOf(made, "options");
  }
}

function memberOf(value: Value, name: ByteString): Slot | null {
  return value instanceof Attrs ? (value.get(name) ?? null) : null;
}
