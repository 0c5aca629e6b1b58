/**
 * Bugs to plant in the evaluator, one at a time: the generators are good when they find them
 * (`npm run fuzz -- --planted`). Each is a slip that tests of single values easily miss.
 */
export interface PlantedBug {
  name: string;
  /** In `server/src`. */
  file: string;
  /** Stands there once. */
  search: string;
  replacement: string;
}

export const PLANTED_BUGS: readonly PlantedBug[] = [
  {
    name: "sort is not stable where runs are merged",
    file: "eval/lib/stable-sort.ts",
    search: "out.push(less(right[j] as T, left[i] as T) ? (right[j++] as T) : (left[i++] as T));",
    replacement:
      "out.push(less(left[i] as T, right[j] as T) ? (left[i++] as T) : (right[j++] as T));",
  },
  {
    name: "filter looks at the function of an empty list",
    file: "eval/builtins/lists.ts",
    search: `      if (list.length === 0) return [];
      const fn = expectFunction(ev, f, 0, argument("first", "filter"));`,
    replacement: `      const fn = expectFunction(ev, f, 0, argument("first", "filter"));
      if (list.length === 0) return [];`,
  },
  {
    name: "attributes are gone through from the name that was read last",
    file: "eval/symbol-order.ts",
    search: "(ranks[a] as number) - (ranks[b] as number)",
    replacement: "(ranks[b] as number) - (ranks[a] as number)",
  },
  {
    name: "layers of a large set are merged with the lower one on top",
    file: "eval/attrs.ts",
    search: "top = overlaid(base, top);",
    replacement: "top = overlaid(top, base);",
  },
  {
    name: "__ignoreNulls is ignored in derivations with structured attributes",
    file: "eval/builtins/derivation.ts",
    search: "if (ignoreNulls && force(slot) === null) continue;",
    replacement: "if (ignoreNulls && !structured && force(slot) === null) continue;",
  },
  {
    name: "`pre` in a version is older than numbers and nothing only",
    file: "eval/lib/version.ts",
    search: 'if (a === "pre" && b !== "pre") return true;',
    replacement: 'if (a === "pre" && (b === "" || numberB !== undefined)) return true;',
  },
  {
    name: "a repeated group does not note its empty match",
    file: "eval/lib/regex.ts",
    search: `              (roundCount[state] as number) >= 2
            ) {
              state = next[state] as number;
              break;`,
    replacement: `              (roundCount[state] as number) >= 1
            ) {
              break forward;`,
  },
  {
    name: "floats have an exponent one digit too late",
    file: "eval/lib/float-format.ts",
    search: "if (exponent < -4 || exponent >= 6) {",
    replacement: "if (exponent < -5 || exponent >= 6) {",
  },
  {
    name: "toJSON writes a backspace as any other control character",
    file: "eval/lib/json-string.ts",
    search: '  "\\b": "\\\\b",\n',
    replacement: "",
  },
  {
    name: "of the underscores of a float in TOML only the first is dropped",
    file: "eval/lib/toml.ts",
    search: 'const value = Number(word.replaceAll("_", ""));',
    replacement: 'const value = Number(word.replace("_", ""));',
  },
  {
    name: "toXML looks into derivations whose drvPath is empty",
    file: "eval/to-xml.ts",
    search: 'drvPath !== null && drvPath !== "" && !drvs.has(drvPath)',
    replacement: "drvPath !== null && !drvs.has(drvPath)",
  },
  {
    name: "a list is less than an equal one",
    file: "eval/compare.ts",
    search: `      if (i === b.length) return false;
      if (i === a.length) return true;`,
    replacement: `      if (i === a.length) return true;
      if (i === b.length) return false;`,
  },
  {
    name: "baseNameOf drops all slashes at the end",
    file: "eval/builtins/paths.ts",
    search: 'text.endsWith("/") && text.length > 1 ? text.slice(0, -1) : text',
    replacement: 'text.replace(/(?<=.)\\/+$/, "")',
  },
  {
    name: "a separator that is not used does not count for the context",
    file: "eval/builtins/strings.ts",
    search: "contexts.add(stringContext(separator));",
    replacement: "if (list.length > 1) contexts.add(stringContext(separator));",
  },
  {
    name: "what arguments of a builder refer to is no input",
    file: "eval/builtins/derivation.ts",
    search: `    draft.args.push(stringText(s));
    if (typeof s !== "string") draft.contexts.add(s.context);`,
    replacement: "    draft.args.push(stringText(s));",
  },
  {
    name: "genericClosure evaluates what is new only when its turn comes",
    file: "eval/builtins/generic-closure.ts",
    search: "for (const next of more) queue.push(force(next));",
    replacement: "for (const next of more) queue.push(next);",
  },
  {
    name: "an argument that is null is replaced by its default, another argument",
    file: "eval/runtime.ts",
    search: "env[from + i] = slot === undefined ? formal.fill(env) : slot;",
    replacement: "env[from + i] = slot ?? (formal.isRequired ? null : formal.fill(env));",
  },
  {
    name: "__overrides does not reach the set itself",
    file: "eval/compile.ts",
    search: "set = set.update(overrides);",
    replacement: "set = overrides.update(set);",
  },
  {
    name: "in an indented string the line of an escape does not count",
    file: "syntax/indented-string.ts",
    search: `        atLineStart = false;
        if (current < least) least = current;
      }
      continue;`,
    replacement: `        atLineStart = false;
      }
      continue;`,
  },
  {
    name: "replaceStrings finds no empty pattern at the end",
    file: "eval/builtins/strings.ts",
    search: "for (let at = 0; at <= text.length; ) {",
    replacement: "for (let at = 0; at < text.length; ) {",
  },
  {
    name: "listToAttrs wants a value of a name that is there already",
    file: "eval/builtins/sets.ts",
    search: `    if (seen.has(name)) continue;
    seen.add(name);
    const value = need(set, "value", "in a {name=...; value=...;} pair");`,
    replacement: `    const value = need(set, "value", "in a {name=...; value=...;} pair");
    if (seen.has(name)) continue;
    seen.add(name);`,
  },
];
