/** File trees on disk, as archives see them: names are bytes, links are not followed. */
import * as fs from "node:fs";
import type { ByteString } from "../base/bytes.ts";
import type { NarSource, NarStat } from "../store/nar.ts";
import { nodePath } from "./node-path.ts";

/** Larger files are read in pieces of this size. */
const PIECE = 1 << 18;

export const diskTree: NarSource = {
  lstat: (path) => narStat(fs.lstatSync(nodePath(path))),
  readDir: (path) => namesIn(path),
  readFile: (path) => fs.readFileSync(nodePath(path)),
  readLink: (path) => fs.readlinkSync(nodePath(path), { encoding: "latin1" }),
  readLarge(path) {
    const { size } = fs.lstatSync(nodePath(path));
    return size <= PIECE ? undefined : { size, pieces: pieces(path, size) };
  },
};

function narStat(stat: fs.Stats): NarStat {
  if (stat.isFile()) return { type: "regular", executable: (stat.mode & 0o100) !== 0 };
  if (stat.isDirectory()) return { type: "directory" };
  return { type: stat.isSymbolicLink() ? "symlink" : "unknown" };
}

/** In no particular order. */
export function namesIn(directory: ByteString): ByteString[] {
  return fs
    .readdirSync(nodePath(directory), { encoding: "buffer" })
    .map((name) => name.toString("latin1"));
}

/** Each piece is to be used before the next is asked for. */
function* pieces(path: ByteString, size: number): Generator<Uint8Array> {
  const buffer = new Uint8Array(PIECE);
  const fd = fs.openSync(nodePath(path), "r");
  try {
    for (let left = size; left > 0; ) {
      const count = fs.readSync(fd, buffer, 0, Math.min(left, PIECE), null);
      if (count === 0) throw new Error(`file '${path}' became shorter while it was read`);
      yield buffer.subarray(0, count);
      left -= count;
    }
  } finally {
    fs.closeSync(fd);
  }
}

/** Removes a file or tree, also one without write permission; what is not there is no error. */
export function removeTree(path: ByteString): void {
  const stat = fs.lstatSync(nodePath(path), { throwIfNoEntry: false });
  if (stat === undefined) return;
  if (!stat.isDirectory()) {
    fs.unlinkSync(nodePath(path));
    return;
  }
  if ((stat.mode & 0o700) !== 0o700) fs.chmodSync(nodePath(path), 0o700);
  for (const name of namesIn(path)) removeTree(`${path}/${name}`);
  fs.rmdirSync(nodePath(path));
}

/** Renames, also a directory without write permission. Both names are in the same file system. */
export function moveTree(from: ByteString, to: ByteString): void {
  const stat = fs.lstatSync(nodePath(from));
  const closed = stat.isDirectory() && (stat.mode & 0o200) === 0;
  if (closed) fs.chmodSync(nodePath(from), 0o755);
  fs.renameSync(nodePath(from), nodePath(to));
  if (closed) fs.chmodSync(nodePath(to), stat.mode & 0o777);
}
