/**
 * What the expressions of an open file evaluated to: recorded while the file is evaluated, asked by the
 * editor afterwards. A probe holds the last value (or the thunk) of each expression; nothing is forced.
 */
import type { Expr } from "../syntax/ast.ts";
import { writtenChildren } from "../syntax/children.ts";
import type { Slot } from "./values.ts";

/** An expression, and where its values are recorded. */
export interface ProbedCode {
  readonly expr: Expr;
  readonly probes: Probes | null;
}

export class Probes {
  readonly #slots = new Map<Expr, Slot>();
  /** Expressions that were not evaluated here because an equal one had been before. */
  readonly #others = new Map<Expr, { readonly probes: Probes; readonly expr: Expr }>();

  record(expr: Expr, slot: Slot): void {
    this.#slots.set(expr, slot);
  }

  get(expr: Expr): Slot | undefined {
    const own = this.#slots.get(expr);
    if (own !== undefined) return own;
    const other = this.#others.get(expr);
    return other === undefined ? undefined : other.probes.#slots.get(other.expr);
  }

  *entries(): Generator<[Expr, Slot]> {
    yield* this.#slots;
    for (const expr of this.#others.keys()) {
      const slot = this.#slots.has(expr) ? undefined : this.get(expr);
      if (slot !== undefined) yield [expr, slot];
    }
  }

  /** The values of `old`, an expression with the same text, are those of `now` and all that is in it. */
  adopt(now: Expr, { expr: old, probes }: ProbedCode): void {
    if (probes === null || probes === this) return;
    const pending: [Expr, Expr][] = [[now, old]];
    for (let pair = pending.pop(); pair !== undefined; pair = pending.pop()) {
      const [mine, theirs] = pair;
      this.#others.set(mine, { probes, expr: theirs });
      const inner: Expr[] = [];
      writtenChildren(theirs, (child) => inner.push(child));
      writtenChildren(mine, (child) => {
        const partner = inner.shift();
        if (partner !== undefined) pending.push([child, partner]);
      });
    }
  }
}
