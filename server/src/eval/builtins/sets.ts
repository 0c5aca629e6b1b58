/** Attribute sets. */

import type { ByteString } from "../../base/bytes.ts";
import { showName } from "../../syntax/identifiers.ts";
import { AttrLookup, Attrs, EMPTY_ATTRS, Shape, sharedShape } from "../attrs.ts";
import { NixError } from "../errors.ts";
import type { Evaluator } from "../evaluator.ts";
import {
  call2,
  delayCall2,
  delayedCall,
  expectAttrs,
  expectFunction,
  expectList,
  expectPlainString,
  force,
} from "../runtime.ts";
import { Lambda, PrimOp, PrimOpApp, type Slot, Thunk, type Value } from "../values.ts";
import type { Definition } from "./define.ts";
import { argument, collect } from "./lists.ts";

/** An attribute of a set argument that must be there. */
export function need(set: Attrs, name: ByteString, why: string): Slot {
  const slot = set.get(name);
  if (slot === undefined)
    throw new NixError("type", `attribute '${showName(name)}' missing`).frame(0, why);
  return slot;
}

/**
 * A new set of the names for which `keep` holds, in the order of the set. Like all that make sets it makes
 * the one empty set where there was no room for an attribute, and one of its own where there was.
 */
function select(set: Attrs, keep: (name: ByteString) => boolean): Attrs {
  const { shape, values } = set.flat();
  const names: ByteString[] = [];
  const positions: number[] = [];
  const kept: Slot[] = [];
  for (let i = 0; i < values.length; i++) {
    const name = shape.names[i] as ByteString;
    if (!keep(name)) continue;
    names.push(name);
    positions.push(shape.positions[i] as number);
    kept.push(values[i] as Slot);
  }
  if (values.length === 0) return EMPTY_ATTRS;
  // A set of its own, even so: what is printed twice is told apart by that.
  if (names.length === values.length) return new Attrs(shape, values);
  return new Attrs(new Shape(names, positions), kept);
}

/** The attributes of `b` whose names are in `a`; looks through the smaller one. */
function intersect(a: Attrs, b: Attrs): Attrs {
  if (a.sizeBound === 0) return EMPTY_ATTRS;
  if (b.sizeBound <= a.sizeBound) return select(b, (name) => a.has(name));
  const names: ByteString[] = [];
  const positions: number[] = [];
  const values: Slot[] = [];
  for (const name of a.flat().shape.names) {
    const lookup = new AttrLookup(name);
    const layer = lookup.find(b);
    if (layer === null) continue;
    names.push(name);
    positions.push(layer.shape.positions[lookup.index] as number);
    values.push(layer.values[lookup.index] as Slot);
  }
  return new Attrs(new Shape(names, positions), values);
}

function functionArgs(value: Value): Value {
  if (value instanceof PrimOp || value instanceof PrimOpApp) return EMPTY_ATTRS;
  if (!(value instanceof Lambda)) throw new NixError("type", "'functionArgs' requires a function");
  const { expr, compiler } = value.code;
  if (expr.formals === null || expr.formals.items.length === 0) return EMPTY_ATTRS;
  const items = expr.formals.items;
  return new Attrs(
    new Shape(
      items.map((formal) => formal.name),
      items.map((formal) => compiler.position(formal.start)),
    ),
    items.map((formal) => formal.fallback !== null),
  );
}

function listToAttrs(ev: Evaluator, list: Slot): Value {
  const items = expectList(
    ev,
    list,
    0,
    "while evaluating the argument passed to builtins.listToAttrs",
  );
  const names: ByteString[] = [];
  const positions: number[] = [];
  const values: Slot[] = [];
  const seen = new Set<ByteString>();
  for (const item of items) {
    const set = expectAttrs(
      ev,
      item,
      0,
      "while evaluating an element of the list passed to builtins.listToAttrs",
    );
    const name = expectPlainString(
      ev,
      need(set, "name", "in a {name=...; value=...;} pair"),
      set.position("name"),
      "while evaluating the `name` attribute of an element of the list passed to builtins.listToAttrs",
    );
    if (seen.has(name)) continue;
    seen.add(name);
    const value = need(set, "value", "in a {name=...; value=...;} pair");
    names.push(name);
    positions.push(set.position("value"));
    values.push(value);
  }
  return names.length === 0 ? EMPTY_ATTRS : new Attrs(sharedShape(names, positions), values);
}

function zipAttrsWith(ev: Evaluator, f: Slot, v: Slot): Value {
  const fn = expectFunction(ev, f, 0, argument("first", "zipAttrsWith"));
  const sets = expectList(ev, v, 0, argument("second", "zipAttrsWith"));
  const groups = new Map<ByteString, Slot[]>();
  for (const each of sets) {
    const set = expectAttrs(
      ev,
      each,
      0,
      "while evaluating a value of the list passed as second argument to builtins.zipAttrsWith",
    ).flat();
    for (let i = 0; i < set.values.length; i++) {
      const name = set.shape.names[i] as ByteString;
      const group = groups.get(name);
      if (group === undefined) groups.set(name, [set.values[i] as Slot]);
      else group.push(set.values[i] as Slot);
    }
  }
  if (groups.size === 0) return EMPTY_ATTRS;
  const zipped = collect(groups);
  const code = delayedCall(fn, (env, pos) =>
    call2(ev, fn, env[0] as ByteString, env[1] as Slot, pos),
  );
  return new Attrs(
    zipped.shape,
    zipped.values.map((slots, i) => new Thunk(code, [zipped.shape.names[i] as ByteString, slots])),
  );
}

export const SETS: Definition[] = [
  [
    "attrNames",
    1,
    (ev, v) =>
      expectAttrs(
        ev,
        v,
        0,
        "while evaluating the argument passed to builtins.attrNames",
      ).sortedNames(),
  ],
  [
    "attrValues",
    1,
    (ev, v) => {
      const set = expectAttrs(
        ev,
        v,
        0,
        "while evaluating the argument passed to builtins.attrValues",
      ).flat();
      return Array.from(set.shape.sorted, (i) => set.values[i] as Slot);
    },
  ],
  [
    "catAttrs",
    2,
    (ev, n, v) => {
      const name = expectPlainString(ev, n, 0, argument("first", "catAttrs"));
      const sets = expectList(ev, v, 0, argument("second", "catAttrs"));
      const out: Slot[] = [];
      for (const each of sets) {
        const set = expectAttrs(
          ev,
          each,
          0,
          "while evaluating an element in the list passed as second argument to builtins.catAttrs",
        );
        const slot = set.get(name);
        if (slot !== undefined) out.push(slot);
      }
      return out;
    },
  ],
  ["functionArgs", 1, (_ev, v) => functionArgs(force(v))],
  [
    "getAttr",
    2,
    (ev, n, v) => {
      const name = expectPlainString(ev, n, 0, argument("first", "getAttr"));
      const set = expectAttrs(ev, v, 0, argument("second", "getAttr"));
      const slot = set.get(name);
      if (slot === undefined) {
        throw new NixError("missing-attribute", `attribute '${showName(name)}' missing`).frame(
          0,
          "in the attribute set under consideration",
        );
      }
      return force(slot, set.position(name));
    },
  ],
  [
    "hasAttr",
    2,
    (ev, n, v) => {
      const name = expectPlainString(ev, n, 0, argument("first", "hasAttr"));
      return expectAttrs(ev, v, 0, argument("second", "hasAttr")).has(name);
    },
  ],
  [
    "intersectAttrs",
    2,
    (ev, a, b) => {
      const left = expectAttrs(ev, a, 0, argument("first", "intersectAttrs"));
      return intersect(left, expectAttrs(ev, b, 0, argument("second", "intersectAttrs")));
    },
  ],
  ["listToAttrs", 1, (ev, v) => listToAttrs(ev, v)],
  [
    "mapAttrs",
    2,
    (ev, f, v) => {
      const set = expectAttrs(ev, v, 0, argument("second", "mapAttrs")).flat();
      const { shape, values } = set;
      if (values.length === 0) return EMPTY_ATTRS;
      return new Attrs(
        shape.unplaced,
        values.map((slot, i) => delayCall2(ev, f, shape.names[i] as ByteString, slot)),
      );
    },
  ],
  [
    "removeAttrs",
    2,
    (ev, v, names) => {
      const set = expectAttrs(ev, v, 0, argument("first", "removeAttrs"));
      const list = expectList(ev, names, 0, argument("second", "removeAttrs"));
      const gone = new Set<ByteString>();
      for (const name of list) {
        gone.add(
          expectPlainString(
            ev,
            name,
            0,
            "while evaluating the values of the second argument passed to builtins.removeAttrs",
          ),
        );
      }
      return gone.size === 0 && set.sizeBound > 0
        ? new Attrs(set.shape, set.values, set.base)
        : select(set, (name) => !gone.has(name));
    },
  ],
  [
    "unsafeGetAttrPos",
    2,
    (ev, n, v) => {
      const name = expectPlainString(ev, n, 0, argument("first", "unsafeGetAttrPos"));
      const set = expectAttrs(ev, v, 0, argument("second", "unsafeGetAttrPos"));
      return ev.positionValue(set.position(name));
    },
  ],
  ["zipAttrsWith", 2, (ev, f, v) => zipAttrsWith(ev, f, v)],
];
