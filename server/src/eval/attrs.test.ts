import { expect, test } from "vitest";
import { Attrs } from "./attrs.ts";

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
