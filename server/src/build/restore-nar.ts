/** Makes the files that an archive describes, with the modes and times of store objects. */
import * as fs from "node:fs";
import type { ByteString } from "../base/bytes.ts";
import type { NarEvents } from "../store/nar-parse.ts";
import { nodePath } from "./node-path.ts";

/** Store objects carry no dates: all of them were changed one second after the epoch. */
export const STORE_TIME = 1;

/**
 * For a parser, which has checked the names. `root` must not exist. Nothing that exists is written to:
 * the archive's own links are never followed, as every name comes once.
 */
export function restoreNar(root: ByteString): NarEvents & { close(): void } {
  let fd = -1;
  const at = (below: ByteString) => nodePath(below === "" ? root : `${root}/${below}`);
  const close = () => {
    if (fd >= 0) fs.closeSync(fd);
    fd = -1;
  };
  return {
    directory: (below) => fs.mkdirSync(at(below), 0o755),
    endDirectory(below) {
      fs.chmodSync(at(below), 0o555);
      fs.utimesSync(at(below), STORE_TIME, STORE_TIME);
    },
    file(below, executable) {
      fd = fs.openSync(at(below), "wx", 0o600);
      fs.fchmodSync(fd, executable ? 0o555 : 0o444);
    },
    contents(chunk) {
      for (let done = 0; done < chunk.length; ) done += fs.writeSync(fd, chunk, done);
    },
    endFile() {
      fs.futimesSync(fd, STORE_TIME, STORE_TIME);
      close();
    },
    symlink(below, target) {
      fs.symlinkSync(nodePath(target), at(below));
      fs.lutimesSync(at(below), STORE_TIME, STORE_TIME);
    },
    /** After a failure in the middle. */
    close,
  };
}
