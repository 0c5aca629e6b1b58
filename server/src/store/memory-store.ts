/** A store in memory: it computes paths and keeps what evaluations added, and writes nothing. */
import type { ByteString } from "../base/bytes.ts";
import { type Derivation, derivationReferences, parseDerivation } from "./derivation.ts";
import { type HashModulo, hashModulo } from "./derivation-hash.ts";
import { type DerivationSpec, type MadeDerivation, makeDerivation } from "./make-derivation.ts";
import { invalidPath, type SourceObject, type Store, type StoreObject } from "./store.ts";
import { makeFixedOutputPath, makeTextPath, type StoreContext, storePathOf } from "./store-path.ts";

/** A store that was there before, such as a real `/nix/store`: asked for what was not added. */
export interface StoreBehind {
  isValidPath(path: ByteString): boolean;
  /** The text of a valid `.drv` file. */
  readDerivationText(drvPath: ByteString): ByteString;
  references(path: ByteString): readonly ByteString[];
}

export class MemoryStore implements Store {
  readonly context: StoreContext;
  private readonly behind: StoreBehind | undefined;
  private readonly added = new Map<ByteString, StoreObject>();
  private readonly modulos = new Map<ByteString, HashModulo>();
  private readonly read = new Map<ByteString, Derivation>();

  constructor(context: StoreContext, behind?: StoreBehind) {
    this.context = context;
    this.behind = behind;
  }

  addText(name: ByteString, contents: ByteString, references: Iterable<ByteString>): ByteString {
    const sorted = [...new Set(references)].sort();
    const path = makeTextPath(this.context, name, contents, sorted);
    if (!this.added.has(path)) {
      this.added.set(path, { kind: "text", contents, references: sorted });
    }
    return path;
  }

  addSource(name: ByteString, source: SourceObject): ByteString {
    const references = { others: source.references ?? [], self: false };
    const path = makeFixedOutputPath(this.context, name, source.method, source.hash, references);
    if (!this.isReadAt(path, source.origin)) this.added.set(path, { kind: "source", source });
    return path;
  }

  /** Whether a place is in a store path, or in one that was copied from there: then it is there already. */
  private isReadAt(path: ByteString, origin: ByteString): boolean {
    let inside = storePathOf(this.context, origin);
    while (inside !== null && inside.storePath !== path) {
      const object = this.added.get(inside.storePath);
      if (object?.kind !== "source") return false;
      inside = storePathOf(this.context, object.source.origin + inside.below);
    }
    return inside !== null;
  }

  addDerivation(spec: DerivationSpec): MadeDerivation {
    const made = makeDerivation(this.context, spec, this.lookup);
    if (!this.added.has(made.drvPath)) {
      this.added.set(made.drvPath, { kind: "derivation", drv: made.drv });
      this.modulos.set(made.drvPath, made.modulo);
    }
    return made;
  }

  readDerivation(drvPath: ByteString): Derivation {
    const object = this.added.get(drvPath);
    if (object?.kind === "derivation") return object.drv;
    const known = this.read.get(drvPath);
    if (known !== undefined) return known;
    const drv = parseDerivation(this.context, drvPath, this.derivationText(drvPath, object));
    this.read.set(drvPath, drv);
    return drv;
  }

  /** A derivation may also have come as a text, through `builtins.toFile`. */
  private derivationText(drvPath: ByteString, object: StoreObject | undefined): ByteString {
    if (object?.kind === "text") return object.contents;
    if (this.behind?.isValidPath(drvPath)) return this.behind.readDerivationText(drvPath);
    throw invalidPath(drvPath);
  }

  hashModulo(drvPath: ByteString): HashModulo {
    return this.lookup(drvPath);
  }

  private readonly lookup = (drvPath: ByteString): HashModulo => {
    let modulo = this.modulos.get(drvPath);
    if (modulo === undefined) {
      modulo = hashModulo(this.context, this.readDerivation(drvPath), this.lookup);
      this.modulos.set(drvPath, modulo);
    }
    return modulo;
  };

  isValidPath(path: ByteString): boolean {
    return this.added.has(path) || (this.behind?.isValidPath(path) ?? false);
  }

  references(path: ByteString): readonly ByteString[] {
    const object = this.added.get(path);
    switch (object?.kind) {
      case "text":
        return object.references;
      case "derivation":
        return derivationReferences(object.drv);
      case "source":
        return object.source.references ?? [];
      case undefined:
        if (this.behind?.isValidPath(path)) return this.behind.references(path);
        throw invalidPath(path);
    }
  }

  object(path: ByteString): StoreObject | undefined {
    return this.added.get(path);
  }

  objects(): Iterable<readonly [path: ByteString, object: StoreObject]> {
    return this.added;
  }
}
