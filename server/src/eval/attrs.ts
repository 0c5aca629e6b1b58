/**
 * Attribute sets: a Shape (names and positions, shared by all instances of one literal) plus a value
 * array, with an optional base layer below, so that `a // b` over a large `a` copies nothing.
 */
import type { ByteString } from "../base/bytes.ts";
import type { Slot } from "./values.ts";

/** Layers more than this deep are flattened: look-ups walk them. */
const MAX_DEPTH = 6;
/** How many times as large as the layer above it a layer is at least, but for the lowest two. */
const LAYER_RATIO = 8;
/** Up to this many names together, `a // b` makes a flat set through a cached shape transition. */
const FLAT_LIMIT = 48;
const MERGES_PER_SHAPE = 64;
/** A shape with more names than that gets an index, once it has been looked through so many times: most never are. */
const LINEAR_LIMIT = 8;
const LOOKS = 8;

interface Merge {
  readonly shape: Shape;
  /** Where b's values go in the result, which begins with a's. */
  readonly places: readonly number[];
}

export class Shape {
  readonly names: readonly ByteString[];
  /** Position ids (evaluator.ts `Positions`), parallel to `names`; 0 = unknown. */
  readonly positions: readonly number[];
  #index: Map<ByteString, number> | null = null;
  #looks = 0;
  #sorted: Int32Array | null = null;
  /** The merge that was asked for first, and the others. */
  #over: Shape | null = null;
  #merge: Merge | null = null;
  #merges: Map<Shape, Merge> | null = null;
  #unplaced: Shape | null = null;

  constructor(names: readonly ByteString[], positions: readonly number[]) {
    this.names = names;
    this.positions = positions;
  }

  /** The same names, of which nothing says where they were written. */
  get unplaced(): Shape {
    this.#unplaced ??= new Shape(this.names, new Array(this.names.length).fill(0));
    return this.#unplaced;
  }

  /** The index of `name`, or -1. */
  find(name: ByteString): number {
    let index = this.#index;
    if (index === null) {
      const names = this.names;
      if (names.length <= LINEAR_LIMIT || ++this.#looks <= LOOKS) return names.indexOf(name);
      index = new Map();
      for (let i = 0; i < names.length; i++) index.set(names[i] as ByteString, i);
      this.#index = index;
    }
    const at = index.get(name);
    return at === undefined ? -1 : at;
  }

  /** Indices in byte order of the names. */
  get sorted(): Int32Array {
    if (this.#sorted === null) {
      const names = this.names;
      const order = new Int32Array(names.length);
      for (let i = 0; i < order.length; i++) order[i] = i;
      let ordered = true;
      for (let i = 1; i < names.length && ordered; i++)
        ordered = (names[i - 1] as string) < (names[i] as string);
      if (!ordered) {
        order.sort((a, b) => {
          const x = names[a] as string;
          const y = names[b] as string;
          return x < y ? -1 : x > y ? 1 : 0;
        });
      }
      this.#sorted = order;
    }
    return this.#sorted;
  }

  /** The shape of `this // over`, and where its values are. */
  merge(over: Shape): Merge {
    if (over === this.#over) return this.#merge as Merge;
    const known = this.#merges?.get(over);
    if (known !== undefined) return known;
    const merge = this.#merged(over);
    if (this.#over === null) {
      this.#over = over;
      this.#merge = merge;
      return merge;
    }
    this.#merges ??= new Map();
    if (this.#merges.size >= MERGES_PER_SHAPE) this.#merges.clear();
    this.#merges.set(over, merge);
    return merge;
  }

  #merged(over: Shape): Merge {
    const below = this.names.length;
    let next = below;
    const places = over.names.map((name) => {
      const place = this.find(name);
      return place >= 0 ? place : next++;
    });
    // Arrays that are made at their size: those that grow keep room to grow more.
    const names: ByteString[] = new Array(next);
    const positions: number[] = new Array(next);
    for (let i = 0; i < below; i++) {
      names[i] = this.names[i] as ByteString;
      positions[i] = this.positions[i] as number;
    }
    for (let j = 0; j < places.length; j++) {
      const place = places[j] as number;
      names[place] = over.names[j] as ByteString;
      positions[place] = over.positions[j] as number;
    }
    return { shape: new Shape(names, positions), places };
  }
}

const NO_SHAPE = new Shape([], []);

/** Longer rows of names are hardly made twice. */
const LONGEST_SHARED = 16;
/** Then the steps are forgotten: a program may make names without end. */
const MAX_STEPS = 1 << 14;

/** A step on the way to the one shape of a row of names. */
class ShapeStep {
  shape: Shape | null = null;
  #next: Map<ByteString, Map<number, ShapeStep>> | null = null;

  followedBy(name: ByteString, position: number): ShapeStep {
    this.#next ??= new Map();
    let steps = this.#next.get(name);
    if (steps === undefined) {
      steps = new Map();
      this.#next.set(name, steps);
    }
    let step = steps.get(position);
    if (step === undefined) {
      step = new ShapeStep();
      steps.set(position, step);
      stepsMade++;
    }
    return step;
  }
}

let firstStep = new ShapeStep();
let stepsMade = 0;

/**
 * The shape of names that a program has computed. It is the same for the same names and positions, so that
 * what is known of it (what it makes with others, where a name is) is found out once.
 */
export function sharedShape(names: readonly ByteString[], positions: readonly number[]): Shape {
  if (names.length > LONGEST_SHARED) return new Shape(names, positions);
  if (stepsMade > MAX_STEPS) {
    firstStep = new ShapeStep();
    stepsMade = 0;
  }
  let step = firstStep;
  for (let i = 0; i < names.length; i++)
    step = step.followedBy(names[i] as ByteString, positions[i] as number);
  step.shape ??= new Shape(names, positions);
  return step.shape;
}

export class Attrs {
  shape: Shape;
  /** Parallel to `shape.names`. */
  values: Slot[];
  /** The layer below; names of this layer win. Flattening (which changes no meaning) sets it to null. */
  base: Attrs | null;
  #depth: number;

  constructor(shape: Shape, values: Slot[], base: Attrs | null = null) {
    this.shape = shape;
    this.values = values;
    this.base = base;
    this.#depth = base === null ? 0 : base.#depth + 1;
  }

  /** The slot of `name`, or undefined. */
  get(name: ByteString): Slot | undefined {
    let layer: Attrs | null = this;
    do {
      const i = layer.shape.find(name);
      if (i >= 0) return layer.values[i];
      layer = layer.base;
    } while (layer !== null);
    return undefined;
  }

  has(name: ByteString): boolean {
    let layer: Attrs | null = this;
    do {
      if (layer.shape.find(name) >= 0) return true;
      layer = layer.base;
    } while (layer !== null);
    return false;
  }

  /** The position id of `name`, 0 when it is unknown or missing. */
  position(name: ByteString): number {
    let layer: Attrs | null = this;
    do {
      const i = layer.shape.find(name);
      if (i >= 0) return layer.shape.positions[i] as number;
      layer = layer.base;
    } while (layer !== null);
    return 0;
  }

  get size(): number {
    return this.flat().values.length;
  }

  /** An upper bound of `size` that costs nothing. */
  get sizeBound(): number {
    let n = 0;
    let layer: Attrs | null = this;
    do {
      n += layer.values.length;
      layer = layer.base;
    } while (layer !== null);
    return n;
  }

  /** This same set with all layers merged into one. */
  flat(): this {
    if (this.base === null) return this;
    const layers: Attrs[] = [];
    let layer: Attrs | null = this;
    do {
      layers.push(layer);
      layer = layer.base;
    } while (layer !== null);
    const bottom = layers[layers.length - 1] as Attrs;
    const index = new Map<ByteString, number>();
    const names = bottom.shape.names.slice();
    const positions = bottom.shape.positions.slice();
    const values = bottom.values.slice();
    for (let i = 0; i < names.length; i++) index.set(names[i] as ByteString, i);
    for (let k = layers.length - 2; k >= 0; k--) {
      const { shape, values: over } = layers[k] as Attrs;
      for (let i = 0; i < over.length; i++) {
        const name = shape.names[i] as ByteString;
        let at = index.get(name);
        if (at === undefined) {
          at = names.length;
          index.set(name, at);
          names.push(name);
          positions.push(0);
          values.push(null);
        }
        positions[at] = shape.positions[i] as number;
        values[at] = over[i] as Slot;
      }
    }
    this.shape = new Shape(names, positions);
    this.values = values;
    this.base = null;
    this.#depth = 0;
    return this;
  }

  /** `this // over`. */
  update(over: Attrs): Attrs {
    if (over.values.length === 0 && over.base === null) return this;
    if (this.values.length === 0 && this.base === null) return over;
    if (this.sizeBound + over.sizeBound <= FLAT_LIMIT) {
      const a = this.flat();
      const b = over.flat();
      const { shape, places } = a.shape.merge(b.shape);
      const av = a.values;
      const bv = b.values;
      const values: Slot[] = new Array(shape.names.length);
      for (let i = 0; i < av.length; i++) values[i] = av[i] as Slot;
      for (let j = 0; j < places.length; j++) values[places[j] as number] = bv[j] as Slot;
      return new Attrs(shape, values);
    }
    if (this.sizeBound * LAYER_RATIO <= over.sizeBound) {
      // Little below much: what does not come through as it is goes on top.
      const rest = this.without(over);
      if (rest.values.length === 0) return new Attrs(over.shape, over.values, over.base);
      return over.#layer(rest);
    }
    return this.#layer(over.flat());
  }

  /** The attributes that another set has not. */
  without(other: Attrs): Attrs {
    const { shape, values } = this.flat();
    const kept: number[] = [];
    shape.names.forEach((name, i) => {
      if (!other.has(name)) kept.push(i);
    });
    const pick = <T>(all: readonly T[]) => kept.map((i) => all[i] as T);
    return new Attrs(new Shape(pick(shape.names), pick(shape.positions)), pick(values));
  }

  /** `this // over`, where `over` is flat. */
  #layer(over: Attrs): Attrs {
    let top = over;
    let base: Attrs = this;
    // Layers that are not much larger are merged with it, so that a set which grows by one attribute at a
    // time is not copied as a whole again and again.
    while (base.base !== null && base.values.length <= LAYER_RATIO * top.values.length) {
      top = overlaid(base, top);
      base = base.base;
    }
    return new Attrs(top.shape, top.values, base.#depth >= MAX_DEPTH ? base.flat() : base);
  }

  /** Names in byte order. */
  sortedNames(): ByteString[] {
    const { names, sorted } = this.flat().shape;
    const out: ByteString[] = new Array(names.length);
    for (let i = 0; i < out.length; i++) out[i] = names[sorted[i] as number] as ByteString;
    return out;
  }

  /** A set of these names and slots; `entries` has no name twice. */
  static from(entries: Iterable<readonly [ByteString, Slot]>, position = 0): Attrs {
    const names: ByteString[] = [];
    const positions: number[] = [];
    const values: Slot[] = [];
    for (const [name, slot] of entries) {
      names.push(name);
      positions.push(position);
      values.push(slot);
    }
    return new Attrs(new Shape(names, positions), values);
  }
}

/**
 * Looks one name up in set after set, as a place in a program does: those that come there mostly have
 * the shape of the one before.
 */
export class AttrLookup {
  readonly name: ByteString;
  /** Where the name is in the layer that was found last. */
  index = 0;
  /** A shape that has the name at `index`, and one that has it not. */
  #hit: Shape | null = null;
  #miss: Shape | null = null;

  constructor(name: ByteString) {
    this.name = name;
  }

  /** The layer that holds the name, at `index`; null: there is none. */
  find(set: Attrs): Attrs | null {
    let layer: Attrs | null = set;
    do {
      const shape: Shape = layer.shape;
      if (shape === this.#hit) return layer;
      if (shape !== this.#miss) {
        const at = shape.find(this.name);
        if (at >= 0) {
          this.#hit = shape;
          this.index = at;
          return layer;
        }
        this.#miss = shape;
      }
      layer = layer.base;
    } while (layer !== null);
    return null;
  }
}

/** One layer above another, without what is below them. */
function overlaid(lower: Attrs, upper: Attrs): Attrs {
  return new Attrs(upper.shape, upper.values, new Attrs(lower.shape, lower.values)).flat();
}

export const EMPTY_ATTRS = new Attrs(NO_SHAPE, []);
