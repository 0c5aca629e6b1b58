import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { LensRefresh } from "./lens-refresh.ts";

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

test("changed lenses are asked for at once, and once more when nothing has changed since", async () => {
  const sent: number[] = [];
  const start = Date.now();
  const refresh = new LensRefresh(() => sent.push(Date.now() - start));
  refresh.changed("one");
  refresh.changed("one");
  await vi.advanceTimersByTimeAsync(1500);
  refresh.changed("two");
  await vi.advanceTimersByTimeAsync(10_000);
  expect(sent).toEqual([0, 1500, 3500]);
});

test("nothing is sent any more when the session has ended", async () => {
  const send = vi.fn();
  const refresh = new LensRefresh(send);
  refresh.changed("one");
  await vi.advanceTimersByTimeAsync(100);
  refresh.dispose();
  await vi.advanceTimersByTimeAsync(10_000);
  expect(send).toHaveBeenCalledTimes(1);
});
