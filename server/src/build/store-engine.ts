/**
 * The one interface through which derivations become store paths. Engines differ in where the store is
 * and who builds: our own private store, a Nix daemon, another machine.
 */
import type { ByteString } from "../base/bytes.ts";
import type { NarSink, NarSource } from "../store/nar.ts";
import type { PathInfo } from "../store/path-info.ts";
import type { Store } from "../store/store.ts";
import type { StoreContext } from "../store/store-path.ts";
import type { BuildObserver } from "./build-events.ts";

/** Outputs of a derivation. No names: all of them. */
export interface BuildTarget {
  readonly drvPath: ByteString;
  readonly outputs: readonly ByteString[];
}

/** What `realise` would do. */
export interface BuildPlan {
  /** Derivations to build, inputs first. */
  readonly build: readonly ByteString[];
  /** Paths to fetch from a cache, sorted. */
  readonly fetch: readonly ByteString[];
  /** Derivations and paths that are nowhere: nothing says how to build them. */
  readonly unknown: readonly ByteString[];
  /** Bytes of what is to fetch: as downloaded (as far as caches say), and unpacked. */
  readonly downloadSize: number;
  readonly narSize: number;
}

export interface BuildOptions {
  /** Ends every build and download of this call. */
  readonly signal?: AbortSignal;
  readonly observer?: BuildObserver;
  /** Derivations to build at the same time; default: the number of processors. */
  readonly maxJobs?: number;
  /** What builders may use (`NIX_BUILD_CORES`); default: the number of processors. */
  readonly cores?: number;
  /** After a failed download build instead. */
  readonly fallback?: boolean;
  /** After a failure, build what does not depend on it. */
  readonly keepGoing?: boolean;
  /** Leave the build directory of a failed build for inspection. */
  readonly keepFailed?: boolean;
  /** Seconds that a build may take, and may take without printing anything. */
  readonly timeout?: number;
  readonly maxSilentTime?: number;
  /** Variables for what a fixed-output derivation names in `impureEnvVars`. */
  readonly environment?: Readonly<Record<string, string | undefined>>;
}

export interface RealisedTarget {
  readonly drvPath: ByteString;
  /** The wanted outputs: name to path. */
  readonly outputs: ReadonlyMap<ByteString, ByteString>;
}

export interface StoreEngine {
  readonly context: StoreContext;

  /**
   * Puts what an evaluation added to its store (derivations, sources, texts) into this one.
   * @param files reads the files that sources are made of
   */
  addEvaluated(store: Pick<Store, "objects">, files: NarSource): Promise<void>;
  /** Adds a text file; gives its path. */
  addText(
    name: ByteString,
    contents: ByteString,
    references: readonly ByteString[],
  ): Promise<ByteString>;
  /** `undefined`: not valid. */
  pathInfo(path: ByteString): Promise<PathInfo | undefined>;
  /** A path and all it refers to, directly or not, sorted. Throws for a path that is not valid. */
  closure(path: ByteString): Promise<ByteString[]>;
  /** Throws `StoreError` for a path that is not valid. */
  narFromPath(path: ByteString, sink: NarSink): Promise<void>;

  queryMissing(targets: readonly BuildTarget[], options?: BuildOptions): Promise<BuildPlan>;
  /**
   * Builds or fetches; in the order of the targets. Throws `BuildFailure` when one fails, after all that
   * was running has ended, and `AbortError` when the signal came.
   */
  realise(targets: readonly BuildTarget[], options?: BuildOptions): Promise<RealisedTarget[]>;

  /**
   * Builds derivations again whose outputs are all valid, and compares. Nothing is changed. Throws as
   * `realise`, also when an output differs.
   */
  rebuild(targets: readonly BuildTarget[], options?: BuildOptions): Promise<RealisedTarget[]>;

  /** Where the bytes of a file in the store are on this machine. */
  physicalPath(path: ByteString): ByteString;
  /** A command line that runs a command, in its directory, where the store is at its logical place. */
  enterCommand(command: readonly string[]): string[];
  /** Keeps a path: the absolute path `link` becomes a symbolic link to it. */
  addRoot(link: string, path: ByteString): Promise<void>;
  /** Gives back what the engine holds. */
  close(): void;
}
