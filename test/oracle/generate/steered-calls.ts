/** Calls that are chosen by what has been met too seldom. */
import type { Cell, Coverage } from "../coverage.ts";
import { ARGUMENTS, FAILING, type Failing, TYPES_OF_VALUES } from "./arguments.ts";
import { AROUND, argumentFor, calls, OFFLINE, parameters } from "./calls.ts";
import type { Random } from "./random.ts";

/** How many calls of builtins one error goes through. */
const LONGEST_CHAIN = 10;

export class SteeredCalls {
  readonly #coverage: Coverage;
  /** Of the round: found again when all of them have had their turn. */
  #goals: Cell[] = [];

  constructor(coverage: Coverage) {
    this.#coverage = coverage;
  }

  next(r: Random): string {
    const goal = r.chance(0.85) ? this.#goal(r) : undefined;
    const expression = goal === undefined ? calls(r) : `${AROUND}${this.#towards(r, goal)}`;
    this.#coverage.add(expression);
    return expression;
  }

  #goal(r: Random): Cell | undefined {
    if (this.#goals.length === 0) this.#goals = this.#coverage.gaps();
    if (this.#goals.length === 0) return undefined;
    const [goal] = this.#goals.splice(r.below(this.#goals.length), 1);
    return goal;
  }

  #towards(r: Random, goal: Cell): string {
    if ("error" in goal) return this.#failing(r, goal.builtin, goal.error as Failing);
    const hole = parameters(goal.builtin)[goal.argument];
    const types = (TYPES_OF_VALUES[goal.type] ?? []).filter(
      (type) => hole !== "%e" || OFFLINE.includes(type),
    );
    const term = r.pick(ARGUMENTS[r.pick(types)]);
    // What a builtin does not look at is a thunk, unless something else has looked at it before.
    const forced = r.chance(0.5);
    const call = callWith(r, goal.builtin, goal.argument, forced ? "v" : term);
    return forced ? `let v = ${term}; in builtins.seq v (${call})` : call;
  }

  /** An error that goes through a builtin, and through others that it has not gone through often. */
  #failing(r: Random, builtin: string, error: Failing): string {
    let term: string = r.pick(FAILING[error]);
    let inner = builtin;
    for (let left = r.below(LONGEST_CHAIN); ; left--) {
      const call = callWith(r, inner, r.below(parameters(inner).length), term);
      if (left === 0) return call;
      term = `(${call})`;
      const others = this.#goals.filter(
        (cell) =>
          "error" in cell && cell.error === error && !parameters(cell.builtin).includes("%e"),
      );
      if (others.length === 0) return call;
      const next = r.pick(others);
      this.#goals.splice(this.#goals.indexOf(next), 1);
      inner = next.builtin;
    }
  }
}

/** A plain call with this argument, the others good for the most part. */
function callWith(r: Random, builtin: string, argument: number, term: string): string {
  const holes = parameters(builtin);
  const terms = holes.map((hole, i) => (i === argument ? term : argumentFor(r, hole)));
  return `builtins.${builtin} ${terms.join(" ")}`;
}
