/**
 * Where the text of a module declares an option. The module system says the file only, and what
 * `mkEnableOption` and the like make has no places but those in their own file.
 */
import type { Expr, ValueBinding } from "../syntax/ast.ts";
import { writtenChildren } from "../syntax/children.ts";
import type { OptionStep } from "./find-option.ts";

interface Site {
  readonly binding: ValueBinding;
  /** How many of the option's names are written around it. */
  readonly known: number;
}

/**
 * The offset of the binding that declares an option, null when there is none, or more than one that may
 * be meant. Options of submodules, and sets of options that a variable holds, have only their last names
 * there.
 *
 * @param file the module
 */
export function optionDeclaration(file: Expr, names: readonly OptionStep[]): number | null {
  const sites = declarations(file, names);
  const most = Math.max(...sites.map(({ known }) => known));
  const [best, other] = sites.filter(({ known }) => known === most);
  return best === undefined || other !== undefined ? null : best.binding.start;
}

interface Place {
  readonly expr: Expr;
  /** The names of the bindings around it, outermost first; null for one that only an evaluation knows. */
  readonly above: readonly OptionStep[];
}

function declarations(file: Expr, names: readonly OptionStep[]): Site[] {
  const found: Site[] = [];
  const todo: Place[] = [{ expr: file, above: [] }];
  for (let place = todo.pop(); place !== undefined; place = todo.pop()) {
    const { expr, above } = place;
    const set = expr.kind === "Let" ? expr.attrs : expr;
    const inBindings = new Set<Expr>();
    for (const binding of set.kind === "AttrSet" ? set.bindings : []) {
      if (binding.kind !== "Value") continue;
      const path = [...above, ...binding.path.map(({ name }) => name)];
      inBindings.add(binding.value);
      todo.push({ expr: binding.value, above: path });
      const known = knownNames(path, names);
      if (known > 0 && (path.includes("options") || makesOption(binding.value)))
        found.push({ binding, known });
    }
    writtenChildren(expr, (child) => {
      if (!inBindings.has(child)) todo.push({ expr: child, above });
    });
  }
  return found;
}

/**
 * How many of an option's names the bindings around it give, in their order; 0 when it cannot be it: behind
 * `options` are the last names, without it at least the very last one.
 */
function knownNames(path: readonly OptionStep[], names: readonly OptionStep[]): number {
  const written = path.slice(path.lastIndexOf("options") + 1);
  const last = path.includes("options") ? written : written.slice(-1);
  const end = names.slice(-last.length);
  if (last.length === 0 || last.some((name, i) => name === null || name !== end[i])) return 0;
  let known = 0;
  for (let [at, next] = [names.length - 1, path.length - 1]; at >= 0 && next >= 0; next--) {
    const found = names.lastIndexOf(path[next] ?? "", at);
    if (found < 0) continue;
    known += 1;
    at = found - 1;
  }
  return known;
}

/** `mkEnableOption "…"`, `lib.mkOption { … }` and other functions that are called so. */
function makesOption(value: Expr): boolean {
  if (value.kind === "Binary") return makesOption(value.left);
  if (value.kind !== "Call") return false;
  const { fn } = value;
  const name = fn.kind === "Select" ? fn.path.at(-1)?.name : fn.kind === "Var" ? fn.name : null;
  return /^mk.*Option$/.test(name ?? "");
}
