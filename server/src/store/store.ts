/** What an evaluation needs of a store. */
import type { ByteString } from "../base/bytes.ts";
import type { IngestionMethod } from "./content-address.ts";
import type { Derivation } from "./derivation.ts";
import type { HashModulo } from "./derivation-hash.ts";
import { StoreError } from "./error.ts";
import type { Hash } from "./hash.ts";
import type { DerivationSpec, MadeDerivation } from "./make-derivation.ts";
import type { StoreContext } from "./store-path.ts";

/** A file or tree outside the store whose contents belong to a store path. */
export interface SourceObject {
  /** `nar`: the tree at `origin`; `flat`: the file at `origin`. */
  readonly method: IngestionMethod;
  /** Of the NAR or the file. Who writes the object out checks it, as `origin` may have changed. */
  readonly hash: Hash;
  /** Where the contents are, an absolute path. */
  readonly origin: ByteString;
  /** When a filter left files out: the files and directories below `origin`
   *  that were taken, without its prefix. */
  readonly included?: ReadonlySet<ByteString>;
  /** Store paths that the contents refer to: of a copy of something in the store. Sorted. */
  readonly references?: readonly ByteString[];
}

/** What the store was given since it was made, by path. */
export type StoreObject =
  | {
      readonly kind: "text";
      readonly contents: ByteString;
      readonly references: readonly ByteString[];
    }
  | { readonly kind: "derivation"; readonly drv: Derivation }
  | { readonly kind: "source"; readonly source: SourceObject };

export interface Store {
  readonly context: StoreContext;
  /** Adds a text file that refers to store paths; gives its path. */
  addText(name: ByteString, contents: ByteString, references: Iterable<ByteString>): ByteString;
  /** Adds a file or tree whose hash is known; gives its path. */
  addSource(name: ByteString, source: SourceObject): ByteString;
  /** Completes a derivation and adds it. The input derivations must be in the store. */
  addDerivation(spec: DerivationSpec): MadeDerivation;
  /** Throws `StoreError` when it is not valid or no derivation. */
  readDerivation(drvPath: ByteString): Derivation;
  /** Throws as `readDerivation`. */
  hashModulo(drvPath: ByteString): HashModulo;
  isValidPath(path: ByteString): boolean;
  /** The store paths that a valid path refers to. Throws `StoreError` when it is not valid. */
  references(path: ByteString): readonly ByteString[];
  /** What was added under a path; `undefined` for paths that were valid before. */
  object(path: ByteString): StoreObject | undefined;
  /** Everything that was added, inputs before what needs them. */
  objects(): Iterable<readonly [path: ByteString, object: StoreObject]>;
}

/** The error for a path that is not valid, in Nix's words. */
export function invalidPath(path: ByteString): StoreError {
  return new StoreError(`path '${path}' is not valid`);
}

/** A path and everything it refers to, directly or not; sorted. Throws as `Store.references`. */
export function storeClosure(store: Store, path: ByteString): ByteString[] {
  const found = new Set([path]);
  for (const each of found) for (const reference of store.references(each)) found.add(reference);
  return [...found].sort();
}
