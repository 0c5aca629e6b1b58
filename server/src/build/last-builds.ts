/**
 * What was built of a file, or entered as a shell, the last time: a small text file per Nix file in the
 * user's store. The derivations themselves are in the store for as long as no garbage is collected.
 */
import * as fs from "node:fs";
import { bytesFromText } from "../base/bytes.ts";
import type { PrivateStore } from "./private-store.ts";

/** A derivation of a file. */
export interface BuiltMember {
  readonly name: string;
  readonly drvPath: string;
}

/** By attribute; "" is the value of the file. */
export type BuiltMembers = Readonly<Record<string, BuiltMember>>;

export class LastBuilds {
  readonly #store: PrivateStore;

  constructor(store: PrivateStore) {
    this.#store = store;
  }

  /** @param file absolute */
  of(file: string): BuiltMembers {
    try {
      const written: { file: string; members: BuiltMembers } = JSON.parse(
        fs.readFileSync(this.#place(file), "utf8"),
      );
      return written.file === file ? written.members : {};
    } catch {
      return {};
    }
  }

  /** What else was built of the file stays what it was. */
  add(file: string, members: BuiltMembers): void {
    const place = this.#place(file);
    const partial = `${place}.${process.pid}`;
    fs.mkdirSync(`${this.#store.root}/last-builds`, { recursive: true });
    const text = JSON.stringify({ file, members: { ...this.of(file), ...members } });
    fs.writeFileSync(partial, `${text}\n`);
    fs.renameSync(partial, place);
  }

  #place(file: string): string {
    const { hasher } = this.#store.context;
    const name = hasher.hex("sha256", bytesFromText(file)).slice(0, 32);
    return `${this.#store.root}/last-builds/${name}.json`;
  }
}
