/**
 * What an error of the module system is about. It names the option, not the place, and in every release
 * in words of its own: "The option `a.b' does not exist", "A definition for option `a.b' is not of type …".
 */
import type { ByteString } from "../base/bytes.ts";
import { type Configuration, optionNames } from "./describe-option.ts";
import type { Evaluator } from "./evaluator.ts";
import { bestMatches } from "./lib/suggestions.ts";

export interface OptionError {
  /** As the message writes it: `users.users.alice.shell`, `a.[definition 1-entry 2]` for an item of a list. */
  readonly name: ByteString;
  /** Of what is defined: that there is no such option, or that its value is wrong. Else its value is missing. */
  readonly problem: "unknown" | "value" | "undefined";
  /** Options that an unknown one may be meant to be, best first. */
  readonly near: readonly ByteString[];
}

const OPEN = "(?:[`']|\xe2\x80\x98)";
const CLOSE = "(?:[`']|\xe2\x80\x99)";
const NAMED = new RegExp(
  `^(?:error: )?(?:The (?:unique )?option(?: value)?|A definition for option) ${OPEN}(.+?)${CLOSE}(?= )(.*)`,
  "s",
);
// What an option of another file defines is "in `/file.nix, via option a.b'".
const QUOTED_PATH = new RegExp(`${OPEN}(/.*?)(?:, via option .*?)?${CLOSE}`, "g");

/** Null for other errors. */
export function optionError(message: ByteString): OptionError | null {
  const found = NAMED.exec(message);
  if (!found) return null;
  const [, name = "", said = ""] = found;
  return { name, problem: problemOf(said), near: [] };
}

/** Files that a message names, as those do that are about definitions of an option: in quotes. */
export function namedFiles(message: ByteString): ByteString[] {
  const found = message.matchAll(QUOTED_PATH);
  return [...new Set([...found].flatMap(([, path]) => path ?? []))];
}

function problemOf(said: ByteString): OptionError["problem"] {
  if (/^[^\n]* does not exist\b/.test(said)) return "unknown";
  return /^ (?:is used but not defined|was accessed but has no value)/.test(said)
    ? "undefined"
    : "value";
}

/** Names beside one that is unknown: `services.nginx.enable` for `services.nginx.enabel`. */
export function nearOptions(
  ev: Evaluator,
  configuration: Configuration,
  name: ByteString,
): ByteString[] {
  const steps = name.split(".");
  let above: ByteString[] = [];
  /** The step before this one is a key of the user's own, in which messages of old releases do not quote dots. */
  let isBehindKey = false;
  for (const [at, wanted] of steps.entries()) {
    const found = optionNames(ev, configuration, above);
    const names = (found ?? []).map((option) => option.name);
    if (found === null || names.includes(wanted)) above = [...above, wanted];
    else if (isBehindKey && at < steps.length - 1) {
      above = [...above.slice(0, -1), `${above.at(-1)}.${wanted}`];
      continue;
    } else return bestMatches(names, wanted).map((match) => [...above, match].join("."));
    isBehindKey = found === null;
  }
  return [];
}
