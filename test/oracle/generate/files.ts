/** Directories of generated files, and what can be asked of them. */
import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Random } from "./random.ts";

/** In this order: a file reads only those after it, so that none reads itself. */
const NAMES = ["a.nix", "b.nix", "default.nix", "lib", "link", "odd +name", "run.sh", "sub", "é"];

let folder: string | null = null;
let count = 0;

/** Where the directories are; gone when the process ends. */
function place(): string {
  if (folder !== null) return folder;
  const made = mkdtempSync(join(tmpdir(), "snowglobe-files-"));
  process.once("exit", () => rmSync(made, { recursive: true, force: true }));
  folder = made;
  return made;
}

function contents(r: Random, name: string): string {
  const later = NAMES.slice(NAMES.indexOf(name) + 1);
  const other = () => `(./. + "/${r.pick(later)}")`;
  return r.pick([
    () => '"text"',
    () => "{\n  a = 1;\tb = __curPos;\n  é = 2; }".replace("é = 2", "c.d = 2"),
    () => `import ${other()}`,
    () => `{ it = import ${other()}; at = __curPos.line; }`,
    () => `builtins.readFile ${other()}`,
    () => "builtins.attrNames (builtins.readDir ./.)",
    () => "{ n ? 1, ... }: n",
    () => "/* é */ [ x ./. ../. ]",
    () => "# nothing",
    () => "toString ./sub/..",
    () => "<here/b.nix>",
  ])();
}

function fill(r: Random, directory: string, depth: number): void {
  mkdirSync(directory, { recursive: true });
  for (const name of NAMES) {
    const path = join(directory, name);
    if (r.chance(0.3)) continue;
    if (name === "link")
      symlinkSync(r.pick(["a.nix", "b.nix", "sub", "lib", ".", "sub/b.nix", "nowhere"]), path);
    else if (!name.endsWith(".nix") && depth > 0 && r.chance(0.7)) fill(r, path, depth - 1);
    else writeFileSync(path, contents(r, name));
    if (name === "run.sh") chmodSync(path, 0o755);
  }
}

export function files(r: Random): string {
  const directory = join(place(), String(++count));
  mkdirSync(directory);
  fill(r, join(directory, "top"), 1);
  const name = () => r.pick([...NAMES, "sub/b.nix", "lib/sub", "link/a.nix", "sub/../a.nix", "."]);
  const path = () => `(${directory}/top + "/${name()}")`;
  const filter = r.pick([
    't != "symlink"',
    't == "regular" || t == "directory"',
    'baseNameOf p != "sub"',
    "true",
  ]);
  return r.pick([
    () => `import ${path()}`,
    () => `import ${path()}`,
    () => `import "${directory}/top/${name()}"`,
    () =>
      `scopedImport { x = 1; __nixPath = [ { prefix = "here"; path = ${path()}; } ]; } ${path()}`,
    () => `builtins.readDir ${path()}`,
    () =>
      `builtins.mapAttrs (n: t: builtins.readFileType (${directory}/top + "/\${n}")) (builtins.readDir ${directory}/top)`,
    () => `builtins.readFile ${path()}`,
    () => `map builtins.pathExists [ ${path()} ${path()} ${path()} ]`,
    () => `builtins.hashFile "sha256" ${path()}`,
    () => `"\${${path()}}"`,
    () => `builtins.path { path = ${path()}; name = "n"; filter = p: t: ${filter}; }`,
    () => `builtins.filterSource (p: t: ${filter}) ${path()}`,
    () => `builtins.unsafeGetAttrPos "b" (import ${path()})`,
    () =>
      `builtins.findFile [ { prefix = "p"; path = ${path()}; } { prefix = ""; path = ${directory}/top; } ] "${r.pick(["p", "p/b.nix", "sub", "b.nix", "no"])}"`,
    () =>
      `let __nixPath = [ { prefix = "here"; path = ${path()}; } ]; in <here/${r.pick(["a.nix", "sub", "b.nix"])}>`,
    () =>
      `(derivation { name = "d"; builder = ${path()}; system = "s"; src = ${path()}; }).drvPath`,
  ])();
}
