import { expect, test } from "vitest";
import { Attrs, Shape, sharedShape } from "./attrs.ts";

/** 0 … n-1, always the same row. */
function numbers(): (n: number) => number {
  let state = 7;
  return (n) => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
    return (state >>> 8) % n;
  };
}

test("sets put above each other are as if they were copied", () => {
  const below = numbers();
  for (let round = 0; round < 20; round++) {
    let set = Attrs.from([]);
    const wanted = new Map<string, number>();
    for (let step = 0; step < 300; step++) {
      const count = below(10) === 0 ? below(80) : below(3);
      const names = new Set(Array.from({ length: count }, () => `n${below(400)}`));
      set = set.update(Attrs.from([...names].map((name) => [name, step])));
      for (const name of names) wanted.set(name, step);
      const asked = `n${below(400)}`;
      expect(set.get(asked)).toBe(wanted.get(asked));
    }
    expect(set.sortedNames()).toEqual([...wanted.keys()].sort());
    for (const [name, value] of wanted) expect(set.get(name)).toBe(value);
  }
});

test("small sets below a large one are as if they were copied", () => {
  const below = numbers();
  let set = Attrs.from([]);
  const wanted = new Map<string, number>();
  for (let step = 0; step < 600; step++) {
    const names = new Set(Array.from({ length: 1 + below(3) }, () => `n${below(300)}`));
    set = Attrs.from([...names].map((name) => [name, step])).update(set);
    for (const name of names) if (!wanted.has(name)) wanted.set(name, step);
  }
  expect(set.sortedNames()).toEqual([...wanted.keys()].sort());
  for (const [name, value] of wanted) expect(set.get(name)).toBe(value);
});

test("a set below one that has all its names leaves a set of its own", () => {
  const names = Array.from({ length: 100 }, (_, i) => `n${i}`);
  const over = Attrs.from(names.map((name) => [name, name]));
  const result = Attrs.from([["n5", null]], 7).update(over);
  expect(result).not.toBe(over);
  expect(result.get("n5")).toBe("n5");
  expect(result.position("n5")).toBe(0);
  expect(result.size).toBe(100);
});

test("names and positions are found the same the first time and when a shape has been asked often", () => {
  const below = numbers();
  const names = Array.from({ length: 40 }, (_, i) => `n${i}`);
  const shape = new Shape(
    names,
    names.map(() => 0),
  );
  for (let round = 0; round < 100; round++) {
    const n = below(60);
    expect(shape.find(`n${n}`)).toBe(n < 40 ? n : -1);
  }
});

test("a set above several others of one shape, in turn", () => {
  const lower = Attrs.from([
    ["a", 1],
    ["b", 2],
  ]);
  const overs = [
    Attrs.from([["b", 3]], 7),
    Attrs.from([
      ["c", 4],
      ["a", 5],
    ]),
    Attrs.from([["b", 3]], 8),
  ];
  for (let round = 0; round < 3; round++) {
    const [first, second, third] = overs.map((over) => lower.update(over));
    expect(first?.sortedNames().map((name) => first.get(name))).toEqual([1, 3]);
    expect(second?.sortedNames().map((name) => second.get(name))).toEqual([5, 2, 4]);
    expect([first?.position("a"), first?.position("b"), third?.position("b")]).toEqual([0, 7, 8]);
  }
});

test("computed names share a shape only where their positions are the same", () => {
  const shape = sharedShape(["a", "b"], [1, 2]);
  expect(sharedShape(["a", "b"], [1, 2])).toBe(shape);
  expect(sharedShape(["a", "b"], [1, 3])).not.toBe(shape);
  expect(sharedShape(["b", "a"], [2, 1])).not.toBe(shape);
  expect(sharedShape(["a"], [1]).names).toEqual(["a"]);
  // Names without end are forgotten, and the shapes that were made stay what they are.
  for (let i = 0; i < 20_000; i++) sharedShape([`n${i}`], [0]);
  expect(sharedShape(["a", "b"], [1, 2]).names).toEqual(shape.names);
});
