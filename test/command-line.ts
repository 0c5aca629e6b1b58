/** What the command line says about the examples, for tests of the editors' side. */
import { execFileSync } from "node:child_process";
import { join } from "node:path";

const root = join(import.meta.dirname, "..");

export const program = join(root, "bin/snowglobe.js");

/** The value of an expression. @param folder a copy of examples/, whose package set is `<nixpkgs>` */
export function evaluate(folder: string, expression: string): unknown {
  const lookup = `nixpkgs=${join(folder, "nixpkgs")}`;
  const options = ["--eval", "--strict", "--json", "-I", lookup, "-E", expression];
  const output = execFileSync(process.execPath, [program, "instantiate", ...options], {
    encoding: "utf8",
  });
  return JSON.parse(output);
}

/** The `.drv` of an expression that gives a derivation. */
export function drvPath(folder: string, expression: string): string {
  return String(evaluate(folder, `(${expression}).drvPath`));
}

/** The part of a derivation's hash that hints show. */
export function shownHash(path: string): string {
  return path.slice(path.lastIndexOf("/") + 1).slice(0, 7);
}
