/** The index of a git work tree (gitformat-index, versions 2 to 4): which files are tracked. */
import { GitError } from "./git-objects.ts";

export interface GitIndexEntry {
  /** Bytes, relative to the top directory. */
  readonly path: string;
  readonly mode: number;
  readonly id: string;
  /** What the file was like when its contents were last compared. */
  readonly size: number;
  readonly seconds: number;
  readonly nanoseconds: number;
  /** `git add -N`: the contents are not in the repository. */
  readonly intentToAdd: boolean;
}

export interface GitIndex {
  readonly entries: readonly GitIndexEntry[];
  /** The tree that the index is the same as, if git has noted that. */
  readonly tree: string | null;
}

const STAT_BYTES = 62;

/** Throws `GitError` for formats that are not known. */
export function parseGitIndex(data: Buffer): GitIndex {
  if (data.toString("latin1", 0, 4) !== "DIRC") throw new GitError("the index of git is damaged");
  const version = data.readUInt32BE(4);
  if (version < 2 || version > 4)
    throw new GitError(`the index of git has version ${version}, which is not known`);
  const count = data.readUInt32BE(8);
  const entries: GitIndexEntry[] = [];
  let at = 12;
  let path = "";
  for (let i = 0; i < count; i++) {
    const start = at;
    const flags = data.readUInt16BE(start + 60);
    at += STAT_BYTES;
    let extended = 0;
    if (version >= 3 && flags & 0x4000) {
      extended = data.readUInt16BE(at);
      at += 2;
    }
    if (version === 4) {
      let byte = data[at++] as number;
      let strip = byte & 0x7f;
      while (byte & 0x80) {
        byte = data[at++] as number;
        strip = (strip + 1) * 128 + (byte & 0x7f);
      }
      const end = data.indexOf(0, at);
      path = path.slice(0, path.length - strip) + data.toString("latin1", at, end);
      at = end + 1;
    } else {
      const end = data.indexOf(0, at);
      path = data.toString("latin1", at, end);
      at = start + Math.ceil((end + 1 - start) / 8) * 8;
    }
    entries.push({
      path,
      mode: data.readUInt32BE(start + 24),
      id: data.toString("hex", start + 40, start + 60),
      size: data.readUInt32BE(start + 36),
      seconds: data.readUInt32BE(start + 8),
      nanoseconds: data.readUInt32BE(start + 12),
      intentToAdd: (extended & 0x2000) !== 0,
    });
  }
  return { entries, tree: noted(data, at) };
}

/** Reads what follows the entries. */
function noted(data: Buffer, start: number): string | null {
  let tree: string | null = null;
  for (let at = start; at + 8 <= data.length - 20; ) {
    const name = data.toString("latin1", at, at + 4);
    const size = data.readUInt32BE(at + 4);
    if (name === "TREE") {
      const count = data.indexOf(0, at + 8) + 1;
      const line = data.indexOf(0x0a, count);
      const valid = !data.toString("latin1", count, line).startsWith("-");
      if (valid) tree = data.toString("hex", line + 1, line + 21);
    } else if (!/^[A-Z]/.test(name)) {
      // Lower case means: not to be understood without it.
      throw new GitError(`the index of git uses '${name}', which is not known`);
    }
    at += 8 + size;
  }
  return tree;
}
