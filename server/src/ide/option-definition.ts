/** Where a module defines an option that an error of the module system names. */
import { bytesToText } from "../base/bytes.ts";
import type { Span } from "../scope/bindings.ts";
import { resultSet } from "../scope/file-role.ts";
import type { AttrSet, Expr } from "../syntax/ast.ts";
import { meantValues } from "./option-path.ts";

export interface OptionDefinition extends Span {
  /** The last of the names, or the item. */
  readonly last: Span;
  /** What of the option's name is left: "" where all of it is written. */
  readonly rest: string;
}

/**
 * The names that lead furthest towards an option, or the item of a list; null when not even the first is there.
 *
 * @param name as messages write it: names may hold dots, and be in quotes for that
 */
export function optionDefinition(file: Expr, name: string): OptionDefinition | null {
  const set = resultSet(file);
  if (set === null) return null;
  const found = [inSet(set, name), ...set.attrs.map(({ value }) => inValue(value, name, null))];
  return best(found);
}

function inSet(set: AttrSet, wanted: string): OptionDefinition | null {
  const found = set.bindings.map((binding) => {
    if (binding.kind !== "Value") return null;
    let rest: string | null = wanted;
    let last: OptionDefinition | null = null;
    const [first] = binding.path;
    for (const part of binding.path) {
      const { end, name } = part;
      rest = name === null ? null : behind(rest, bytesToText(name));
      if (rest === null || first === undefined) return last;
      last = { start: first.start, end, last: part, rest };
    }
    return rest === null || rest === "" ? last : inValue(binding.value, rest, last);
  });
  return best(found);
}

function inValue(
  value: Expr,
  wanted: string,
  above: OptionDefinition | null,
): OptionDefinition | null {
  const found = meantValues(value).map((each) => {
    if (each.kind === "AttrSet") return inSet(each, wanted);
    const item = /^\[definition \d+-entry (\d+)\](?:\.|$)/.exec(wanted);
    const written = item && each.kind === "List" ? each.items[Number(item[1]) - 1] : undefined;
    if (!item || !written) return null;
    const { start, end } = written;
    const rest = wanted.slice(item[0].length);
    return inValue(written, rest, { start, end, last: written, rest });
  });
  return best([above, ...found]);
}

/** What of a name follows a step of it, null when it does not begin with that. */
function behind(name: string, step: string): string | null {
  for (const written of [step, `"${step}"`]) {
    if (name === written) return "";
    if (name.startsWith(`${written}.`)) return name.slice(written.length + 1);
  }
  return null;
}

function best(found: readonly (OptionDefinition | null)[]): OptionDefinition | null {
  return found.reduce((a, b) => (b && (!a || b.rest.length < a.rest.length) ? b : a), null);
}
