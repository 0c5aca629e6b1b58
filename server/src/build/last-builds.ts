/**
 * What was built of a file, or entered as a shell, the last time: a small text file per Nix file in the
 * user's store. Its derivations are kept, what they built is not, and neither are those of a file that is gone.
 */
import * as fs from "node:fs";
import { type ByteString, bytesFromText } from "../base/bytes.ts";
import type { PrivateStore } from "./private-store.ts";

/** A derivation of a file. */
export interface BuiltMember {
  readonly name: string;
  readonly drvPath: string;
}

/** By attribute; "" is the value of the file. */
export type BuiltMembers = Readonly<Record<string, BuiltMember>>;

interface Written {
  readonly file: string;
  readonly members: BuiltMembers;
}

/** Null for what is not there, or not whole. */
function read(place: string): Written | null {
  try {
    const found: Partial<Written> = JSON.parse(fs.readFileSync(place, "utf8"));
    const { file, members } = found;
    return file !== undefined && members !== undefined ? { file, members } : null;
  } catch {
    return null;
  }
}

export class LastBuilds {
  readonly #store: PrivateStore;

  constructor(store: PrivateStore) {
    this.#store = store;
  }

  /** @param file absolute */
  of(file: string): BuiltMembers {
    const written = read(this.#place(file));
    return written?.file === file ? written.members : {};
  }

  /** Paths of the derivations that are kept. */
  derivations(): ByteString[] {
    return this.#records().flatMap(({ written }) =>
      written && fs.existsSync(written.file)
        ? Object.values(written.members).map(({ drvPath }) => bytesFromText(drvPath))
        : [],
    );
  }

  /** Forgets what was built of files that are gone. */
  prune(): void {
    for (const { place, written } of this.#records())
      if (!written || !fs.existsSync(written.file)) fs.rmSync(place, { force: true });
  }

  #records(): { readonly place: string; readonly written: Written | null }[] {
    const folder = `${this.#store.root}/last-builds`;
    if (!fs.existsSync(folder)) return [];
    return fs
      .readdirSync(folder)
      .map((name) => `${folder}/${name}`)
      .map((place) => ({ place, written: read(place) }));
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
