/**
 * What a program reads of an output of a derivation ("import from derivation") is built when the
 * evaluation asks for it: the evaluation ends as pending, the build runs, and the command starts again.
 */
import type { ByteString } from "../base/bytes.ts";
import type { PrivateStore } from "../build/private-store.ts";
import { Interruption } from "../eval/errors.ts";
import type { Evaluator } from "../eval/evaluator.ts";
import { readNixSettings } from "../host/nix-settings.ts";
import type { StoreBehind } from "../store/memory-store.ts";
import { invalidPath, storeClosure } from "../store/store.ts";
import type { BuildCommandOptions } from "./build-options.ts";
import { privateStore } from "./engine.ts";
import type { Output } from "./output.ts";
import { withEngine } from "./with-engine.ts";

const PREFIX = "build:";

/** Key of a pending answer to what builds it. */
const waiting = new Map<string, (output: Output) => Promise<number>>();

export function isBuildKey(key: string): boolean {
  return key.startsWith(PREFIX);
}

/** Ends the evaluation until the work, which gives an exit status, has been done. */
export function waitFor(name: string, work: (output: Output) => Promise<number>): never {
  const key = `${PREFIX}${name}`;
  waiting.set(key, work);
  throw new Interruption("pending", key);
}

/** False when it failed, which has been said. */
export async function buildPending(key: string, output: Output): Promise<boolean> {
  return (await waiting.get(key)?.(output)) === 0;
}

/** The paths of the user's store that the evaluation has read of, with all they refer to. */
export class BuiltPaths implements StoreBehind {
  readonly store: PrivateStore;
  readonly #known = new Set<ByteString>();

  constructor(options: BuildCommandOptions) {
    this.store = privateStore(options);
  }

  /** Gives the paths that are new. */
  add(path: ByteString): ByteString[] {
    const added = this.store.closure([path]).filter((each) => !this.#known.has(each));
    for (const each of added) this.#known.add(each);
    return added;
  }

  isValidPath(path: ByteString): boolean {
    return this.#known.has(path);
  }

  references(path: ByteString): readonly ByteString[] {
    const info = this.store.info(path);
    if (info === undefined) throw invalidPath(path);
    return info.references;
  }

  readDerivationText(): ByteString {
    // Every derivation that is read has been evaluated.
    throw new Error("the text of a derivation was asked of a store that holds outputs");
  }
}

/** @param built the store behind that of the evaluation */
export function buildDuringEvaluation(
  ev: Evaluator,
  built: BuiltPaths,
  options: BuildCommandOptions,
): void {
  const settings = readNixSettings(process.env, options.settings);
  if (settings.get("allow-import-from-derivation") === "false") return;
  ev.realise = (drvPath, output, outPath) => {
    if (built.store.isValid(outPath)) {
      for (const path of built.add(outPath)) ev.files.place(path, built.store.physicalPath(path));
      return;
    }
    waitFor(`${drvPath}^${output}`, (to) =>
      withEngine(options, to, async (engine, realise) => {
        const closure = new Set(storeClosure(ev.store, drvPath));
        const objects = [...ev.store.objects()].filter(([path]) => closure.has(path));
        await engine.addEvaluated({ objects: () => objects }, ev.files.storedSource());
        await engine.realise([{ drvPath, outputs: [output] }], realise);
        return 0;
      }),
    );
  };
}
