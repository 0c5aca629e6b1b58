/** The engine that needs no Nix and no privileges: the private store, sandboxed builds, binary caches. */
import * as fs from "node:fs";
import * as os from "node:os";
import { type ByteString, bytesFromText, bytesToText } from "../base/bytes.ts";
import { type Derivation, outputPathOf } from "../store/derivation.ts";
import { StoreError } from "../store/error.ts";
import { dumpNar, type NarSink, type NarSource } from "../store/nar.ts";
import type { PathInfo } from "../store/path-info.ts";
import { invalidPath, type Store, type StoreObject } from "../store/store.ts";
import { makeTextPath, type StoreContext } from "../store/store-path.ts";
import { bubblewrapEnter } from "./bubblewrap.ts";
import { buildDerivation } from "./build-derivation.ts";
import { BuildFailure } from "./build-error.ts";
import { DetailedPlan, type Fetch, type PlannedDerivation, type PlanSource } from "./build-plan.ts";
import { type DerivationOptions, derivationOptions } from "./derivation-options.ts";
import { diskTree, removeTree } from "./disk-tree.ts";
import type { Fetcher } from "./download.ts";
import { isolation } from "./isolation.ts";
import { nodePath } from "./node-path.ts";
import type { PrivateStore } from "./private-store.ts";
import { realisePlan } from "./realise-plan.ts";
import type { SandboxPath } from "./sandbox-paths.ts";
import type {
  BuildOptions,
  BuildPlan,
  BuildTarget,
  RealisedTarget,
  StoreEngine,
} from "./store-engine.ts";
import type { Substituter } from "./substituter.ts";
import { writeObject } from "./write-object.ts";

export interface PrivateEngineOptions {
  readonly store: PrivateStore;
  /** Nix's name of this machine. */
  readonly system: ByteString;
  readonly fetcher: Fetcher;
  readonly substituters: readonly Substituter[];
  /** What of the machine builders see. */
  readonly sandboxPaths: readonly SandboxPath[];
}

/** So many locks are taken at once; each is an open file. */
const LOCKS_AT_ONCE = 100;

export class PrivateEngine implements StoreEngine {
  readonly #options: PrivateEngineOptions;
  readonly #store: PrivateStore;
  readonly #derivations = new Map<
    ByteString,
    { readonly drv: Derivation; readonly options: DerivationOptions }
  >();

  #ordered: Promise<Substituter[]> | undefined;

  constructor(options: PrivateEngineOptions) {
    this.#options = options;
    this.#store = options.store;
  }

  get context(): StoreContext {
    return this.#store.context;
  }

  async addEvaluated(store: Pick<Store, "objects">, files: NarSource): Promise<void> {
    await this.#add([...store.objects()], files);
  }

  async addText(
    name: ByteString,
    contents: ByteString,
    references: readonly ByteString[],
  ): Promise<ByteString> {
    const path = makeTextPath(this.context, name, contents, references);
    await this.#add([[path, { kind: "text", contents, references }]], diskTree);
    return path;
  }

  /** What refers to others comes after them. */
  async #add(
    objects: readonly (readonly [ByteString, StoreObject])[],
    files: NarSource,
  ): Promise<void> {
    await this.#store.open();
    const missing = objects.filter(([path]) => !this.#store.isValid(path));
    for (let at = 0; at < missing.length; at += LOCKS_AT_ONCE) {
      const some = missing.slice(at, at + LOCKS_AT_ONCE);
      const lock = await this.#store.lockPaths(some.map(([path]) => path));
      try {
        for (const [path, object] of some)
          if (!this.#store.isValid(path)) this.#write(path, object, files);
      } finally {
        lock.release(true);
      }
    }
  }

  #write(path: ByteString, object: StoreObject, files: NarSource): void {
    const directory = this.#store.workDirectory();
    const tree = `${directory}/object`;
    try {
      const written = writeObject(this.context.hasher, tree, path, object, files);
      this.#store.install(path, tree);
      this.#store.register({ path, ...written, deriver: undefined, signatures: [] });
    } finally {
      removeTree(directory);
    }
  }

  async pathInfo(path: ByteString): Promise<PathInfo | undefined> {
    return this.#store.info(path);
  }

  async closure(path: ByteString): Promise<ByteString[]> {
    return this.#store.closure([path]);
  }

  async narFromPath(path: ByteString, sink: NarSink): Promise<void> {
    if (!this.#store.isValid(path)) throw invalidPath(path);
    dumpNar(diskTree, this.#store.physicalPath(path), sink);
  }

  async queryMissing(
    targets: readonly BuildTarget[],
    options: BuildOptions = {},
  ): Promise<BuildPlan> {
    return (await this.#plan(targets, options)).summary();
  }

  async realise(
    targets: readonly BuildTarget[],
    options: BuildOptions = {},
  ): Promise<RealisedTarget[]> {
    await this.#store.open();
    const failedFetches = new Set<ByteString>();
    for (;;) {
      const plan = await this.#plan(targets, options, failedFetches);
      const done = await realisePlan(plan, {
        ...this.#options,
        ...this.#limits(options),
        // A download that fails is left out of the next plan.
        failedFetches: options.fallback === true ? failedFetches : undefined,
      });
      if (done) break;
    }
    return this.outputsOf(targets);
  }

  async rebuild(
    targets: readonly BuildTarget[],
    options: BuildOptions = {},
  ): Promise<RealisedTarget[]> {
    await this.#store.open();
    const inputs: BuildTarget[] = [];
    for (const { drvPath } of targets) {
      const { drv } = this.#derivation(drvPath);
      const paths = [...drv.outputs.values()].map(outputPathOf);
      if (!paths.every((path) => path !== undefined && this.#store.isValid(path))) {
        throw new StoreError(
          `some outputs of '${drvPath}' are not valid, so checking is not possible`,
        );
      }
      for (const [input, outputs] of drv.inputDrvs) inputs.push({ drvPath: input, outputs });
    }
    await this.realise(inputs, options);
    const all = { ...this.#options, ...this.#limits(options), failedFetches: undefined };
    const signal = options.signal ?? new AbortController().signal;
    const failures: Error[] = [];
    for (const [i, { drvPath }] of targets.entries()) {
      const { drv, options: own } = this.#derivation(drvPath);
      const planned = { drv, options: own, wanted: new Set(drv.outputs.keys()), action: "build" };
      try {
        // Numbers above those of the builds of inputs.
        const id = (1 << 30) + i;
        await buildDerivation(drvPath, planned as PlannedDerivation, all, signal, id, true);
      } catch (error) {
        signal.throwIfAborted();
        failures.push(error as Error);
        if (options.keepGoing !== true) break;
      }
    }
    if (failures.length > 0) throw new BuildFailure(failures);
    return this.outputsOf(targets);
  }

  #limits(options: BuildOptions) {
    return {
      ...options,
      cores: options.cores ?? os.availableParallelism(),
      maxJobs: options.maxJobs ?? os.availableParallelism(),
    };
  }

  /** The paths of outputs, built or not. */
  async outputsOf(targets: readonly BuildTarget[]): Promise<RealisedTarget[]> {
    return targets.map((target) => {
      const { drv } = this.#derivation(target.drvPath);
      const names = target.outputs.length === 0 ? [...drv.outputs.keys()] : target.outputs;
      return { drvPath: target.drvPath, outputs: new Map(names.map((n) => [n, pathOf(drv, n)])) };
    });
  }

  /** @param except paths that are not to be fetched */
  async #plan(
    targets: readonly BuildTarget[],
    { signal }: BuildOptions,
    except: Iterable<ByteString> = [],
  ): Promise<DetailedPlan> {
    const without = new Set(except);
    const source: PlanSource = {
      isValid: (path) => this.#store.isValid(path),
      derivation: (drvPath) => this.#derivation(drvPath),
      findFetch: async (path) => (without.has(path) ? undefined : this.#findFetch(path, signal)),
    };
    for (;;) {
      const plan = await DetailedPlan.make(source, targets);
      // A path is of no use when something it refers to is nowhere.
      const useless = [...plan.fetches.values()].filter(({ info }) =>
        info.references.some((reference) => plan.unknown.has(reference)),
      );
      if (useless.length === 0) return plan;
      for (const { info } of useless) without.add(info.path);
    }
  }

  async #findFetch(path: ByteString, signal?: AbortSignal): Promise<Fetch | undefined> {
    for (const from of await this.#substituters()) {
      const info = await from.query(path, signal);
      if (info !== undefined) return { info, from };
    }
    return undefined;
  }

  /** In the order in which they are asked. */
  #substituters(): Promise<Substituter[]> {
    this.#ordered ??= (async () => {
      const all = this.#options.substituters;
      const priorities = await Promise.all(all.map((each) => each.priority()));
      const ranked = all.map((each, i) => ({ each, priority: priorities[i] as number }));
      return ranked.sort((a, b) => a.priority - b.priority).map(({ each }) => each);
    })();
    return this.#ordered;
  }

  #derivation(drvPath: ByteString) {
    let known = this.#derivations.get(drvPath);
    if (known === undefined) {
      const drv = this.#store.derivation(drvPath);
      known = { drv, options: derivationOptions(drv) };
      this.#derivations.set(drvPath, known);
    }
    return known;
  }

  physicalPath(path: ByteString): ByteString {
    return this.#store.physicalPath(path);
  }

  enterCommand(command: readonly string[]): string[] {
    const { root, physicalStoreDir } = this.#store;
    const { kind, program } = isolation();
    if (kind === "bwrap") return bubblewrapEnter(program, physicalStoreDir, command);
    return [...[program, "enter", bytesToText(physicalStoreDir), `${root}/mount`], ...command];
  }

  async addRoot(link: string, path: ByteString): Promise<void> {
    await this.#store.open();
    const partial = `${link}.${process.pid}.tmp`;
    fs.rmSync(partial, { force: true });
    fs.symlinkSync(nodePath(path), partial);
    fs.renameSync(partial, link);
    // Kept as long as the link is there: the collector looks at it.
    const name = this.context.hasher.hex("sha256", bytesFromText(link)).slice(0, 32);
    const root = `${this.#store.root}/roots/${name}`;
    fs.rmSync(root, { force: true });
    fs.symlinkSync(link, root);
  }

  close(): void {
    this.#store.close();
  }
}

function pathOf(drv: Derivation, name: ByteString): ByteString {
  const output = drv.outputs.get(name);
  if (output === undefined) {
    throw new StoreError(`derivation '${drv.name}' does not have an output named '${name}'`);
  }
  const path = outputPathOf(output);
  if (path === undefined) {
    throw new StoreError(
      `output '${name}' of '${drv.name}' has no path before it is built, which cannot be built yet`,
    );
  }
  return path;
}
