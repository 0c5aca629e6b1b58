/** Loads the tolerant parser from the WebAssembly files beside the bundle. */
import { readFile } from "node:fs/promises";
import { NixGrammar } from "../syntax/tree-sitter-document.ts";

/** Rejects when the files are not there or the platform does not run them. */
export async function loadGrammar(): Promise<NixGrammar> {
  const [runtime, grammar] = await Promise.all([
    readFile(new URL("./web-tree-sitter.wasm", import.meta.url)),
    readFile(new URL("./tree-sitter-nix.wasm", import.meta.url)),
  ]);
  return NixGrammar.load(runtime, grammar);
}
