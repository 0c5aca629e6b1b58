/**
 * A stable sort that compares the same pairs in the same order as the C++ library of Nix 2.26: it shows
 * when a comparator fails or traces, and in what becomes of a list whose comparator is no order.
 * Runs of seven are sorted by insertion and merged; the two halves of the list come last.
 */
const RUN = 7;

type Less<T> = (a: T, b: T) => boolean;

/** A new array, sorted. */
export function stableSort<T>(items: readonly T[], less: Less<T>): T[] {
  const middle = (items.length + 1) >> 1;
  const left = sortRuns(items.slice(0, middle), less);
  const right = sortRuns(items.slice(middle), less);
  if (right.length === 0) return left;
  return left.length <= right.length ? merge(left, right, less) : mergeFromEnd(left, right, less);
}

function sortRuns<T>(items: T[], less: Less<T>): T[] {
  let sorted = items;
  for (let from = 0; from < sorted.length; from += RUN)
    insertionSort(sorted, from, Math.min(from + RUN, sorted.length), less);
  for (let step = RUN; step < sorted.length; step *= 2) {
    const out: T[] = [];
    for (let from = 0; from < sorted.length; from += 2 * step) {
      const left = sorted.slice(from, from + step);
      for (const item of merge(left, sorted.slice(from + step, from + 2 * step), less))
        out.push(item);
    }
    sorted = out;
  }
  return sorted;
}

function insertionSort<T>(items: T[], from: number, to: number, less: Less<T>): void {
  for (let i = from + 1; i < to; i++) {
    const item = items[i] as T;
    let at = i;
    if (less(item, items[from] as T)) at = from;
    // What is not before the first needs no bound there: the first is asked again, and stops it.
    else while (at > from && less(item, items[at - 1] as T)) at--;
    items.copyWithin(at + 1, at, i);
    items[at] = item;
  }
}

function merge<T>(left: readonly T[], right: readonly T[], less: Less<T>): T[] {
  const out: T[] = [];
  let i = 0;
  let j = 0;
  while (i < left.length && j < right.length)
    out.push(less(right[j] as T, left[i] as T) ? (right[j++] as T) : (left[i++] as T));
  while (i < left.length) out.push(left[i++] as T);
  while (j < right.length) out.push(right[j++] as T);
  return out;
}

function mergeFromEnd<T>(left: readonly T[], right: readonly T[], less: Less<T>): T[] {
  const out: T[] = new Array(left.length + right.length);
  let i = left.length - 1;
  let j = right.length - 1;
  let at = out.length - 1;
  while (i >= 0 && j >= 0)
    out[at--] = less(right[j] as T, left[i] as T) ? (left[i--] as T) : (right[j--] as T);
  while (i >= 0) out[at--] = left[i--] as T;
  while (j >= 0) out[at--] = right[j--] as T;
  return out;
}
