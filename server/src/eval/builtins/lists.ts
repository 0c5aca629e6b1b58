/** Lists. */
import { Attrs, EMPTY_ATTRS } from "../attrs.ts";
import { equals, lessThan } from "../compare.ts";
import { NixError, traced } from "../errors.ts";
import type { Evaluator } from "../evaluator.ts";
import { stableSort } from "../lib/stable-sort.ts";
import {
  call,
  call2,
  delayCall,
  delayedCall,
  expectBool,
  expectFunction,
  expectInt,
  expectList,
  expectPlainString,
  force,
  forceAt,
} from "../runtime.ts";
import {
  type Env,
  isFunction,
  Lambda,
  PrimOp,
  SLOT_BYTES,
  type Slot,
  THUNK_BYTES,
  Thunk,
} from "../values.ts";
import type { Definition } from "./define.ts";

/** "while evaluating the first argument passed to builtins.NAME" */
export function argument(which: "first" | "second" | "third", name: string): string {
  return `while evaluating the ${which} argument passed to builtins.${name}`;
}

/** Same element by `==`: two functions are equal when they are one cell. */
function sameElement(ev: Evaluator, a: Slot, list: Slot[], i: number): boolean {
  const isSameCell = list[i] === a && typeof a === "object" && a !== null;
  // Both are evaluated all the same.
  const x = force(a);
  const y = forceAt(list, i);
  if (isSameCell) return true;
  if (isFunction(x) || isFunction(y)) return false;
  return equals(ev, x, y);
}

function anyOrAll(name: "any" | "all"): Definition {
  const wanted = name === "any";
  return [
    name,
    2,
    (ev, f, list) => {
      const fn = expectFunction(ev, f, 0, argument("first", name));
      const items = expectList(ev, list, 0, argument("second", name));
      const why = `while evaluating the return value of the function passed to builtins.${name}`;
      for (const item of items) {
        if (expectBool(ev, call(ev, fn, item, 0), 0, why) === wanted) return wanted;
      }
      return !wanted;
    },
  ];
}

/** A set from name to the slots collected under it, names in order of first appearance. */
export function collect(groups: Map<string, Slot[]>): Attrs {
  return groups.size === 0 ? EMPTY_ATTRS : Attrs.from(groups);
}

export const LISTS: Definition[] = [
  anyOrAll("all"),
  anyOrAll("any"),
  [
    "concatLists",
    1,
    (ev, v) => {
      const lists = expectList(ev, v, 0, argument("first", "concatLists"));
      const out: Slot[] = [];
      let last: Slot[] = out;
      for (const each of lists) {
        const list = expectList(
          ev,
          each,
          0,
          "while evaluating a value of the list passed to builtins.concatLists",
        );
        if (list.length > 0) last = list;
        ev.reserve((out.length + list.length) * SLOT_BYTES);
        for (let i = 0; i < list.length; i++) out.push(list[i] as Slot);
      }
      // A single list that is not empty is the result itself, which printing shows.
      return last.length === out.length ? last : out;
    },
  ],
  [
    "concatMap",
    2,
    (ev, f, v) => {
      const fn = expectFunction(ev, f, 0, argument("first", "concatMap"));
      const list = expectList(ev, v, 0, argument("second", "concatMap"));
      const out: Slot[] = [];
      for (const item of list) {
        const part = expectList(
          ev,
          call(ev, fn, item, 0),
          fn instanceof Lambda ? fn.code.position : 0,
          "while evaluating the return value of the function passed to builtins.concatMap",
        );
        ev.reserve((out.length + part.length) * SLOT_BYTES);
        for (let i = 0; i < part.length; i++) out.push(part[i] as Slot);
      }
      return out;
    },
  ],
  [
    "elem",
    2,
    (ev, x, v) => {
      const list = expectList(ev, v, 0, argument("second", "elem"));
      for (let i = 0; i < list.length; i++) {
        try {
          if (sameElement(ev, x, list, i)) return true;
        } catch (error) {
          throw traced(
            error,
            0,
            "while searching for the presence of the given element in the list",
          );
        }
      }
      return false;
    },
  ],
  [
    "elemAt",
    2,
    (ev, v, n) => {
      const i = expectInt(
        ev,
        n,
        0,
        "while evaluating the second argument passed to 'builtins.elemAt'",
      );
      const list = expectList(
        ev,
        v,
        0,
        "while evaluating the first argument passed to 'builtins.elemAt'",
      );
      if (i < 0 || i >= list.length) {
        throw new NixError(
          "eval",
          `'builtins.elemAt' called with index ${i} on a list of size ${list.length}`,
        );
      }
      return forceAt(list, Number(i), 0);
    },
  ],
  [
    "filter",
    2,
    (ev, f, v) => {
      const list = expectList(ev, v, 0, argument("second", "filter"));
      if (list.length === 0) return [];
      const fn = expectFunction(ev, f, 0, argument("first", "filter"));
      const why =
        "while evaluating the return value of the filtering function passed to builtins.filter";
      const out = list.filter((item) => expectBool(ev, call(ev, fn, item, 0), 0, why));
      return out.length === list.length ? list : out;
    },
  ],
  [
    "foldl'",
    3,
    (ev, f, initial, v) => {
      const fn = expectFunction(ev, f, 0, argument("first", "foldlStrict"));
      const list = expectList(ev, v, 0, argument("third", "foldlStrict"));
      let result: Slot = initial;
      for (const item of list) result = call2(ev, fn, result, item, 0);
      return force(result);
    },
  ],
  [
    "genList",
    2,
    (ev, f, n) => {
      const size = expectInt(ev, n, 0, argument("second", "genList"));
      const length = Number(size);
      if (length < 0 || length > 4_294_967_295)
        throw new NixError("eval", `cannot create list of size ${size}`);
      const fn = expectFunction(ev, f, 0, argument("first", "genList"));
      ev.reserve(length * THUNK_BYTES);
      const out: Slot[] = new Array(length);
      // The index is all that a thunk needs beside the code, so it stands where the environment would.
      const code = delayedCall(fn, (index, pos) => call(ev, fn, index as unknown as number, pos));
      for (let i = 0; i < length; i++) out[i] = new Thunk(code, i as unknown as Env);
      return out;
    },
  ],
  [
    "groupBy",
    2,
    (ev, f, v) => {
      const fn = expectFunction(ev, f, 0, argument("first", "groupBy"));
      const list = expectList(ev, v, 0, argument("second", "groupBy"));
      const groups = new Map<string, Slot[]>();
      for (const item of list) {
        const name = expectPlainString(
          ev,
          call(ev, fn, item, 0),
          0,
          "while evaluating the return value of the grouping function passed to builtins.groupBy",
        );
        const group = groups.get(name);
        if (group === undefined) groups.set(name, [item]);
        else group.push(item);
      }
      return collect(groups);
    },
  ],
  [
    "head",
    1,
    (ev, v) => {
      const list = expectList(
        ev,
        v,
        0,
        "while evaluating the first argument passed to 'builtins.head'",
      );
      if (list.length === 0) throw new NixError("eval", "'builtins.head' called on an empty list");
      return forceAt(list, 0);
    },
  ],
  ["length", 1, (ev, v) => expectList(ev, v, 0, argument("first", "length")).length],
  [
    "map",
    2,
    (ev, f, v) => {
      const list = expectList(ev, v, 0, argument("second", "map"));
      if (list.length === 0) return list;
      const fn = expectFunction(ev, f, 0, argument("first", "map"));
      return list.map((item) => delayCall(ev, fn, item));
    },
  ],
  [
    "partition",
    2,
    (ev, f, v) => {
      const fn = expectFunction(ev, f, 0, argument("first", "partition"));
      const list = expectList(ev, v, 0, argument("second", "partition"));
      const right: Slot[] = [];
      const wrong: Slot[] = [];
      for (const item of list) {
        force(item);
        const yes = expectBool(
          ev,
          call(ev, fn, item, 0),
          0,
          "while evaluating the return value of the partition function passed to builtins.partition",
        );
        (yes ? right : wrong).push(item);
      }
      return Attrs.from([
        ["right", right],
        ["wrong", wrong],
      ]);
    },
  ],
  [
    "sort",
    2,
    (ev, f, v) => {
      const list = expectList(ev, v, 0, argument("second", "sort"));
      if (list.length === 0) return list;
      const fn = expectFunction(ev, f, 0, argument("first", "sort"));
      const why =
        "while evaluating the return value of the sorting function passed to builtins.sort";
      for (let i = 0; i < list.length; i++) force(list[i] as Slot);
      const plain = fn instanceof PrimOp && fn.name === "lessThan";
      return stableSort(list, (a, b) =>
        plain
          ? lessThan(
              ev,
              force(a),
              force(b),
              0,
              "while evaluating the ordering function passed to builtins.sort",
            )
          : expectBool(ev, call2(ev, fn, a, b, 0), 0, why),
      );
    },
  ],
  [
    "tail",
    1,
    (ev, v) => {
      const list = expectList(
        ev,
        v,
        0,
        "while evaluating the first argument passed to 'builtins.tail'",
      );
      if (list.length === 0) throw new NixError("eval", "'builtins.tail' called on an empty list");
      return list.slice(1);
    },
  ],
];
