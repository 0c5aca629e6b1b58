/**
 * Evaluating ahead: while nothing else is to be done, packages are evaluated that a document could use
 * next. What packages share is done then, and the engine has compiled what evaluates them: the first
 * use of another package costs little more than what is its own.
 */
import type { ByteString } from "../base/bytes.ts";
import { Attrs } from "./attrs.ts";
import { isDerivation } from "./compare.ts";
import { evaluated } from "./dependents.ts";
import { Interruption, NixError } from "./errors.ts";
import type { Evaluator } from "./evaluator.ts";
import type { Probes } from "./probes.ts";
import { force } from "./runtime.ts";
import type { Slot } from "./values.ts";

/** A set that has fewer attributes is no package set. */
const SMALLEST = 1000;
/** Steps between names, as a part of all: they come from all over the set, and none comes twice soon. */
const STRIDE = 0.618_033_988_749_895;
/** A package that is not done after so many turns is left alone. */
const MAX_TURNS = 20;

function isPackageSet(slot: Slot): slot is Attrs {
  return slot instanceof Attrs && slot.sizeBound >= SMALLEST && slot.has("callPackage");
}

/** The packages of one set. */
export class PackagesAhead {
  readonly ev: Evaluator;
  readonly #set: Attrs;
  readonly #names: readonly ByteString[];
  #next = 0;
  #turns = 0;

  constructor(ev: Evaluator, set: Attrs) {
    this.ev = ev;
    this.#set = set;
    this.#names = set.sortedNames();
  }

  /**
   * Evaluates one more package, or a part of it when the evaluator's `poll` interrupts; what was
   * evaluated of it stays.
   *
   * @returns false when there is none left
   */
  step(): boolean {
    const { length } = this.#names;
    if (this.#next >= length) return false;
    const at = Math.floor(((this.#next * STRIDE) % 1) * length);
    this.ev.depth = 0;
    try {
      const value = force(this.#set.get(this.#names[at] ?? "") ?? null);
      if (isDerivation(value)) force(value.get("drvPath") ?? null);
    } catch (error) {
      if (error instanceof Interruption && ++this.#turns < MAX_TURNS) return true;
      const isOfProgram = error instanceof NixError || error instanceof RangeError;
      if (!isOfProgram && !(error instanceof Interruption)) throw error;
    }
    this.#next += 1;
    this.#turns = 0;
    return true;
  }
}

/** The first package set among the values of expressions; nothing is forced. */
export function knownPackageSet(probes: Probes): Attrs | null {
  for (const expr of probes.expressions()) {
    const value = evaluated(probes.get(expr) ?? null);
    if (isPackageSet(value)) return value;
  }
  return null;
}
