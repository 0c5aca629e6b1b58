/** Compiles the launcher before the tests of this folder. */
import { compileLauncher } from "../../scripts/launcher.mjs";

export function setup(): void {
  if (!compileLauncher()) throw new Error("no musl-gcc: install musl-tools");
}
