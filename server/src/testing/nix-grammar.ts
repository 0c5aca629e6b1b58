/** The committed grammar, loaded once per test file that asks for it. */
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { NixGrammar } from "../syntax/tree-sitter-document.ts";

let loaded: Promise<NixGrammar> | null = null;

export function nixGrammar(): Promise<NixGrammar> {
  loaded ??= NixGrammar.load(
    readFileSync(createRequire(import.meta.url).resolve("web-tree-sitter/web-tree-sitter.wasm")),
    readFileSync(new URL("../../../grammars/nix/tree-sitter-nix.wasm", import.meta.url)),
  );
  return loaded;
}
