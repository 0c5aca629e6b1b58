/**
 * What the expressions of an open file evaluated to: recorded while the file is evaluated, asked by the
 * editor afterwards. A probe holds the value (or the thunk) of each expression, and of one in a
 * function that is called several times those of the first calls; nothing is forced. What is to be
 * computed again does not count any more.
 */
import type { Expr } from "../syntax/ast.ts";
import { writtenChildren } from "../syntax/children.ts";
import { BLACKHOLE } from "./code.ts";
import { changes, isCurrent, type Noted, type Origins, reading } from "./dependents.ts";
import { type Env, type Slot, Thunk } from "./values.ts";

/** An expression, and where its values are recorded. */
export interface ProbedCode {
  readonly expr: Expr;
  readonly probes: Probes | null;
  /** The position id of the first byte of its file. */
  readonly base: number;
}

/** What an expression evaluated to in one environment. */
interface Recorded extends Noted {
  slot: Slot;
  readonly env: Env;
  origins: Origins | null;
  changes: number;
}

/** The values of an expression in its first calls. */
interface Calls {
  all: Recorded[];
  /** After how many changes none of them had been forgotten. */
  changes: number;
  /** The last one, when all had been. */
  past: Slot | undefined;
}

/** A function of the file was called. */
interface Call extends Noted {
  readonly env: Env;
  /** How many calls had begun before. */
  readonly order: number;
  readonly site: number;
}

/** One of the values of an expression. */
export interface RecordedCall {
  readonly slot: Slot;
  /** Position ids of the calls of the functions around it, the innermost first. */
  readonly sites: readonly number[];
}

/** Calls that are kept of one expression. */
const MAX_CALLS = 20;
/** Between as many changes: an old call may hold all that was evaluated then. */
const MAX_CHANGES = 4;

export class Probes {
  readonly #recorded = new Map<Expr, Calls>();
  /** By the environments that they made. */
  readonly #calls = new WeakMap<Env, Call>();
  #begun = 0;
  /** The environments of calls that are shown and not the first ones, the first of these is preferred. */
  readonly #shown = new Set<Env | null>();
  /** Expressions that were not evaluated here because an equal one had been before. */
  readonly #others = new Map<Expr, { readonly probes: Probes; readonly expr: Expr }>();
  /** Where those are recorded. */
  readonly #adopted = new Set<Probes>();
  /** Nothing is known any more of what was recorded. */
  isForgotten = false;

  record(expr: Expr, slot: Slot, env: Env): void {
    if (this.isForgotten) return;
    const known = this.#recorded.get(expr);
    if (known === undefined) {
      const all = [noted(slot, env)];
      this.#recorded.set(expr, { all, changes: changes.count, past: undefined });
      return;
    }
    const last = known.all[known.all.length - 1];
    if (last?.env !== env) {
      if (last !== undefined && last.changes !== changes.count) dropOld(known);
      if (known.all.length >= MAX_CALLS) this.#tidy(known);
      if (known.all.length >= MAX_CALLS) dropOldest(known);
      if (known.all.length < MAX_CALLS) known.all.push(noted(slot, env));
      return;
    }
    // A thunk that is just being forced will say more than its value: that may be forgotten.
    if (last.slot instanceof Thunk && last.slot.code === BLACKHOLE) return;
    last.slot = slot;
    last.origins = reading.origins;
    last.changes = changes.count;
  }

  /** Drops what has been forgotten. */
  #tidy(known: Calls): void {
    if (known.changes === changes.count) return;
    const { all } = known;
    known.all = all.filter((each) => this.#isCurrent(each));
    if (known.all.length === 0) known.past = all.at(-1)?.slot ?? known.past;
    known.changes = changes.count;
  }

  /** A function of the file begins, called at `site`. */
  called(env: Env, site: number): void {
    const order = this.#begun++;
    this.#calls.set(env, { env, order, site, origins: reading.origins, changes: changes.count });
  }

  /** The value that is shown of an expression, or was before it was forgotten. */
  get(expr: Expr): Slot | undefined {
    return this.shown(expr) ?? this.#find(expr)?.known.past;
  }

  /** All values that are kept of an expression, in the order of their calls. */
  calls(expr: Expr): RecordedCall[] {
    const { all, probes } = this.#all(expr);
    return all.map(({ slot, env }) => ({ slot, sites: probes.#sitesOf(env) }));
  }

  /** The values of `calls`, where there are several. */
  several(expr: Expr): Slot[] {
    const { all } = this.#all(expr);
    return all.length < 2 ? [] : all.map(({ slot }) => slot);
  }

  /** Of a function that is called several times: from now on that call is shown in which an expression first had this value. */
  show(expr: Expr, value: Slot): void {
    const { all, probes } = this.#all(expr);
    const wanted = all.find(({ slot }) => slot === value);
    if (wanted) probes.#shown.add(probes.#callOf(wanted.env));
  }

  /** The first calls are shown again. */
  showFirst(): void {
    this.#shown.clear();
  }

  /** Which of `calls` has been chosen to be shown of an expression; null where none has: then it is the first. */
  chosenCall(expr: Expr): number | null {
    const { all, probes } = this.#all(expr);
    return probes.#chosenOf(all);
  }

  /** The value that is shown of an expression. */
  shown(expr: Expr): Slot | undefined {
    const { all, probes } = this.#all(expr);
    return all[probes.#chosenOf(all) ?? 0]?.slot;
  }

  #chosenOf(all: readonly Recorded[]): number | null {
    if (this.#shown.size === 0) return null;
    const calls = all.map(({ env }) => this.#callOf(env));
    for (const call of this.#shown) {
      const at = calls.indexOf(call);
      if (at >= 0) return at;
    }
    return null;
  }

  #find(expr: Expr): { known: Calls; probes: Probes } | null {
    const own = this.#recorded.get(expr);
    if (own !== undefined) return { known: own, probes: this };
    const other = this.#others.get(expr);
    if (other === undefined) return null;
    const known = other.probes.#recorded.get(other.expr);
    return known === undefined ? null : { known, probes: other.probes };
  }

  /** What has been recorded of an expression and has not been forgotten since, in the order of the calls. */
  #all(expr: Expr): { all: readonly Recorded[]; probes: Probes } {
    const found = this.#find(expr);
    if (found === null) return { all: [], probes: this };
    const { known, probes } = found;
    probes.#tidy(known);
    if (known.all.length < 2) return { all: known.all, probes };
    // What is evaluated later in a call is recorded once more; and what is not evaluated at once, later.
    const byEnv = new Map(known.all.map((each) => [each.env, each]));
    const byCall = Array.from(byEnv, ([env, each]) => ({
      each,
      call: probes.#callsAround(env)[0],
    }));
    byCall.sort((a, b) => inOrder(a.call, b.call));
    return { all: byCall.map(({ each }) => each), probes };
  }

  /** Whether neither the value nor a call that it was made in has been forgotten. */
  #isCurrent(recorded: Recorded): boolean {
    if (!isCurrent(recorded)) return false;
    for (let at: Env | null = recorded.env; at !== null; at = at[0] as Env | null) {
      const call = this.#calls.get(at);
      if (call !== undefined && !isCurrent(call)) return false;
      if (!Array.isArray(at[0])) break;
    }
    return true;
  }

  /** The environment of the call of the outermost function around; null when none has been called. */
  #callOf(env: Env): Env | null {
    return this.#callsAround(env).at(-1)?.env ?? null;
  }

  #sitesOf(env: Env): number[] {
    return this.#callsAround(env).map(({ site }) => site);
  }

  /** The calls of the functions around, the innermost first. */
  #callsAround(env: Env): Call[] {
    const calls: Call[] = [];
    for (let at: Env | null = env; at !== null; at = at[0] as Env | null) {
      const call = this.#calls.get(at);
      if (call !== undefined) calls.push(call);
      if (!Array.isArray(at[0])) break;
    }
    return calls;
  }

  /** The expressions of which something has been recorded. */
  *expressions(): Generator<Expr> {
    yield* this.#recorded.keys();
    for (const expr of this.#others.keys())
      if (!this.#recorded.has(expr) && this.#find(expr) !== null) yield expr;
  }

  /** Whether values of others are those of expressions here. */
  hasAdopted(others: Probes): boolean {
    return this.#adopted.has(others);
  }

  /** Drops all that was recorded: code that is kept leads here, and would keep every value that it ever had. */
  forget(): void {
    this.isForgotten = true;
    this.#recorded.clear();
    this.#shown.clear();
    this.#others.clear();
    this.#adopted.clear();
  }

  /** The values of `old`, an expression with the same text, are those of `now` and all that is in it. */
  adopt(now: Expr, { expr: old, probes }: Omit<ProbedCode, "base">): void {
    if (probes === null || probes === this) return;
    this.#adopted.add(probes);
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

/** Calls since the last change first: those before may be of an evaluation that nothing leads to any more. */
function inOrder(a: Call | undefined, b: Call | undefined): number {
  const age = (b?.changes ?? 0) - (a?.changes ?? 0);
  return age === 0 ? (a?.order ?? 0) - (b?.order ?? 0) : age;
}

/** Before a call after a change: of the changes before it only the last ones count. */
function dropOld(known: Calls): void {
  const times = [...new Set(known.all.map((each) => each.changes))].sort((a, b) => b - a);
  const oldest = times[MAX_CHANGES - 2];
  if (oldest !== undefined) known.all = known.all.filter((each) => each.changes >= oldest);
}

/** A call that is of now comes in the place of one that is not. */
function dropOldest(known: Calls): void {
  const at = known.all.findIndex((each) => each.changes !== changes.count);
  if (at >= 0) known.all.splice(at, 1);
}

function noted(slot: Slot, env: Env): Recorded {
  return { slot, env, origins: reading.origins, changes: changes.count };
}
