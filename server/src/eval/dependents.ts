/**
 * What has been computed from an open file, so that an edit of it makes that be computed again, and
 * nothing else. A value depends on the files that are imported while it is computed, and on those that
 * the values depend on which are read meanwhile. A thunk with such a value is never replaced by it: it
 * is asked every time, and whoever asks depends on the same files.
 */
import { Code } from "./code.ts";
import { type Env, type Slot, Thunk, type Value } from "./values.ts";

/** A result that is kept elsewhere than in a thunk: by whoever finds it again. */
export interface KeptResult {
  readonly origins: Origins | null;
  /** It is not to be found any more. */
  forget(): void;
}

/** Of a file from which more than this has been computed no account is kept: nearly everything is. */
const MOST_DEPENDENTS = 50_000;
/** So many are soon computed again. */
const FEW_DEPENDENTS = 1000;

/** Something that depends on files, for as long as anything else leads to it: one old value may hold a whole package set. */
type Dependent = WeakRef<Thunk | KeptResult>;

/** How many times what depends on a file has been forgotten. */
export const changes = { count: 0 };

/** An open file that is imported. */
export class Origin {
  /** The count of changes after its last one. */
  changedAt = 0;
  /** The file alone. */
  readonly alone = new Origins([this]);
  /** Whether all that depends on it is known. */
  isTracked = true;
  #dependents = new Set<Dependent>();
  /** Of more many are of no use any more. */
  #expected = FEW_DEPENDENTS;

  add(dependent: Dependent): void {
    if (!this.isTracked) return;
    this.#dependents.add(dependent);
    if (this.#dependents.size <= MOST_DEPENDENTS) return;
    this.tidy();
    if (this.#dependents.size <= 0.8 * MOST_DEPENDENTS) return;
    this.isTracked = false;
    this.#dependents.clear();
  }

  get isSmall(): boolean {
    return this.isTracked && this.#dependents.size <= FEW_DEPENDENTS;
  }

  delete(dependent: Dependent): void {
    this.#dependents.delete(dependent);
  }

  /** Edits of other files leave dependents that nothing leads to any more: now and then they are dropped. */
  tidy(): void {
    if (this.#dependents.size <= this.#expected) return;
    for (const each of this.#dependents)
      if (each.deref() === undefined) this.#dependents.delete(each);
    this.#expected = Math.max(2 * this.#dependents.size, FEW_DEPENDENTS);
  }

  /** All that was computed from the file is as if it had never been. */
  forgetDependents(): void {
    this.changedAt = ++changes.count;
    const dependents = this.#dependents;
    this.#dependents = new Set();
    for (const dependent of dependents) {
      const each = dependent.deref();
      if (each === undefined) continue;
      const { origins } = each instanceof Thunk ? (each.code as KeptCode) : each;
      for (const other of origins?.files ?? []) other.delete(dependent);
      if (each instanceof Thunk) (each.code as KeptCode).delayAgain(each);
      else each.forget();
    }
  }
}

/** Files that one value depends on. */
export class Origins {
  readonly files: ReadonlySet<Origin>;
  readonly #unions = new Map<Origins, Origins>();

  constructor(files: Iterable<Origin>) {
    this.files = new Set(files);
  }

  get areTracked(): boolean {
    for (const file of this.files) if (file.isTracked) return true;
    return false;
  }

  with(others: Origins): Origins {
    if (others === this) return this;
    let union = this.#unions.get(others);
    if (union === undefined) {
      const all = new Set([...this.files, ...others.files]);
      if (all.size === this.files.size) union = this;
      else if (all.size === others.files.size) union = others;
      else union = new Origins(all);
      this.#unions.set(others, union);
    }
    return union;
  }

  add(dependent: Thunk | KeptResult): void {
    const reference = new WeakRef(dependent);
    for (const file of this.files) file.add(reference);
  }
}

/** What the value depends on that is being computed; a thunk that is being forced starts with nothing. */
export const reading: { origins: Origins | null } = { origins: null };

/** What was noted while a value was computed: what had been read for that by then, and after how many changes. */
export interface Noted {
  readonly origins: Origins | null;
  readonly changes: number;
}

/** Whether what was being computed then has not been forgotten since. */
export function isCurrent({ origins, changes: known }: Noted): boolean {
  if (origins === null || known === changes.count) return true;
  for (const { changedAt } of origins.files) if (changedAt > known) return false;
  return true;
}

/** What is being computed depends on these too. */
export function dependOn(origins: Origins | null): void {
  if (origins === null || !origins.areTracked) return;
  const { origins: known } = reading;
  reading.origins = known === null ? origins : known.with(origins);
}

/** Computes something apart, whose files what is being computed depends on too. */
export function withOrigins<T>(compute: () => T): { value: T; origins: Origins | null } {
  const outer = reading.origins;
  reading.origins = null;
  try {
    const value = compute();
    return { value, origins: reading.origins };
  } finally {
    dependOn(outer);
  }
}

/** The code of a thunk whose value depends on files: the value, and what computes it again. */
class KeptCode extends Code {
  readonly origins: Origins;
  readonly #code: Code;
  readonly #env: Env | null;

  constructor(code: Code, env: Env | null, value: Value, origins: Origins) {
    super(code.expr, code.compiler, () => {
      dependOn(origins);
      return value;
    });
    this.origins = origins;
    this.#code = code;
    this.#env = env;
  }

  delayAgain(thunk: Thunk): void {
    thunk.code = this.#code;
    thunk.env = this.#env;
    thunk.value = undefined;
  }
}

/** Puts the value of a thunk that has been forced into it. */
export function keepInThunk(thunk: Thunk, code: Code, value: Value, origins: Origins): void {
  if (code instanceof KeptCode) {
    thunk.code = code;
    return;
  }
  thunk.code = new KeptCode(code, thunk.env, value, origins);
  thunk.env = null;
  thunk.value = value;
  origins.add(thunk);
}

/** The value of a slot, or the thunk when it has not been evaluated. For looking only: nobody depends on it. */
export function evaluated(slot: Slot): Slot {
  if (!(slot instanceof Thunk)) return slot;
  return slot.code === null || slot.code instanceof KeptCode ? (slot.value as Value) : slot;
}

/** What an evaluated slot depends on. */
export function originsOf(slot: Slot): Origins | null {
  return slot instanceof Thunk && slot.code instanceof KeptCode ? slot.code.origins : null;
}
