/** `builtins.fetchClosure` on the command line: from binary caches into the user's store. */
import type { ByteString } from "../base/bytes.ts";
import { binaryCache } from "../build/binary-caches.ts";
import { followsFromContents } from "../build/content-address.ts";
import { type CopyOptions, copyClosure, rewriteClosure } from "../build/copy-closure.ts";
import { DownloadError } from "../build/download.ts";
import type { Closures } from "../eval/closures.ts";
import { NixError } from "../eval/errors.ts";
import type { Evaluator } from "../eval/evaluator.ts";
import { readNixSettings } from "../host/nix-settings.ts";
import { StoreError } from "../store/error.ts";
import { type BuiltPaths, waitFor } from "./build-during-evaluation.ts";
import type { BuildCommandOptions } from "./build-options.ts";
import { withEngine } from "./with-engine.ts";

type Cache = ReturnType<typeof binaryCache>;

/** What became of what was tried: a path, or why there is none. The evaluation is begun anew meanwhile. */
const tried = new Map<string, { readonly path: ByteString } | { readonly failure: ByteString }>();

/** @param built the store behind that of the evaluation */
export function fetchClosures(
  ev: Evaluator,
  built: BuiltPaths,
  options: BuildCommandOptions,
): Closures {
  const { store } = built;
  const get = (
    how: string,
    path: ByteString,
    address: ByteString,
    work: (cache: Cache, copy: CopyOptions) => Promise<ByteString>,
  ): ByteString => {
    const key = `${how} ${path} ${address}`;
    const result = tried.get(key);
    if (result !== undefined) {
      if ("failure" in result) throw new NixError("io", result.failure);
      return result.path;
    }
    return waitFor(key, (to) =>
      withEngine(
        options,
        to,
        async (_, { signal = new AbortController().signal, observer = () => {} }) => {
          const warn = (message: ByteString) => observer({ kind: "warning", message });
          const settings = readNixSettings(process.env, options.settings);
          const { context } = store;
          const cache = binaryCache(address, settings, { context, fetcher: fetch, warn });
          await store.open();
          try {
            tried.set(key, { path: await work(cache, { store, observer, signal }) });
          } catch (error) {
            if (!(error instanceof StoreError || error instanceof DownloadError)) throw error;
            // With its trace, by the evaluation that asks again.
            tried.set(key, { failure: error.message });
          } finally {
            store.close();
          }
          return 0;
        },
      ),
    );
  };
  return {
    find(path) {
      const info = store.info(path);
      if (info === undefined) return null;
      for (const each of built.add(path)) ev.files.place(each, store.physicalPath(each));
      return followsFromContents(store.context, info);
    },
    copy(path, address) {
      get("copy", path, address, async (cache, copy) => {
        await copyClosure(cache, path, copy);
        return path;
      });
    },
    rewrite: (path, address) =>
      get("rewrite", path, address, (cache, copy) => rewriteClosure(cache, path, copy)),
  };
}
