import * as fs from "node:fs";
import type { ByteString } from "../base/bytes.ts";
import { nodePath } from "../build/node-path.ts";
import type { RealisedTarget, StoreEngine } from "../build/store-engine.ts";
import {
  parseShellEnvironment,
  type ShellEnvironment,
  ShellEnvironmentError,
} from "./shell-environment.ts";

/**
 * The environment that an environment derivation has written down, read from its outputs. Throws
 * `ShellEnvironmentError` when none of them is one.
 */
export function readShellEnvironment(
  engine: Pick<StoreEngine, "physicalPath">,
  { drvPath, outputs }: RealisedTarget,
): { readonly environment: ShellEnvironment; readonly path: ByteString } {
  for (const path of outputs.values()) {
    const file = nodePath(engine.physicalPath(path));
    if (!fs.statSync(file).isFile()) continue;
    const text = fs.readFileSync(file, "latin1");
    if (text !== "") return { environment: parseShellEnvironment(text), path };
  }
  throw new ShellEnvironmentError(`'${drvPath}' has not written down its environment`);
}
