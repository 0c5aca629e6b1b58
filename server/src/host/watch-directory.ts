import { existsSync, type FSWatcher, watch } from "node:fs";
import { dirname } from "node:path";

/** Changes that come together are told once, after so many ms without another. */
const QUIET = 200;

/**
 * Tells when something in a directory changes, also when the directory is made only later. Gives what
 * ends it.
 */
export function watchDirectory(directory: string, onChange: () => void): () => void {
  let watcher: FSWatcher | undefined;
  let watched = "";
  let timer: NodeJS.Timeout | undefined;
  const start = () => {
    // What is made before its parent is watched is not told: it is looked for again after that.
    for (let nearest = nearestTo(directory); nearest !== watched; nearest = nearestTo(directory)) {
      watcher?.close();
      watched = nearest;
      try {
        watcher = watch(nearest, { persistent: false }, changed);
        watcher.on("error", () => {});
      } catch {
        // Without it answers are as old as the last question.
        watcher = undefined;
      }
    }
  };
  const changed = () => {
    clearTimeout(timer);
    timer = setTimeout(() => {
      start();
      onChange();
    }, QUIET);
    timer.unref();
  };
  start();
  return () => {
    clearTimeout(timer);
    watcher?.close();
  };
}

/** The directory itself, or what there is above it. */
function nearestTo(directory: string): string {
  let nearest = directory;
  while (!existsSync(nearest)) nearest = dirname(nearest);
  return nearest;
}
