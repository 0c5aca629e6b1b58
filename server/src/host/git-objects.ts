/** Objects of a git repository, read from its files: loose ones and packs (gitformat-pack). */
import * as fs from "node:fs";
import * as path from "node:path";
import { inflateSync } from "node:zlib";

export type GitObjectType = "commit" | "tree" | "blob" | "tag";

export interface GitObject {
  readonly type: GitObjectType;
  readonly data: Buffer;
}

export interface GitTreeEntry {
  /** As in the tree: 0o100644, 0o100755, 0o120000 (link), 0o40000 (tree), 0o160000 (another repository). */
  readonly mode: number;
  /** Bytes. */
  readonly name: string;
  readonly id: string;
}

/** A repository that cannot be read, and why. */
export class GitError extends Error {}

const ID_BYTES = 20;
const TYPES: readonly (GitObjectType | undefined)[] = [undefined, "commit", "tree", "blob", "tag"];
const OFFSET_DELTA = 6;
const REFERENCE_DELTA = 7;
/** More than any deflated object grows. */
const slack = (size: number) => size + (size >> 10) + 256;
const MAX_DELTAS = 10_000;

/** A pack and its index (version 2), read where needed: both may be gigabytes. */
class Pack {
  readonly #index: number;
  readonly #pack: number;
  readonly #fanout: Buffer;
  readonly #size: number;

  constructor(index: string) {
    this.#index = fs.openSync(index, "r");
    this.#pack = fs.openSync(index.replace(/idx$/, "pack"), "r");
    this.#size = fs.fstatSync(this.#pack).size;
    const head = read(this.#index, 0, 8 + 1024);
    if (head.readUInt32BE(0) !== 0xff744f63 || head.readUInt32BE(4) !== 2)
      throw new GitError(`'${index}' has an unknown format`);
    this.#fanout = head.subarray(8);
  }

  close(): void {
    fs.closeSync(this.#index);
    fs.closeSync(this.#pack);
  }

  /** Null when the object is not in here. */
  offsetOf(id: Buffer): number | null {
    const first = id[0] as number;
    const count = this.#fanout.readUInt32BE(255 * 4);
    let low = first === 0 ? 0 : this.#fanout.readUInt32BE((first - 1) * 4);
    let high = this.#fanout.readUInt32BE(first * 4);
    const names = 8 + 1024;
    while (low < high) {
      const middle = (low + high) >> 1;
      const order = read(this.#index, names + middle * ID_BYTES, ID_BYTES).compare(id);
      if (order === 0) {
        const offsets = names + count * (ID_BYTES + 4);
        const offset = read(this.#index, offsets + middle * 4, 4).readUInt32BE(0);
        if (offset < 0x8000_0000) return offset;
        const large = offsets + count * 4 + (offset - 0x8000_0000) * 8;
        return Number(read(this.#index, large, 8).readBigUInt64BE(0));
      }
      if (order < 0) low = middle + 1;
      else high = middle;
    }
    return null;
  }

  /** The object at an offset; `base` finds those of reference deltas. */
  read(start: number, base: (id: string) => GitObject): GitObject {
    const deltas: Buffer[] = [];
    let offset = start;
    for (let depth = 0; depth < MAX_DELTAS; depth++) {
      const head = read(this.#pack, offset, 64);
      let at = 0;
      let byte = head[at++] as number;
      const type = (byte >> 4) & 7;
      let size = byte & 15;
      for (let scale = 16; byte & 0x80; scale *= 128) {
        byte = head[at++] as number;
        size += (byte & 0x7f) * scale;
      }
      let next = -1;
      let named = "";
      if (type === OFFSET_DELTA) {
        byte = head[at++] as number;
        let back = byte & 0x7f;
        while (byte & 0x80) {
          byte = head[at++] as number;
          back = (back + 1) * 128 + (byte & 0x7f);
        }
        next = offset - back;
      } else if (type === REFERENCE_DELTA) {
        named = head.toString("hex", at, at + ID_BYTES);
        at += ID_BYTES;
      }
      const data = this.#inflate(offset + at, size);
      const plain = TYPES[type];
      if (plain !== undefined) return { type: plain, data: deltas.reduceRight(applyDelta, data) };
      deltas.push(data);
      if (type === REFERENCE_DELTA) {
        const found = base(named);
        return { type: found.type, data: deltas.reduceRight(applyDelta, found.data) };
      }
      if (type !== OFFSET_DELTA || next < 0) throw new GitError("a pack is damaged");
      offset = next;
    }
    throw new GitError("a pack is damaged: its deltas have no end");
  }

  #inflate(offset: number, size: number): Buffer {
    const packed = read(this.#pack, offset, Math.min(slack(size), this.#size - offset));
    const data = inflateSync(packed);
    if (data.length !== size) throw new GitError("a pack is damaged: an object has another size");
    return data;
  }
}

function read(fd: number, position: number, length: number): Buffer {
  const buffer = Buffer.alloc(length);
  const got = fs.readSync(fd, buffer, 0, length, position);
  return got === length ? buffer : buffer.subarray(0, got);
}

function applyDelta(base: Buffer, delta: Buffer): Buffer {
  let at = 0;
  const number = () => {
    let value = 0;
    for (let scale = 1; ; scale *= 128) {
      const byte = delta[at++] as number;
      value += (byte & 0x7f) * scale;
      if ((byte & 0x80) === 0) return value;
    }
  };
  if (number() !== base.length) throw new GitError("a pack is damaged: a delta has another base");
  const out = Buffer.alloc(number());
  let done = 0;
  while (at < delta.length) {
    const op = delta[at++] as number;
    if (op & 0x80) {
      let offset = 0;
      let size = 0;
      for (let i = 0; i < 4; i++) if (op & (1 << i)) offset += (delta[at++] as number) * 256 ** i;
      for (let i = 0; i < 3; i++) if (op & (16 << i)) size += (delta[at++] as number) * 256 ** i;
      if (size === 0) size = 0x10000;
      done += base.copy(out, done, offset, offset + size);
    } else {
      done += delta.copy(out, done, at, at + op);
      at += op;
    }
  }
  if (done !== out.length) throw new GitError("a pack is damaged: a delta is too short");
  return out;
}

/** Reads by id (40 digits). Packs stay open until `close`. */
export class GitObjects {
  readonly #directories: string[];
  #packs: Pack[] | null = null;

  /** @param directory `objects` of the repository */
  constructor(directory: string) {
    this.#directories = [directory];
    for (const each of this.#directories) {
      const alternates = textOf(path.join(each, "info/alternates")) ?? "";
      for (const line of alternates.split("\n"))
        if (line !== "" && !line.startsWith("#")) this.#directories.push(path.resolve(each, line));
    }
  }

  close(): void {
    for (const pack of this.#packs ?? []) pack.close();
    this.#packs = null;
  }

  /** Throws `GitError` when there is no such object. */
  read(id: string): GitObject {
    const found = this.#loose(id) ?? this.#packed(id);
    if (found !== null) return found;
    // Somebody may have packed meanwhile.
    this.close();
    const again = this.#packed(id);
    if (again === null) throw new GitError(`object ${id} is not in the repository`);
    return again;
  }

  #loose(id: string): GitObject | null {
    for (const directory of this.#directories) {
      let packed: Buffer;
      try {
        packed = fs.readFileSync(path.join(directory, id.slice(0, 2), id.slice(2)));
      } catch {
        continue;
      }
      const all = inflateSync(packed);
      const end = all.indexOf(0);
      const [type] = all.toString("latin1", 0, end).split(" ");
      return { type: type as GitObjectType, data: all.subarray(end + 1) };
    }
    return null;
  }

  #packed(id: string): GitObject | null {
    this.#packs ??= this.#directories.flatMap((directory) => {
      const folder = path.join(directory, "pack");
      const names = fs.existsSync(folder) ? fs.readdirSync(folder) : [];
      return names
        .filter((name) => name.endsWith(".idx"))
        .map((name) => new Pack(path.join(folder, name)));
    });
    const bytes = Buffer.from(id, "hex");
    for (const pack of this.#packs) {
      const offset = pack.offsetOf(bytes);
      if (offset !== null) return pack.read(offset, (base) => this.read(base));
    }
    return null;
  }

  /** A commit, also behind tags: its id, tree, parents and the time it was made. */
  commit(id: string): { id: string; tree: string; parents: string[]; time: number } {
    const { type, data } = this.read(id);
    const text = data.toString("latin1");
    if (type === "tag") return this.commit(/^object ([0-9a-f]{40})$/m.exec(text)?.[1] ?? "");
    const head = text.slice(0, text.indexOf("\n\n"));
    const tree = /^tree ([0-9a-f]{40})$/m.exec(head)?.[1];
    const time = /^committer .*> (-?\d+) [+-]\d+$/m.exec(head)?.[1];
    if (type !== "commit" || tree === undefined || time === undefined)
      throw new GitError(`object ${id} is no commit`);
    const parents = [...head.matchAll(/^parent ([0-9a-f]{40})$/gm)].map(
      ([, parent]) => parent ?? "",
    );
    return { id, tree, parents, time: Number(time) };
  }

  tree(id: string): GitTreeEntry[] {
    const { type, data } = this.read(id);
    if (type !== "tree") throw new GitError(`object ${id} is no tree`);
    const entries: GitTreeEntry[] = [];
    for (let at = 0; at < data.length; ) {
      const space = data.indexOf(0x20, at);
      const end = data.indexOf(0, space);
      entries.push({
        mode: Number.parseInt(data.toString("latin1", at, space), 8),
        name: data.toString("latin1", space + 1, end),
        id: data.toString("hex", end + 1, end + 1 + ID_BYTES),
      });
      at = end + 1 + ID_BYTES;
    }
    return entries;
  }
}

/** Null when the file cannot be read. */
export function textOf(file: string): string | null {
  try {
    return fs.readFileSync(file, "latin1");
  } catch {
    return null;
  }
}
