/**
 * Which option a name in a module stands for: `services.openssh.enable`, whether it is written as one
 * or nested, in what `mkIf` and the like are given, in submodules and in lists of them.
 */
import { bytesToText } from "../base/bytes.ts";
import type { Span } from "../scope/bindings.ts";
import { fileRole, MODULE_ROLES } from "../scope/file-role.ts";
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
  const found = role !== null && MODULE_ROLES.has(role) ? inValue(expr, offset, []) : null;
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
  const meant = meantValues(value).find(({ start, end }) => start <= offset && offset <= end);
  if (meant?.kind === "AttrSet") return inSet(meant, offset, above);
  if (meant?.kind !== "List") return null;
  return firstOf(meant.items, (item) => inValue(item, offset, [...above, null]));
}

/** The values that a definition means: what is behind `let`, `mkIf`, `mkMerge`, `++` and the like. */
export function meantValues(value: Expr): Expr[] {
  switch (value.kind) {
    case "Lambda":
    case "Let":
    case "With":
    case "Assert":
      return meantValues(value.body);
    case "Binary":
      return [...meantValues(value.left), ...meantValues(value.right)];
    case "Call": {
      const last = value.args[value.args.length - 1];
      const name = functionName(value.fn);
      if (!last || name === null || !MEANT.has(name)) return [];
      // What is merged is no list of its own.
      return name === "mkMerge" && last.kind === "List"
        ? last.items.flatMap(meantValues)
        : meantValues(last);
    }
    default:
      return [value];
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
