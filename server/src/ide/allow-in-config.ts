/**
 * The fix that puts a setting into nixpkgs' `config`: into the call of nixpkgs that this file makes,
 * or, in a NixOS module, into `nixpkgs.config`.
 */
import type { AttrSet, Expr } from "../syntax/ast.ts";
import type { Fix, TextReplacement } from "./diagnostic.ts";
import type { SourceFile } from "./source-file.ts";
import { walk } from "./walk.ts";

/** @param setting a binding with its semicolon, `allowUnfree = true;` */
export function allowInConfig(file: SourceFile, setting: string): Fix[] {
  const argument = nixpkgsArgument(file.syntax.expr);
  if (argument) {
    const edits = [intoConfig(file, argument, setting)];
    return [{ title: `Add config.${setting}`, isPreferred: true, edits }];
  }
  const module = moduleSet(file.syntax.expr);
  if (!module) return [];
  const edits = [insertInto(file, module, `nixpkgs.config.${setting}`)];
  return [{ title: `Add nixpkgs.config.${setting}`, isPreferred: true, edits }];
}

/** The set in `import <nixpkgs> { }`, `import nixpkgs { }`, `import ./pinned.nix { }`. */
function nixpkgsArgument(root: Expr): AttrSet | null {
  let found: AttrSet | null = null;
  walk(root, (expr) => {
    if (found || expr.kind !== "Call" || expr.fn.kind !== "Var" || expr.fn.name !== "import")
      return found === null;
    const [, set] = expr.args;
    if (set?.kind === "AttrSet") found = set;
    return true;
  });
  return found;
}

/** The set of `{ config, … }: { … }`. */
function moduleSet(root: Expr): AttrSet | null {
  if (root.kind !== "Lambda" || !root.formals?.ellipsis) return null;
  const takesConfig = root.formals.items.some(({ name }) => name === "config");
  return takesConfig && root.body.kind === "AttrSet" ? root.body : null;
}

function intoConfig(file: SourceFile, argument: AttrSet, setting: string): TextReplacement {
  for (const binding of argument.bindings) {
    if (binding.kind !== "Value" || binding.path[0]?.name !== "config") continue;
    if (binding.path.length === 1 && binding.value.kind === "AttrSet")
      return insertInto(file, binding.value, setting);
  }
  return insertInto(file, argument, `config.${setting}`);
}

/** As the first binding of a set, on a line of its own where the others have one. */
function insertInto(file: SourceFile, set: AttrSet, binding: string): TextReplacement {
  const { source } = file;
  const at = source.indexOf("{", set.start) + 1;
  const [first] = set.bindings;
  const between = first ? source.slice(at, first.start) : "";
  const layout = /^\s*$/.test(between) && between !== "" ? between : " ";
  return { start: at, end: at, text: `${layout}${binding}${first ? "" : " "}`.replace(/ +$/, "") };
}
