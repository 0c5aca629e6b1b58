/**
 * Store paths are logical: this says where their bytes are. What an evaluation adds is not copied into
 * any store; a tree is read in place, where it came from.
 */
import type { ByteString } from "../base/bytes.ts";
import { unparseDerivation } from "./derivation.ts";
import type { Store } from "./store.ts";
import { storePathOf } from "./store-path.ts";

export type StorePlace =
  /** On disk. `holds`: which names in the directory belong to the store object, when not all do. */
  | {
      readonly kind: "at";
      readonly path: ByteString;
      readonly holds?: (name: ByteString) => boolean;
    }
  /** The contents of a file that is nowhere on disk. */
  | { readonly kind: "text"; readonly text: ByteString }
  /** The store object has no such file, whatever is on disk. */
  | { readonly kind: "absent" };

export class StoreView {
  readonly #store: Store;
  /** Store paths that no store has been given, and where they are. */
  readonly #placed = new Map<ByteString, PlacedTree>();

  constructor(store: Store) {
    this.#store = store;
  }

  /** Whether a path is the store directory or on the way to it. */
  leadsToStore(path: ByteString): boolean {
    return `${this.#store.context.storeDir}/`.startsWith(`${path}/`);
  }

  place(
    storePath: ByteString,
    origin: ByteString,
    included?: ReadonlySet<ByteString> | undefined,
  ): void {
    this.#placed.set(storePath, { origin, included });
  }

  /** The store path that a canonical path is in, and the rest (`""` or `/…`). Null outside of the store. */
  split(path: ByteString): { storePath: ByteString; below: ByteString } | null {
    return storePathOf(this.#store.context, path);
  }

  /**
   * Where a canonical path below the store directory is. Null for everything that the store was not
   * given: it is at the path itself, if it is anywhere.
   */
  locate(path: ByteString): StorePlace | null {
    const split = this.split(path);
    if (split === null) return null;
    const { storePath, below } = split;
    const object = this.#store.object(storePath);
    if (object === undefined) {
      const placed = this.#placed.get(storePath);
      return placed === undefined
        ? null
        : placeIn(placed, below, { kind: "at", path: placed.origin + below });
    }
    if (object.kind !== "source") {
      if (below !== "") return { kind: "absent" };
      const text = object.kind === "text" ? object.contents : unparseDerivation(object.drv);
      return { kind: "text", text };
    }
    const { origin } = object.source;
    // A part of a store path that was added by itself.
    return placeIn(
      object.source,
      below,
      this.locate(origin + below) ?? { kind: "at", path: origin + below },
    );
  }
}

interface PlacedTree {
  readonly origin: ByteString;
  /** Which files in it belong to it; undefined: all. */
  readonly included?: ReadonlySet<ByteString> | undefined;
}

/** `place`, which is `below` in a tree, as far as it belongs to the tree. */
function placeIn({ included }: PlacedTree, below: ByteString, place: StorePlace): StorePlace {
  if (included === undefined || place.kind !== "at") return place;
  const inside = below.slice(1);
  if (inside !== "" && !included.has(inside)) return { kind: "absent" };
  const prefix = inside === "" ? "" : `${inside}/`;
  const { path: at, holds = () => true } = place;
  return {
    kind: "at",
    path: at,
    holds: (name) => included.has(prefix + name) && holds(name),
  };
}
