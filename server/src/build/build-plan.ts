/** What has to be built and what can be fetched, found by walking from the wanted outputs to their inputs. */
import type { ByteString } from "../base/bytes.ts";
import { type Derivation, outputPathOf } from "../store/derivation.ts";
import { StoreError } from "../store/error.ts";
import type { NarInfo } from "../store/nar-info.ts";
import type { DerivationOptions } from "./derivation-options.ts";
import type { BuildPlan, BuildTarget } from "./store-engine.ts";
import type { Substituter } from "./substituter.ts";

export interface Fetch {
  readonly info: NarInfo;
  readonly from: Substituter;
}

/** What planning asks of a store. */
export interface PlanSource {
  isValid(path: ByteString): boolean;
  /** Of a valid `.drv`. Throws `StoreError` for one that is not right. */
  derivation(drvPath: ByteString): {
    readonly drv: Derivation;
    readonly options: DerivationOptions;
  };
  /** The first cache that has a path. */
  findFetch(path: ByteString): Promise<Fetch | undefined>;
}

export interface PlannedDerivation {
  readonly drv: Derivation;
  readonly options: DerivationOptions;
  /** Output names. */
  readonly wanted: Set<ByteString>;
  action: "valid" | "fetch" | "build";
}

export class DetailedPlan {
  readonly derivations = new Map<ByteString, PlannedDerivation>();
  readonly fetches = new Map<ByteString, Fetch>();
  readonly unknown = new Set<ByteString>();
  readonly #source: PlanSource;
  /** Paths that were or are looked at. */
  readonly #paths = new Set<ByteString>();
  readonly #started: Promise<void>[] = [];

  private constructor(source: PlanSource) {
    this.#source = source;
  }

  static async make(source: PlanSource, targets: readonly BuildTarget[]): Promise<DetailedPlan> {
    const plan = new DetailedPlan(source);
    for (const target of targets) plan.#start(plan.#derivation(target.drvPath, target.outputs));
    // What is looked at may lead to more.
    for (let done = 0; done < plan.#started.length; done++) await plan.#started[done];
    plan.#refuseCycles();
    return plan;
  }

  /** No names: all outputs. */
  async #derivation(drvPath: ByteString, outputs: readonly ByteString[]): Promise<void> {
    let planned = this.derivations.get(drvPath);
    if (planned === undefined) {
      if (!this.#source.isValid(drvPath)) {
        this.unknown.add(drvPath);
        return;
      }
      const { drv, options } = this.#source.derivation(drvPath);
      planned = { drv, options, wanted: new Set(), action: "valid" };
      this.derivations.set(drvPath, planned);
    }
    const { drv, wanted, options } = planned;
    const more = (outputs.length === 0 ? [...drv.outputs.keys()] : outputs).filter(
      (name) => !wanted.has(name),
    );
    for (const name of more) wanted.add(name);
    if (planned.action === "build" || more.length === 0) return;
    const paths = more.map((name) => {
      const output = drv.outputs.get(name);
      return output === undefined ? undefined : outputPathOf(output);
    });
    const missing = paths.filter((path) => path === undefined || !this.#source.isValid(path));
    if (missing.length === 0) return;
    const found = await Promise.all(
      missing.map((path) =>
        path === undefined || !options.allowSubstitutes ? undefined : this.#source.findFetch(path),
      ),
    );
    // Another visit may have decided meanwhile.
    if ((planned.action as string) === "build") return;
    if (found.every((each) => each !== undefined)) {
      planned.action = "fetch";
      for (const path of missing) this.#path(path as ByteString);
      return;
    }
    planned.action = "build";
    for (const [path, names] of drv.inputDrvs) this.#start(this.#derivation(path, names));
    for (const path of drv.inputSrcs) this.#path(path);
  }

  #start(work: Promise<void>): void {
    // A failure is thrown where all are waited for.
    work.catch(() => {});
    this.#started.push(work);
  }

  /** Plans to fetch a path that is not valid, with all it refers to. */
  #path(path: ByteString): void {
    if (this.#paths.has(path)) return;
    this.#paths.add(path);
    if (!this.#source.isValid(path)) this.#start(this.#fetch(path));
  }

  async #fetch(path: ByteString): Promise<void> {
    const found = await this.#source.findFetch(path);
    if (found === undefined) {
      this.unknown.add(path);
      return;
    }
    this.fetches.set(path, found);
    for (const reference of found.info.references) this.#path(reference);
  }

  /** A cache may claim that paths refer to each other in a circle; fetching them would never begin. */
  #refuseCycles(): void {
    const done = new Set<ByteString>();
    const visit = (path: ByteString, above: ReadonlySet<ByteString>) => {
      const info = this.fetches.get(path)?.info;
      if (info === undefined || done.has(path)) return;
      if (above.has(path)) throw new StoreError(`cycle detected in the references of '${path}'`);
      const here = new Set(above).add(path);
      for (const reference of info.references) if (reference !== path) visit(reference, here);
      done.add(path);
    };
    for (const path of this.fetches.keys()) visit(path, new Set());
  }

  /** What of it people see; inputs come before what needs them. */
  summary(): BuildPlan {
    const build: ByteString[] = [];
    const seen = new Set<ByteString>();
    const visit = (drvPath: ByteString) => {
      const planned = this.derivations.get(drvPath);
      if (planned?.action !== "build" || seen.has(drvPath)) return;
      seen.add(drvPath);
      for (const input of [...planned.drv.inputDrvs.keys()].sort()) visit(input);
      build.push(drvPath);
    };
    // In the order in which Nix prints them.
    for (const drvPath of [...this.derivations.keys()].sort()) visit(drvPath);
    const infos = Array.from(this.fetches.values(), ({ info }) => info);
    return {
      build,
      fetch: [...this.fetches.keys()].sort(),
      unknown: [...this.unknown].sort(),
      downloadSize: infos.reduce((sum, info) => sum + (info.location?.fileSize ?? 0), 0),
      narSize: infos.reduce((sum, info) => sum + info.narSize, 0),
    };
  }
}
