import { expect, test } from "vitest";
import { ContextUnion } from "./context.ts";

test("a union of contexts has the elements of all, and changes none of them", () => {
  const [a, b] = [new Set(["/a"]), new Set(["/a", "/b"])];
  const union = new ContextUnion();
  expect(union.context).toBeNull();
  union.add(null);
  union.add(a);
  expect(union.context).toBe(a);
  union.add(b);
  const both = union.context;
  expect(both).toEqual(b);
  union.add(new Set(["/c"]));
  expect(union.context).toEqual(new Set(["/a", "/b", "/c"]));
  expect([a, both]).toEqual([new Set(["/a"]), b]);
});
