import { expect, test } from "vitest";
import { stableSort } from "./stable-sort.ts";

test("sorts, and keeps the order of equals", () => {
  for (let n = 0; n < 200; n += 3) {
    const items = Array.from({ length: n }, (_, i) => ({ key: (i * 7919) % 13, i }));
    const sorted = stableSort(items, (a, b) => a.key < b.key);
    expect(sorted).toEqual([...items].sort((a, b) => a.key - b.key || a.i - b.i));
  }
});

test("what is no order gives what Nix 2.26 gives", () => {
  expect(stableSort([3, 1, 2, 4, 5], () => true)).toEqual([5, 4, 2, 1, 3]);
});

/** The pairs that are compared. */
function comparisons(items: readonly string[]): string[] {
  const pairs: string[] = [];
  stableSort(items, (a, b) => {
    pairs.push(a + b);
    return a < b;
  });
  return pairs;
}

test("the second is compared with the first", () => {
  expect(comparisons(["b", "a", "c"])).toEqual(["ab", "cb"]);
});

test("what is not before the first is compared with it once more", () => {
  expect(comparisons(["a", "b", "c", "d"])).toEqual(["ba", "ba", "dc", "dc", "ca", "cb"]);
});
