/** From settings and environment to the engine that builds. */

import * as path from "node:path";
import { type ByteString, bytesFromText } from "../base/bytes.ts";
import { binaryCaches } from "../build/binary-caches.ts";
import { PrivateEngine } from "../build/private-engine.ts";
import { PrivateStore } from "../build/private-store.ts";
import { privateStorePlace } from "../build/private-store-place.ts";
import { sandboxPaths } from "../build/sandbox-paths.ts";
import type { BuildOptions } from "../build/store-engine.ts";
import type { Substituter } from "../build/substituter.ts";
import { currentSystem, readNixSettings } from "../host/nix-settings.ts";
import { nodeHasher } from "../host/node-hash.ts";
import { DEFAULT_STORE_DIR, type StoreContext } from "../store/store-path.ts";
import type { BuildCommandOptions } from "./build-options.ts";
import { CliError } from "./cli-error.ts";

type Given = Pick<BuildCommandOptions, "settings" | "store" | "offline">;

/** The user's store, for reading. */
export function privateStore({ store }: Pick<Given, "store">): PrivateStore {
  const place = path.resolve(store ?? privateStorePlace(process.env));
  return new PrivateStore({ storeDir: DEFAULT_STORE_DIR, hasher: nodeHasher }, place);
}

export function privateEngine(
  given: Given,
  warn: (message: ByteString) => void,
  store = privateStore(given),
): PrivateEngine {
  const settings = readNixSettings(process.env, given.settings);
  return new PrivateEngine({
    store,
    system: bytesFromText(settings.get("system") || currentSystem()),
    fetcher: fetch,
    sandboxPaths: sandboxPaths(settings.get("sandbox-paths"), settings.get("extra-sandbox-paths")),
    substituters: given.offline ? [] : substituters(settings, store.context, warn),
  });
}

function substituters(
  settings: ReadonlyMap<string, string>,
  context: StoreContext,
  warn: (message: ByteString) => void,
): Substituter[] {
  try {
    return binaryCaches(settings, { context, fetcher: fetch, warn });
  } catch (error) {
    throw new CliError((error as Error).message);
  }
}

/** What `realise` takes of the settings. */
export function buildSettings({ settings: given }: Given): BuildOptions {
  const settings = readNixSettings(process.env, given);
  const count = (name: string) => {
    const value = settings.get(name);
    if (value === undefined || value === "auto" || value === "0") return undefined;
    if (!/^[0-9]+$/.test(value)) {
      throw new CliError(`setting '${name}' has invalid value '${value}'`);
    }
    return Number(value);
  };
  const maxJobs = count("max-jobs");
  const cores = count("cores");
  const timeout = count("timeout");
  const maxSilentTime = count("max-silent-time");
  return {
    ...(maxJobs === undefined ? {} : { maxJobs }),
    ...(cores === undefined ? {} : { cores }),
    ...(timeout === undefined ? {} : { timeout }),
    ...(maxSilentTime === undefined ? {} : { maxSilentTime }),
    ...(settings.get("keep-going") === "true" ? { keepGoing: true } : {}),
    ...(settings.get("keep-failed") === "true" ? { keepFailed: true } : {}),
    ...(settings.get("fallback") === "true" ? { fallback: true } : {}),
    environment: process.env,
  };
}
