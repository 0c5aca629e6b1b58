/** What the language server asks of the disk. Nothing here throws: what cannot be read is not there. */
import { readFileSync, statSync } from "node:fs";
import { homedir } from "node:os";
import { type ByteString, bytesFromUint8Array } from "../base/bytes.ts";

export interface DiskFiles {
  /** Links are followed. */
  kind(path: string): "file" | "directory" | null;
  /** The bytes of a file, or null when it cannot be read or is larger than `limit` bytes. */
  read(path: string, limit: number): ByteString | null;
  readonly home: string | null;
}

export const nodeFiles: DiskFiles = {
  kind(path) {
    try {
      const stat = statSync(path);
      return stat.isFile() ? "file" : stat.isDirectory() ? "directory" : null;
    } catch {
      return null;
    }
  },
  read(path, limit) {
    try {
      const stat = statSync(path);
      // A pipe or a device would block the server.
      if (!stat.isFile() || stat.size > limit) return null;
      return bytesFromUint8Array(readFileSync(path));
    } catch {
      return null;
    }
  },
  home: homedir() || null,
};
