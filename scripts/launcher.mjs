// Compiles the launcher of builds and dev shells into dist/, where there is a musl-gcc to do it.
import { spawnSync } from "node:child_process";
import { mkdirSync, renameSync } from "node:fs";
import { join } from "node:path";
import { findProgram, root } from "./bootstrap.mjs";

/** Where it is looked for at run time. */
export const launcher = join(root, "dist", `launcher-linux-${process.arch}`);

/** @returns {boolean} whether it was compiled; without a compiler the product builds nothing */
export function compileLauncher() {
  const compiler = process.platform === "linux" ? findProgram("musl-gcc") : undefined;
  if (compiler === undefined) return false;
  mkdirSync(join(root, "dist"), { recursive: true });
  const partial = `${launcher}.${process.pid}`;
  const options = ["-std=gnu11", "-Wall", "-Wextra", "-Werror", "-O2", "-static", "-s"];
  const source = join(root, "server/native/launcher.c");
  const { status } = spawnSync(compiler, [...options, "-o", partial, source], {
    stdio: ["ignore", 2, 2],
  });
  if (status !== 0) throw new Error("the launcher does not compile");
  renameSync(partial, launcher);
  return true;
}
