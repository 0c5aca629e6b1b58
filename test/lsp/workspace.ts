/** A folder of files for one test, gone afterwards. */
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { pathToFileURL } from "node:url";

export interface Workspace {
  readonly folder: string;
  path(name: string): string;
  uri(name: string): string;
  write(name: string, contents: string | Uint8Array): string;
  remove(): void;
}

export function makeWorkspace(
  files: Readonly<Record<string, string | Uint8Array>> = {},
): Workspace {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), "snowglobe-lsp-")));
  const path = (name: string) => join(folder, name);
  const uri = (name: string) => pathToFileURL(path(name)).href;
  const write = (name: string, contents: string | Uint8Array) => {
    mkdirSync(dirname(path(name)), { recursive: true });
    writeFileSync(path(name), contents);
    return uri(name);
  };
  for (const [name, contents] of Object.entries(files)) write(name, contents);
  return {
    folder,
    path,
    uri,
    write,
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}

/** A derivation that needs no package set. */
export const drv = (name: string, more = "") =>
  `derivation { name = "${name}"; system = "x86_64-linux"; builder = "/bin/sh"; ${more} }`;
