/** Whether the JavaScript heap of this thread has room for one more large piece. */
import { getHeapStatistics, setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

/** Kept free for what is made besides. */
const RESERVE = 32 << 20;

/** The part of the heap that is in use, garbage included. */
export function heapUse(): number {
  const { used_heap_size: used, heap_size_limit: limit } = getHeapStatistics();
  return used / limit;
}

/** Asks how much is in use; garbage counts only while collecting it would not help. */
export function hasRoomFor(bytes: number): boolean {
  if (fits(bytes)) return true;
  collectGarbage();
  return fits(bytes);
}

function fits(bytes: number): boolean {
  const { used_heap_size: used, heap_size_limit: limit } = getHeapStatistics();
  return used + bytes + RESERVE <= limit;
}

let collector: (() => void) | null = null;

function collectGarbage(): void {
  if (collector === null) {
    setFlagsFromString("--expose-gc");
    collector = runInNewContext("gc") as () => void;
  }
  collector();
}
