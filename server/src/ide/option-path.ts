/** Which option a name in a module stands for: `services.openssh.enable`, whether it is written as one or nested. */
import { bytesToText } from "../base/bytes.ts";
import type { Span } from "../scope/bindings.ts";
import { fileRole, resultSet } from "../scope/file-role.ts";
import type { AttrSet } from "../syntax/ast.ts";
import type { SourceFile } from "./source-file.ts";

export interface OptionPath extends Span {
  readonly names: readonly string[];
}

/** The option whose last name is at an offset; null elsewhere, and in files that are no modules. */
export function optionPath(file: SourceFile, offset: number): OptionPath | null {
  const { expr } = file.syntax;
  const role = file.directory === null ? null : fileRole(expr, file.id);
  const set = role === "module" || role === "home" ? resultSet(expr) : null;
  const found = set === null ? null : pathIn(set, offset, []);
  if (found === null) return null;
  const names = found.names[0] === "config" ? found.names.slice(1) : found.names;
  return names.length === 0 || NOT_OPTIONS.has(names[0] ?? "") ? null : { ...found, names };
}

/** What else a module says. */
const NOT_OPTIONS = new Set(["imports", "options", "_module", "disabledModules", "meta"]);

function pathIn(set: AttrSet, offset: number, above: readonly string[]): OptionPath | null {
  const binding = set.bindings.find(({ start, end }) => start <= offset && offset < end);
  if (binding?.kind !== "Value") return null;
  const names = [...above];
  for (const step of binding.path) {
    if (step.name === null) return null;
    names.push(bytesToText(step.name));
    if (step.start <= offset && offset <= step.end)
      return { start: step.start, end: step.end, names };
  }
  return binding.value.kind === "AttrSet" ? pathIn(binding.value, offset, names) : null;
}
