/**
 * Unpacks an archive that a stranger made: nothing of it is written outside of the directory, whatever
 * names and links it has. Of modes only the owner's x bit is kept, of dates the newest is told.
 */
import * as fs from "node:fs";
import * as path from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import * as tar from "tar-stream";
import { bytesFromText } from "../base/bytes.ts";
import { decompress } from "../build/decompress.ts";

/** An archive that is refused or damaged. */
export class ArchiveError extends Error {}

const MAGIC: readonly (readonly [bytes: readonly number[], format: string])[] = [
  [[0x1f, 0x8b], "gzip"],
  [[0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00], "xz"],
  [[0x28, 0xb5, 0x2f, 0xfd], "zstd"],
  [[0x42, 0x5a, 0x68], "bzip2"],
  [[0x50, 0x4b, 0x03, 0x04], "zip"],
];

/** More than any tree of sources has. */
const MAX_BYTES = 32 * 2 ** 30;
const MAX_ENTRIES = 5_000_000;

interface Link {
  readonly at: string;
  readonly target: string;
}

/**
 * Unpacks `archive` into `directory`, which must not be there yet.
 *
 * @returns the newest date in it, in seconds since 1970
 * @throws ArchiveError
 */
export async function unpackArchive(
  archive: string,
  directory: string,
  signal?: AbortSignal,
): Promise<number> {
  const format = formatOf(archive);
  if (format === "zip" || format === "bzip2")
    throw new ArchiveError(`archives in the format ${format} are not supported yet`);
  fs.mkdirSync(directory, { recursive: true });
  const extract = tar.extract();
  const bytes = decompress(format, fs.createReadStream(archive));
  const reading = pipeline(Readable.from(bytes), extract, ...(signal ? [{ signal }] : []));
  // The error of what reads is the one to tell; this one only follows from it.
  reading.catch(() => {});
  let newest = 0;
  let total = 0;
  let entries = 0;
  const hardLinks: Link[] = [];
  try {
    for await (const entry of extract) {
      const { type, mode = 0, mtime, size = 0 } = entry.header;
      const name = bytesOf(entry.header.name);
      const linkname = bytesOf(entry.header.linkname ?? "");
      total += size;
      if (++entries > MAX_ENTRIES || total > MAX_BYTES)
        throw new ArchiveError("the archive is too large");
      const parts = partsOf(name);
      newest = Math.max(newest, Math.floor((mtime?.getTime() ?? 0) / 1000));
      if (parts.length === 0) {
        entry.resume();
        continue;
      }
      const at = prepare(directory, parts);
      switch (type) {
        case "file":
        case "contiguous-file":
          await writeFile(at, entry as AsyncIterable<Uint8Array>, (mode & 0o100) !== 0);
          break;
        case "directory":
          entry.resume();
          makeDirectory(at);
          break;
        case "symlink":
          entry.resume();
          if (linkname === "" || linkname.includes("\0"))
            throw new ArchiveError(`the link '${name}' leads nowhere`);
          makeRoom(at);
          fs.symlinkSync(Buffer.from(linkname, "latin1"), native(at));
          break;
        case "link":
          entry.resume();
          hardLinks.push({ at, target: prepare(directory, partsOf(linkname), true) });
          break;
        default:
          throw new ArchiveError(`'${name}' is a ${type}, which no source can hold`);
      }
    }
    await reading;
    for (const { at, target } of hardLinks) copy(target, at);
  } catch (error) {
    if (error instanceof ArchiveError || signal?.aborted) throw error;
    throw new ArchiveError(`the archive is damaged: ${(error as Error).message}`);
  }
  return newest;
}

function formatOf(archive: string): string {
  const fd = fs.openSync(archive, "r");
  const start = Buffer.alloc(6);
  fs.readSync(fd, start, 0, start.length, 0);
  fs.closeSync(fd);
  const found = MAGIC.find(([bytes]) => bytes.every((byte, i) => start[i] === byte));
  return found?.[1] ?? "none";
}

/** The bytes of a name. */
function bytesOf(name: string): string {
  if (name.includes("\ufffd"))
    throw new ArchiveError(`the name '${name}' in the archive is not UTF-8`);
  return bytesFromText(name);
}

/** The steps of a name, which is bytes. */
function partsOf(name: string): string[] {
  if (name.startsWith("/")) throw new ArchiveError(`the archive holds the absolute name '${name}'`);
  const parts = name.split("/").filter((part) => part !== "" && part !== ".");
  if (parts.includes("..") || name.includes("\0"))
    throw new ArchiveError(`the archive holds the name '${name}', which leads out of it`);
  return parts;
}

const native = (file: string) => Buffer.from(file, "latin1");

/** The path of an entry. Its parents are made, and must be real directories: no link is followed. */
function prepare(directory: string, parts: readonly string[], mustBe = false): string {
  let at = Buffer.from(directory).toString("latin1");
  for (const part of parts.slice(0, -1)) {
    at = `${at}/${part}`;
    const stat = fs.lstatSync(native(at), { throwIfNoEntry: false });
    if (stat === undefined && !mustBe) fs.mkdirSync(native(at));
    else if (stat?.isDirectory() !== true)
      throw new ArchiveError(
        `the archive writes through '${parts.join("/")}', which is a link or a file`,
      );
  }
  return `${at}/${parts.at(-1)}`;
}

/** A later entry of the same name replaces a file or a link. */
function makeRoom(at: string): void {
  const stat = fs.lstatSync(native(at), { throwIfNoEntry: false });
  if (stat === undefined) return;
  if (stat.isDirectory()) throw new ArchiveError(`'${path.basename(at)}' is twice in the archive`);
  fs.unlinkSync(native(at));
}

function makeDirectory(at: string): void {
  const stat = fs.lstatSync(native(at), { throwIfNoEntry: false });
  if (stat === undefined) fs.mkdirSync(native(at));
  else if (!stat.isDirectory()) {
    makeRoom(at);
    fs.mkdirSync(native(at));
  }
}

async function writeFile(
  at: string,
  contents: AsyncIterable<Uint8Array>,
  executable: boolean,
): Promise<void> {
  makeRoom(at);
  const file = await fs.promises.open(native(at), "wx", executable ? 0o755 : 0o644);
  try {
    for await (const chunk of contents) await file.writeFile(chunk);
  } finally {
    await file.close();
  }
}

function copy(target: string, at: string): void {
  const stat = fs.lstatSync(native(target), { throwIfNoEntry: false });
  if (stat?.isFile() !== true)
    throw new ArchiveError(`the archive links '${path.basename(at)}' to what is no file in it`);
  makeRoom(at);
  fs.copyFileSync(native(target), native(at), fs.constants.COPYFILE_EXCL);
}
