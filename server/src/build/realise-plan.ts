/** Does what a plan says: fetches and builds, as much at the same time as allowed. */
import type { ByteString } from "../base/bytes.ts";
import { type Derivation, outputPathOf } from "../store/derivation.ts";
import { StoreError } from "../store/error.ts";
import { buildDerivation } from "./build-derivation.ts";
import { BuildError, BuildFailure } from "./build-error.ts";
import type { DetailedPlan, Fetch } from "./build-plan.ts";
import { fetchPath } from "./fetch-path.ts";
import type { PrivateEngineOptions } from "./private-engine.ts";
import { Slots } from "./slots.ts";
import type { BuildOptions } from "./store-engine.ts";

export type RealiseOptions = PrivateEngineOptions &
  BuildOptions & {
    readonly cores: number;
    readonly maxJobs: number;
    /** Gets the paths that could not be fetched; `undefined`: that is a failure. */
    readonly failedFetches: Set<ByteString> | undefined;
  };

/** More connections make nothing faster. */
const FETCHES_AT_ONCE = 16;

/** The outcome of one derivation or path. */
type Done = "ok" | "failed" | "ended";

/**
 * False: some paths could not be fetched; they are in `failedFetches`, and a new plan is needed.
 * Throws `BuildFailure`, and the signal's reason when it came; nothing runs any more then.
 */
export async function realisePlan(plan: DetailedPlan, options: RealiseOptions): Promise<boolean> {
  return await new Realisation(plan, options).run();
}

class Realisation {
  readonly #plan: DetailedPlan;
  readonly #options: RealiseOptions;
  readonly #failures: Error[] = [];
  /** Ends what runs, after a failure or by the caller. */
  readonly #end = new AbortController();
  readonly #signal: AbortSignal;
  readonly #builds: Slots;
  readonly #fetches = new Slots(FETCHES_AT_ONCE);
  readonly #derivations = new Map<ByteString, Promise<Done>>();
  readonly #paths = new Map<ByteString, Promise<Done>>();
  #ids = 1;
  #fallback = false;

  constructor(plan: DetailedPlan, options: RealiseOptions) {
    this.#plan = plan;
    this.#options = options;
    this.#builds = new Slots(Math.max(1, options.maxJobs));
    const outer = options.signal;
    this.#signal =
      outer === undefined ? this.#end.signal : AbortSignal.any([outer, this.#end.signal]);
  }

  async run(): Promise<boolean> {
    const plan = this.#plan;
    this.#options.signal?.throwIfAborted();
    for (const path of plan.unknown)
      this.#failed(
        new StoreError(`path '${path}' is required, but there is no substituter that can build it`),
      );
    this.#options.observer?.({
      kind: "planned",
      builds: [...plan.derivations.values()].filter(({ action }) => action === "build").length,
      fetches: plan.fetches.size,
    });
    await Promise.all([
      ...Array.from(plan.derivations.keys(), (drvPath) => this.#derivation(drvPath)),
      ...Array.from(plan.fetches.keys(), (path) => this.#path(path)),
    ]);
    this.#options.signal?.throwIfAborted();
    if (this.#failures.length > 0) throw new BuildFailure(this.#failures);
    return !this.#fallback;
  }

  #failed(error: Error): Done {
    // What was ended because of another failure is none itself.
    if (this.#signal.aborted) return "ended";
    this.#failures.push(error);
    if (this.#options.keepGoing !== true) this.#end.abort();
    return "failed";
  }

  #derivation(drvPath: ByteString): Promise<Done> {
    let done = this.#derivations.get(drvPath);
    if (done === undefined) {
      done = this.#realise(drvPath);
      this.#derivations.set(drvPath, done);
    }
    return done;
  }

  async #realise(drvPath: ByteString): Promise<Done> {
    const planned = this.#plan.derivations.get(drvPath);
    if (planned === undefined) return this.#path(drvPath);
    const { drv, wanted, action } = planned;
    if (action === "valid") return "ok";
    if (action === "fetch") {
      const paths = Array.from(wanted, (name) => outputOf(drv, name));
      const results = await Promise.all(paths.map((path) => this.#path(path)));
      return worst(results);
    }
    const inputs = await Promise.all([
      ...Array.from(drv.inputDrvs.keys(), (input) => this.#derivation(input)),
      ...drv.inputSrcs.map((path) => this.#path(path)),
    ]);
    const failed = inputs.filter((input) => input === "failed").length;
    if (failed > 0) {
      this.#failures.push(
        new BuildError(
          drvPath,
          `${failed} dependencies of derivation '${drvPath}' failed to build`,
        ),
      );
      return "failed";
    }
    if (worst(inputs) !== "ok") return "ended";
    return this.#builds.run(async () => {
      if (this.#signal.aborted) return "ended";
      try {
        await buildDerivation(drvPath, planned, this.#options, this.#signal, this.#ids++);
        return "ok";
      } catch (error) {
        return this.#failed(error as Error);
      }
    });
  }

  #path(path: ByteString): Promise<Done> {
    let done = this.#paths.get(path);
    if (done === undefined) {
      const fetch = this.#plan.fetches.get(path);
      if (fetch !== undefined) done = this.#fetch(fetch);
      else if (this.#plan.unknown.has(path)) {
        done = Promise.resolve("failed");
      } else done = Promise.resolve("ok");
      this.#paths.set(path, done);
    }
    return done;
  }

  async #fetch({ info, from }: Fetch): Promise<Done> {
    const others = info.references.filter((reference) => reference !== info.path);
    const results = await Promise.all(others.map((reference) => this.#path(reference)));
    const before = worst(results);
    if (before !== "ok") return before;
    return this.#fetches.run(async () => {
      if (this.#signal.aborted) return "ended";
      try {
        await fetchPath(info, from, this.#options, this.#signal, this.#ids++);
        return "ok";
      } catch (error) {
        const { failedFetches } = this.#options;
        if (failedFetches === undefined || this.#signal.aborted)
          return this.#failed(error as Error);
        this.#options.observer?.({ kind: "warning", message: (error as Error).message });
        failedFetches.add(info.path);
        this.#fallback = true;
        return "ended";
      }
    });
  }
}

function worst(results: readonly Done[]): Done {
  if (results.includes("failed")) return "failed";
  return results.includes("ended") ? "ended" : "ok";
}

function outputOf(drv: Derivation, name: ByteString): ByteString {
  const output = drv.outputs.get(name);
  return (output && outputPathOf(output)) ?? "";
}
