/** What one evaluation came to, in a form in which two Nixes can be compared. */

/** How a result is printed: `nix-instantiate --eval --strict`, plus `--json` or `--xml`. */
export type Mode = "value" | "json" | "xml";

export type Outcome =
  | { ok: true; text: string }
  | { ok: false; class: string; message: string; report: string };

/**
 * Kinds of failure by the words of the message, old and new. The first match counts; what no row
 * knows is "other", which is equal to any other "other".
 */
const CLASSES: readonly (readonly [name: string, message: RegExp])[] = [
  ["undefined variable", /^undefined variable '/],
  [
    "syntax",
    /^syntax error|^invalid (integer|float)|^attribute '.*' already defined|^(duplicate formal|dynamic attributes not allowed|unterminated|path '.*' has a trailing slash|path has a trailing slash|invalid token|repeated)/,
  ],
  ["feature", /^experimental Nix feature '/],
  ["TOML", /^while parsing (a )?TOML/],
  [
    "missing attribute",
    /^attribute '.*' missing|^required attribute '.*' missing|^attribute '.*' (was|is) missing|does not have an attribute|is not found|'key' attribute|^attribute 'key' required|missing in|'?(path|name|hash)'? (is )?required|^missing required 'path'/s,
  ],
  // What generated terms throw.
  ["thrown", /^thrown$/],
  ["argument", /called (without required|with unexpected) argument/],
  [
    "assertion",
    /^assertion .*failed|^assertion failed|is not equal to|compare as unequal$|^attribute names? .* (differs from|is contained in)/,
  ],
  ["infinite recursion", /^infinite recursion encountered/],
  ["stack overflow", /stack overflow/],
  ["division by zero", /division by zero/],
  ["overflow", /integer overflow|overflow in integer/],
  ["abort", /^evaluation aborted with the following error message/],
  [
    "store path reference",
    /is not allowed to refer to( a)? store path|cannot refer to other|is not allowed to refer/,
  ],
  ["duplicate attribute", /^dynamic attribute '.*' already defined/],
  ["regular expression", /regular expression/],
  ["search path", /was not found in the Nix search path/],
  ["no file", /No such file or directory|^getting status of .*: Not a directory$|does not exist/],
  ["coercion", /^cannot coerce /],
  [
    "type",
    /^(value is |expected a|cannot (add|compare|divide|multiply|convert)|attempt to call something which is not a function|cannot decode|.* is not of type|.*while a (set|list|string|function|path) was expected)/,
  ],
];

export function classOf(message: string): string {
  return CLASSES.find(([, pattern]) => pattern.test(message))?.[0] ?? "other";
}

/** The failure that a report on standard error tells, of any Nix version or ours. */
export function failure(stderr: string): Outcome {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: colours are control characters
  const plain = stderr.replace(/\x1b\[[0-9;]*m/g, "");
  // Newer versions print the trace first; the error is the last that starts so.
  const starts = [...plain.matchAll(/^ *error: (?=\S)/gm)];
  const start = starts.at(-1);
  if (start === undefined) return { ok: false, class: "crash", message: plain, report: plain };
  const lines = plain.slice(start.index + start[0].length).split("\n");
  // A suggestion is behind the place, and some versions print no place.
  const end = lines.findIndex((line) =>
    /^\s*$|^\s+at \S|^ *Did you mean .*\?$|^\(use '--show-trace'/.test(line),
  );
  const message = lines
    .slice(0, end < 0 ? lines.length : end)
    .map((line) => line.trim())
    .join("\n");
  const name = classOf(message);
  if (name !== "syntax" && name !== "undefined variable")
    return { ok: false, class: name, message, report: plain };
  const at = /^\s+at (\S+:\d+:\d+):/m.exec(plain.slice(start.index))?.[1];
  return { ok: false, class: `${name} at ${at}`, message, report: plain };
}

/** What the comparison looks at. */
export function summary(outcome: Outcome): string {
  return outcome.ok ? outcome.text : `error: ${outcome.class}`;
}
