/**
 * Which option a name in a module stands for: `services.openssh.enable`, whether it is written as one
 * or nested, in what `mkIf` and the like are given, in submodules and in lists of them.
 */
import { bytesToText } from "../base/bytes.ts";
import type { Span } from "../scope/bindings.ts";
import { fileRole } from "../scope/file-role.ts";
import type { AttrSet, Expr } from "../syntax/ast.ts";
import type { OptionStep } from "./evaluation-view.ts";
import type { SourceFile } from "./source-file.ts";

export interface OptionPath extends Span {
  readonly names: readonly OptionStep[];
}

/** The option whose last name is at an offset; null elsewhere, and in files that are no modules. */
export function optionPath(file: SourceFile, offset: number): OptionPath | null {
  const { expr } = file.syntax;
  const role = file.directory === null ? null : fileRole(expr, file.id);
  const found = role === "module" || role === "home" ? inValue(expr, offset, []) : null;
  if (found === null) return null;
  const names = found.names[0] === "config" ? found.names.slice(1) : found.names;
  return names.length === 0 || NOT_OPTIONS.has(names[0] ?? "") ? null : { ...found, names };
}

/** What else a module says. */
const NOT_OPTIONS = new Set(["imports", "options", "_module", "disabledModules", "meta"]);

/** Functions that say when or how strongly their last argument is meant. */
const MEANT = new Set([
  "mkAfter",
  "mkBefore",
  "mkDefault",
  "mkForce",
  "mkIf",
  "mkMerge",
  "mkOptionDefault",
  "mkOrder",
  "mkOverride",
  "mkVMOverride",
  "optionalAttrs",
]);

function inValue(value: Expr, offset: number, above: readonly OptionStep[]): OptionPath | null {
  if (offset < value.start || value.end < offset) return null;
  switch (value.kind) {
    case "AttrSet":
      return inSet(value, offset, above);
    case "List":
      return firstOf(value.items, (item) => inValue(item, offset, [...above, null]));
    case "Lambda":
    case "Let":
    case "With":
    case "Assert":
      return inValue(value.body, offset, above);
    case "Binary":
      return inValue(value.left, offset, above) ?? inValue(value.right, offset, above);
    case "Call": {
      const last = value.args[value.args.length - 1];
      const name = functionName(value.fn);
      if (!last || name === null || !MEANT.has(name)) return null;
      // What is merged is no list of its own.
      const parts = name === "mkMerge" && last.kind === "List" ? last.items : [last];
      return firstOf(parts, (part) => inValue(part, offset, above));
    }
    default:
      return null;
  }
}

function inSet(set: AttrSet, offset: number, above: readonly OptionStep[]): OptionPath | null {
  const binding = set.bindings.find(({ start, end }) => start <= offset && offset < end);
  if (binding?.kind !== "Value") return null;
  const names = [...above];
  for (const { start, end, name } of binding.path) {
    names.push(name === null ? null : bytesToText(name));
    if (start <= offset && offset <= end) return name === null ? null : { start, end, names };
  }
  return inValue(binding.value, offset, names);
}

function functionName(fn: Expr): string | null {
  if (fn.kind === "Var") return fn.name;
  return fn.kind === "Select" ? (fn.path[fn.path.length - 1]?.name ?? null) : null;
}

function firstOf<T, R>(items: readonly T[], find: (item: T) => R | null): R | null {
  for (const item of items) {
    const found = find(item);
    if (found !== null) return found;
  }
  return null;
}
