/**
 * What the expressions of an open file evaluated to: recorded while the file is evaluated, asked by the
 * editor afterwards. A probe holds the last value (or the thunk) of each expression; nothing is forced.
 */
import type { Expr } from "../syntax/ast.ts";
import type { Slot } from "./values.ts";

export class Probes {
  readonly #slots = new Map<Expr, Slot>();

  record(expr: Expr, slot: Slot): void {
    this.#slots.set(expr, slot);
  }

  get(expr: Expr): Slot | undefined {
    return this.#slots.get(expr);
  }

  entries(): IterableIterator<[Expr, Slot]> {
    return this.#slots.entries();
  }
}
