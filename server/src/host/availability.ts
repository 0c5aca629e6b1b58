/**
 * What of derivations is in the user's store, what binary caches have, and what would have to be built.
 * Reading the store is free; caches are asked only when that is allowed.
 */
import { type ByteString, bytesFromText } from "../base/bytes.ts";
import type { BinaryCache } from "../build/binary-cache.ts";
import { binaryCaches } from "../build/binary-caches.ts";
import { DetailedPlan, type Fetch, type PlanSource } from "../build/build-plan.ts";
import { derivationOptions } from "../build/derivation-options.ts";
import { PrivateStore } from "../build/private-store.ts";
import { privateStorePlace } from "../build/private-store-place.ts";
import { Slots } from "../build/slots.ts";
import type { BuildState, ShellPlan } from "../ide/evaluation-view.ts";
import { environmentDerivation } from "../shell/environment-derivation.ts";
import { type Derivation, outputPathOf } from "../store/derivation.ts";
import { StoreError } from "../store/error.ts";
import type { MemoryStore } from "../store/memory-store.ts";
import type { Availability, AvailabilityQuestion } from "./evaluation-protocol.ts";
import { readNixSettings } from "./nix-settings.ts";

/** Questions to caches at the same time. */
const QUESTIONS_AT_ONCE = 16;
/** After so many ms caches are asked anew: what they had not may be there now. */
const CACHES_KEPT = 10 * 60_000;

export class AvailabilityLookup {
  readonly #evaluated: MemoryStore;
  readonly #store: PrivateStore;
  readonly #slots = new Slots(QUESTIONS_AT_ONCE);
  #caches: { key: string; made: number; list: readonly BinaryCache[] } | undefined;

  /** @param evaluated holds the derivations that are asked for */
  constructor(evaluated: MemoryStore) {
    this.#evaluated = evaluated;
    this.#store = new PrivateStore(evaluated.context, privateStorePlace(process.env));
  }

  async answer(question: AvailabilityQuestion): Promise<Availability> {
    const caches = this.#cachesFor(question);
    const source = this.#source(caches ?? []);
    const isKnown = () => caches?.every((cache) => !cache.isBroken) ?? false;
    const states: Record<string, BuildState> = {};
    const shells: Record<string, ShellPlan> = {};
    await Promise.all([
      ...question.derivations.map(async (drvPath) => {
        const state = await this.#stateOf(bytesFromText(drvPath), source, isKnown);
        if (state !== undefined) states[drvPath] = state;
      }),
      ...question.shells.map(async (drvPath) => {
        const plan = await this.#shellPlan(bytesFromText(drvPath), source, isKnown);
        if (plan !== undefined) shells[drvPath] = plan;
      }),
    ]);
    return { states, shells };
  }

  /** `undefined`: what is in caches is not to be found out. */
  #cachesFor(question: AvailabilityQuestion): readonly BinaryCache[] | undefined {
    const { substituters, trustedPublicKeys, mayAsk } = question;
    const key = JSON.stringify([substituters, trustedPublicKeys]);
    const now = Date.now();
    if (this.#caches?.key !== key || now - this.#caches.made > CACHES_KEPT) {
      const given: [string, string][] = [];
      if (substituters !== null) given.push(["substituters", substituters.join(" ")]);
      if (trustedPublicKeys !== null)
        given.push(["trusted-public-keys", trustedPublicKeys.join(" ")]);
      const { context } = this.#evaluated;
      let list: readonly BinaryCache[];
      try {
        const settings = readNixSettings(process.env, given);
        list = binaryCaches(settings, { context, fetcher: fetch, warn: () => {} });
      } catch {
        // A build says what is wrong with the settings.
        return undefined;
      }
      this.#caches = { key, made: now, list };
    }
    const { list } = this.#caches;
    return mayAsk || list.length === 0 ? list : undefined;
  }

  #source(caches: readonly BinaryCache[]): PlanSource {
    const findFetch = async (path: ByteString): Promise<Fetch | undefined> => {
      for (const from of caches) {
        const info = await this.#slots.run(() => from.query(path));
        if (info !== undefined) return { info, from };
      }
      return undefined;
    };
    return {
      isValid: (path) => this.#store.isValid(path) || this.#evaluated.object(path) !== undefined,
      derivation: (drvPath) => {
        const drv = this.#evaluated.readDerivation(drvPath);
        return { drv, options: derivationOptions(drv) };
      },
      findFetch,
    };
  }

  /** Of the output that a derivation stands for when none is named. */
  async #stateOf(
    drvPath: ByteString,
    source: PlanSource,
    isKnown: () => boolean,
  ): Promise<BuildState | undefined> {
    try {
      const { drv, options } = source.derivation(drvPath);
      const output = defaultOutput(drv);
      if (output === undefined) return undefined;
      if (source.isValid(output)) return "built";
      if (options.allowSubstitutes && (await source.findFetch(output))) return "cached";
      return isKnown() ? "to-build" : undefined;
    } catch (error) {
      return nothingKnown(error);
    }
  }

  async #shellPlan(
    drvPath: ByteString,
    source: PlanSource,
    isKnown: () => boolean,
  ): Promise<ShellPlan | undefined> {
    try {
      const shell = environmentDerivation(this.#evaluated, drvPath);
      const done = { here: 0, fetch: 0, downloadSize: 0, build: 0 };
      const isBuilt = [...shell.drv.outputs.values()].every((output) => {
        const path = outputPathOf(output);
        return path !== undefined && source.isValid(path);
      });
      if (isBuilt) return done;
      // Without caches everything that is not there would seem to need a build.
      if (!isKnown()) return undefined;
      const plan = await DetailedPlan.make(source, [{ drvPath: shell.drvPath, outputs: [] }]);
      if (!isKnown() || plan.unknown.size > 0) return undefined;
      const { fetch, build, downloadSize } = plan.summary();
      const here = [...plan.derivations.values()].filter(({ action }) => action === "valid");
      return { here: here.length, fetch: fetch.length, downloadSize, build: build.length };
    } catch (error) {
      return nothingKnown(error);
    }
  }
}

/** What cannot be planned has no state; entering it says why. */
function nothingKnown(error: unknown): undefined {
  if (error instanceof StoreError) return undefined;
  throw error;
}

function defaultOutput(drv: Derivation): ByteString | undefined {
  const [first] = (drv.env.get("outputs") ?? "").split(/\s+/);
  const output = drv.outputs.get(first || "out") ?? [...drv.outputs.values()][0];
  return output && outputPathOf(output);
}

/** The place whose changes change answers. */
export function storeInfoDirectories(): string[] {
  return ["info", "last-builds"].map((name) => `${privateStorePlace(process.env)}/${name}`);
}
