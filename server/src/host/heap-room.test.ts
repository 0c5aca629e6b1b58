import { getHeapStatistics } from "node:v8";
import { expect, test } from "vitest";
import { hasRoomFor } from "./heap-room.ts";

test("a little fits, more than all does not", () => {
  expect(hasRoomFor(1 << 20)).toBe(true);
  expect(hasRoomFor(getHeapStatistics().heap_size_limit)).toBe(false);
});
