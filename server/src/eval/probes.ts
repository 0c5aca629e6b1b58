/**
 * What the expressions of an open file evaluated to: recorded while the file is evaluated, asked by the
 * editor afterwards. A probe holds the last value (or the thunk) of each expression, and of one in a
 * function that is called several times also those of the first calls; nothing is forced.
 */
import type { Expr } from "../syntax/ast.ts";
import { writtenChildren } from "../syntax/children.ts";
import type { Env, Slot } from "./values.ts";

/** An expression, and where its values are recorded. */
export interface ProbedCode {
  readonly expr: Expr;
  readonly probes: Probes | null;
  /** The position id of the first byte of its file. */
  readonly base: number;
}

/** What an expression evaluated to in one environment. */
interface Recorded {
  slot: Slot;
  env: Env;
  /** Those before it, the oldest first. */
  earlier: { readonly slot: Slot; readonly env: Env }[] | null;
}

/** One of the values of an expression. */
export interface RecordedCall {
  readonly slot: Slot;
  /** Position ids of the calls of the functions around it, the innermost first. */
  readonly sites: readonly number[];
}

/** Calls that are kept of one expression, the last one aside. */
const MAX_EARLIER = 19;

export class Probes {
  readonly #recorded = new Map<Expr, Recorded>();
  /** Where the function was called whose environment it is. */
  readonly #sites = new WeakMap<Env, number>();
  /** The environments of calls that are shown and not the last ones, the first is preferred. */
  readonly #shown = new Set<Env | null>();
  /** Expressions that were not evaluated here because an equal one had been before. */
  readonly #others = new Map<Expr, { readonly probes: Probes; readonly expr: Expr }>();

  record(expr: Expr, slot: Slot, env: Env): void {
    const known = this.#recorded.get(expr);
    if (known === undefined) {
      this.#recorded.set(expr, { slot, env, earlier: null });
      return;
    }
    if (known.env !== env) {
      known.earlier ??= [];
      if (known.earlier.length < MAX_EARLIER)
        known.earlier.push({ slot: known.slot, env: known.env });
      known.env = env;
    }
    known.slot = slot;
  }

  /** A function of the file begins, called at `site`. */
  called(env: Env, site: number): void {
    this.#sites.set(env, site);
  }

  get(expr: Expr): Slot | undefined {
    return this.#find(expr)?.recorded.slot;
  }

  /** All values that are kept of an expression, in the order of their calls. */
  calls(expr: Expr): RecordedCall[] {
    const found = this.#find(expr);
    if (found === null) return [];
    const { probes } = found;
    return recordedOf(found).map(({ slot, env }) => ({ slot, sites: probes.#sitesOf(env) }));
  }

  /** The values of `calls`, where there are several. */
  several(expr: Expr): Slot[] {
    const found = this.#find(expr);
    if (found === null || found.recorded.earlier === null) return [];
    return recordedOf(found).map(({ slot }) => slot);
  }

  /** Of a function that is called several times: from now on that call is shown in which an expression last had this value. */
  show(expr: Expr, value: Slot): void {
    const found = this.#find(expr);
    const wanted = found && recordedOf(found).findLast(({ slot }) => slot === value);
    if (wanted) found.probes.#shown.add(found.probes.#callOf(wanted.env));
  }

  /** The last calls are shown again. */
  showLast(): void {
    this.#shown.clear();
  }

  /** Which of `calls` has been chosen to be shown of an expression; null where none has: then it is the last. */
  chosenCall(expr: Expr): number | null {
    const found = this.#find(expr);
    if (found === null || found.probes.#shown.size === 0) return null;
    const { probes } = found;
    const calls = recordedOf(found).map(({ env }) => probes.#callOf(env));
    for (const call of probes.#shown) {
      const at = calls.lastIndexOf(call);
      if (at >= 0) return at;
    }
    return null;
  }

  /** The value that is shown of an expression. */
  shown(expr: Expr): Slot | undefined {
    const at = this.chosenCall(expr);
    return at === null ? this.get(expr) : (this.several(expr)[at] ?? this.get(expr));
  }

  #find(expr: Expr): { recorded: Recorded; probes: Probes } | null {
    const own = this.#recorded.get(expr);
    if (own !== undefined) return { recorded: own, probes: this };
    const other = this.#others.get(expr);
    if (other === undefined) return null;
    const recorded = other.probes.#recorded.get(other.expr);
    return recorded === undefined ? null : { recorded, probes: other.probes };
  }

  /** The environment of the call of the outermost function around; null when none has been called. */
  #callOf(env: Env): Env | null {
    let call: Env | null = null;
    for (let at: Env | null = env; at !== null; at = at[0] as Env | null) {
      if (this.#sites.has(at)) call = at;
      if (!Array.isArray(at[0])) break;
    }
    return call;
  }

  #sitesOf(env: Env): number[] {
    const sites: number[] = [];
    for (let at: Env | null = env; at !== null; at = at[0] as Env | null) {
      const site = this.#sites.get(at);
      if (site !== undefined) sites.push(site);
      if (!Array.isArray(at[0])) break;
    }
    return sites;
  }

  *entries(): Generator<[Expr, Slot]> {
    for (const [expr, { slot }] of this.#recorded) yield [expr, slot];
    for (const expr of this.#others.keys()) {
      const slot = this.#recorded.has(expr) ? undefined : this.get(expr);
      if (slot !== undefined) yield [expr, slot];
    }
  }

  /** The values of `old`, an expression with the same text, are those of `now` and all that is in it. */
  adopt(now: Expr, { expr: old, probes }: Omit<ProbedCode, "base">): void {
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

function recordedOf({ recorded }: { recorded: Recorded }): { slot: Slot; env: Env }[] {
  const { slot, env, earlier } = recorded;
  return [...(earlier ?? []), { slot, env }];
}
