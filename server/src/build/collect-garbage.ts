/** Removes what nothing needs: no link that was asked for, no process that runs, no comparison with the last build. */
import * as fs from "node:fs";
import { type ByteString, bytesFromText } from "../base/bytes.ts";
import { removeTree } from "./disk-tree.ts";
import { LastBuilds } from "./last-builds.ts";
import type { PrivateStore } from "./private-store.ts";

export interface Garbage {
  /** Sorted. */
  readonly paths: readonly ByteString[];
  /** Bytes of their archives. */
  readonly narSize: number;
}

/** What of processes may name store paths: where they are, what they run, what they were told. */
const PLACES = ["environ", "cmdline", "maps"];
const LINKS = ["exe", "cwd"];

/** What nothing needs. Processes are looked at when `processes` is the folder that lists them. */
export function findGarbage(store: PrivateStore, processes = "/proc"): Garbage {
  const roots = new Set([
    ...linkedPaths(store),
    ...runningPaths(store, processes),
    ...new LastBuilds(store).derivations(),
  ]);
  const live = new Set(store.closure([...roots].filter((path) => store.isValid(path))));
  const paths = store.validPaths().filter((path) => !live.has(path));
  const narSize = paths.reduce((sum, path) => sum + (store.info(path)?.narSize ?? 0), 0);
  return { paths, narSize };
}

/**
 * The store must be held alone, so that nothing comes to need what goes. What refers to others goes
 * first: at any moment everything valid is whole.
 */
export function removeGarbage(store: PrivateStore, { paths }: Garbage): void {
  const left = new Set(paths);
  const users = new Map<ByteString, Set<ByteString>>();
  for (const path of paths)
    for (const reference of store.info(path)?.references ?? [])
      if (reference !== path && left.has(reference))
        users.set(reference, (users.get(reference) ?? new Set()).add(path));
  const remove = (path: ByteString) => {
    if (!left.delete(path)) return;
    for (const user of users.get(path) ?? []) remove(user);
    store.forget(path);
    removeTree(store.physicalPath(path));
  };
  for (const path of paths) remove(path);
  new LastBuilds(store).prune();
}

/** The targets of links made by `addRoot` that are still there; others are forgotten. */
function* linkedPaths(store: PrivateStore): Generator<ByteString> {
  const folder = `${store.root}/roots`;
  if (!fs.existsSync(folder)) return;
  for (const name of fs.readdirSync(folder)) {
    const link = fs.readlinkSync(`${folder}/${name}`);
    try {
      yield* pathsIn(store, bytesFromText(fs.readlinkSync(link)));
    } catch {
      // It was removed, or is another thing now.
    }
  }
}

function* runningPaths(store: PrivateStore, processes: string): Generator<ByteString> {
  if (!fs.existsSync(processes)) return;
  for (const pid of fs.readdirSync(processes).filter((name) => /^\d+$/.test(name))) {
    const folder = `${processes}/${pid}`;
    for (const name of PLACES)
      yield* pathsIn(
        store,
        quietly(() => fs.readFileSync(`${folder}/${name}`, "latin1")),
      );
    const files = quietly(() => fs.readdirSync(`${folder}/fd`).join("\n")).split("\n");
    for (const name of [...LINKS, ...files.map((fd) => `fd/${fd}`)])
      yield* pathsIn(
        store,
        quietly(() => fs.readlinkSync(`${folder}/${name}`)),
      );
  }
}

/** `""` for processes of others, and those that have ended. */
function quietly(read: () => string): string {
  try {
    return read();
  } catch {
    return "";
  }
}

function* pathsIn({ context }: PrivateStore, text: string): Generator<ByteString> {
  const start = `${context.storeDir}/`;
  for (let at = text.indexOf(start); at >= 0; at = text.indexOf(start, at + 1)) {
    const [name] =
      /^[0-9a-z]{32}-[0-9a-zA-Z+\-._?=]+/.exec(text.slice(at + start.length, at + 300)) ?? [];
    if (name !== undefined) yield start + name;
  }
}
