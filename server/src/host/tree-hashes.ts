/**
 * Hashes of large directories, kept in the user's cache for as long as no file in them changes: to read
 * all of a nixpkgs takes many seconds, to look at when its files have changed less than one.
 */
import * as crypto from "node:crypto";
import * as fs from "node:fs";
import * as path from "node:path";
import type { TreeHash } from "../eval/host.ts";

/** Smaller ones are hashed as soon as they are looked at. In files. */
const LARGE = 2000;
/** What has changed a moment ago may change once more within the same tick of the clock. In ms. */
const RACY = 2000;
/** So many directories are remembered. */
const KEPT = 100;

interface Stamp {
  /** Of names, sizes and times. */
  readonly text: string;
  readonly files: number;
  /** When the last thing in it has changed, in ms since 1970. */
  readonly newest: number;
}

export class TreeHashes {
  readonly #folder: string;

  /** @param cache the directory of the user's cache */
  constructor(cache: string) {
    this.#folder = path.join(cache, "tree-hashes");
  }

  /** @param hash reads all of the directory */
  of(directory: Buffer, hash: () => TreeHash): TreeHash {
    const now = Date.now();
    const stamp = stampOf(directory);
    if (stamp === null || stamp.files < LARGE) return hash();
    const name = crypto.createHash("sha256").update(directory).digest("hex").slice(0, 32);
    const place = path.join(this.#folder, `${name}.json`);
    const known = read(place);
    if (known?.stamp === stamp.text) return known.hash;
    const found = hash();
    if (now - stamp.newest > RACY) this.#write(place, { stamp: stamp.text, hash: found });
    return found;
  }

  #write(place: string, known: Known): void {
    const partial = `${place}.${process.pid}`;
    try {
      fs.mkdirSync(this.#folder, { recursive: true });
      fs.writeFileSync(partial, JSON.stringify(known));
      fs.renameSync(partial, place);
      const newestFirst = fs
        .readdirSync(this.#folder)
        .map((name) => path.join(this.#folder, name))
        .map((file) => ({ file, time: fs.statSync(file).mtimeMs }))
        .sort((a, b) => b.time - a.time);
      for (const { file } of newestFirst.slice(KEPT)) fs.rmSync(file, { force: true });
    } catch {
      // It is hashed again the next time.
    }
  }
}

interface Known {
  readonly stamp: string;
  readonly hash: TreeHash;
}

/** Null when it is not there, or not as it was written. */
function read(place: string): Known | null {
  try {
    const { stamp, hash }: Partial<Known> = JSON.parse(fs.readFileSync(place, "utf8"));
    const isWhole = stamp !== undefined && /^[0-9a-f]{64}$/.test(hash?.sha256 ?? "");
    return isWhole && hash !== undefined ? { stamp, hash } : null;
  } catch {
    return null;
  }
}

/** Null when something in it cannot be looked at. */
function stampOf(directory: Buffer): Stamp | null {
  const stamp = crypto.createHash("sha256");
  let files = 0;
  let newest = 0n;
  const todo = [directory];
  try {
    for (let at = todo.pop(); at !== undefined; at = todo.pop()) {
      const { mode, size, ino, dev, mtimeNs, ctimeNs } = fs.lstatSync(at, { bigint: true });
      stamp.update(`${at.length} `).update(at);
      stamp.update(` ${mode} ${size} ${ino} ${dev} ${mtimeNs} ${ctimeNs}\n`);
      if (ctimeNs > newest) newest = ctimeNs;
      files += 1;
      if ((Number(mode) & fs.constants.S_IFMT) !== fs.constants.S_IFDIR) continue;
      const names = fs.readdirSync(at, { encoding: "buffer" }).sort(Buffer.compare);
      for (const name of names) todo.push(Buffer.concat([at, Buffer.from("/"), name]));
    }
  } catch {
    return null;
  }
  return { text: stamp.digest("hex"), files, newest: Number(newest / 1_000_000n) };
}
