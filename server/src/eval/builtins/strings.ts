/** Strings as bytes. */
import type { ByteString } from "../../base/bytes.ts";
import { Attrs } from "../attrs.ts";
import { ContextUnion, stringContext, stringText, withContext } from "../context.ts";
import { libErrors, NixError } from "../errors.ts";
import type { Evaluator } from "../evaluator.ts";
import { RegexCache } from "../lib/regex-cache.ts";
import { compareVersions, parseDrvName, splitVersion } from "../lib/version.ts";
import {
  coerceToString,
  expectInt,
  expectList,
  expectPlainString,
  expectString,
  INTERPOLATE,
  TO_STRING,
} from "../runtime.ts";
import type { NixString, Slot, Value } from "../values.ts";
import { behaves } from "../versions.ts";
import type { Definition } from "./define.ts";
import { argument } from "./lists.ts";

function substring(ev: Evaluator, a: Slot, b: Slot, c: Slot): Value {
  const start = Number(
    expectInt(
      ev,
      a,
      0,
      "while evaluating the first argument (the start offset) passed to builtins.substring",
    ),
  );
  if (start < 0) throw new NixError("eval", "negative start position in 'substring'");
  const length = Number(
    expectInt(
      ev,
      b,
      0,
      "while evaluating the second argument (the substring length) passed to builtins.substring",
    ),
  );
  const s = coerceToString(
    ev,
    c,
    0,
    "while evaluating the third argument (the string) passed to builtins.substring",
    INTERPOLATE,
  );
  const text = stringText(s);
  const part = length < 0 ? text.slice(start) : text.slice(start, start + length);
  return withContext(part, stringContext(s));
}

function concatStringsSep(ev: Evaluator, a: Slot, b: Slot): Value {
  const separator = expectString(
    ev,
    a,
    0,
    "while evaluating the first argument (the separator string) passed to builtins.concatStringsSep",
  );
  const list = expectList(
    ev,
    b,
    0,
    "while evaluating the second argument (the list of strings to concat) passed to builtins.concatStringsSep",
  );
  const contexts = new ContextUnion();
  contexts.add(stringContext(separator));
  const parts: ByteString[] = [];
  for (const item of list) {
    const s = coerceToString(
      ev,
      item,
      0,
      "while evaluating one element of the list of strings to concat passed to builtins.concatStringsSep",
      { more: false, copy: true },
    );
    parts.push(stringText(s));
    if (typeof s !== "string") contexts.add(s.context);
  }
  return withContext(parts.join(stringText(separator)), contexts.context);
}

function indicesOf<T>(items: readonly T[], wanted: (item: T) => boolean): number[] {
  return [...items.keys()].filter((i) => wanted(items[i] as T));
}

/** Joined at once: a string that grows by each of them would take tens of bytes for every one. */
const PIECES = 1 << 16;

function replaceStrings(ev: Evaluator, a: Slot, b: Slot, c: Slot): Value {
  const from = expectList(ev, a, 0, argument("first", "replaceStrings"));
  const to = expectList(ev, b, 0, argument("second", "replaceStrings"));
  if (from.length !== to.length) {
    throw new NixError(
      "eval",
      "'from' and 'to' arguments passed to builtins.replaceStrings have different lengths",
    );
  }
  const patterns = from.map((slot) =>
    stringText(
      expectString(
        ev,
        slot,
        0,
        "while evaluating one of the strings to replace passed to builtins.replaceStrings",
      ),
    ),
  );
  const replacements: (NixString | undefined)[] = new Array(to.length);
  const replacementAt = (i: number): NixString => {
    replacements[i] ??= expectString(
      ev,
      to[i] as Slot,
      0,
      "while evaluating one of the replacement strings passed to builtins.replaceStrings",
    );
    return replacements[i];
  };
  if (behaves(ev.settings.nixVersion, "replacementsForced"))
    for (const i of to.keys()) replacementAt(i);
  const s = expectString(ev, c, 0, argument("third", "replaceStrings"));
  const text = stringText(s);
  const contexts = new ContextUnion();
  contexts.add(stringContext(s));
  // For each byte the patterns that it may begin; an empty one begins with any.
  const empty = indicesOf(patterns, (pattern) => pattern === "");
  const byFirst: (readonly number[] | undefined)[] = [];
  for (const pattern of patterns) {
    if (pattern === "") continue;
    byFirst[pattern.charCodeAt(0)] ??= indicesOf(
      patterns,
      (other) => other === "" || other.charCodeAt(0) === pattern.charCodeAt(0),
    );
  }
  let out: ByteString[] = [];
  let copied = 0;
  for (let at = 0; at <= text.length; ) {
    let found = -1;
    for (const i of byFirst[text.charCodeAt(at)] ?? empty) {
      if (text.startsWith(patterns[i] as string, at)) {
        found = i;
        break;
      }
    }
    if (found < 0) {
      at++;
      continue;
    }
    const replacement = replacementAt(found);
    if (typeof replacement !== "string") contexts.add(replacement.context);
    if (copied < at) out.push(text.slice(copied, at));
    out.push(stringText(replacement));
    const length = (patterns[found] as string).length;
    if (length === 0) {
      // An empty pattern matches before every byte and at the end, and the byte is kept.
      out.push(text.charAt(at));
      at++;
    } else at += length;
    copied = at;
    if (out.length > PIECES) out = [out.join("")];
  }
  out.push(text.slice(copied));
  return withContext(out.join(""), contexts.context);
}

const regexes = new RegexCache();

function match(ev: Evaluator, r: Slot, s: Slot): Value {
  const pattern = expectPlainString(ev, r, 0, argument("first", "match"));
  const regex = libErrors(() => regexes.get(pattern));
  const text = stringText(expectString(ev, s, 0, argument("second", "match")));
  return libErrors(() => regex.match(text));
}

function split(ev: Evaluator, r: Slot, s: Slot): Value {
  const pattern = expectPlainString(ev, r, 0, argument("first", "split"));
  const regex = libErrors(() => regexes.get(pattern));
  const subject = expectString(ev, s, 0, argument("second", "split"));
  const parts = libErrors(() => regex.split(stringText(subject)));
  // Without a match the argument itself is the only element, context and all.
  return parts.length === 1 ? [subject] : parts;
}

export const STRINGS: Definition[] = [
  ["toString", 1, (ev, v) => coerceToString(ev, v, 0, argument("first", "toString"), TO_STRING)],
  ["substring", 3, substring],
  [
    "stringLength",
    1,
    (ev, v) =>
      stringText(
        coerceToString(ev, v, 0, "while evaluating the argument passed to builtins.stringLength", {
          more: false,
          copy: true,
        }),
      ).length,
  ],
  ["concatStringsSep", 2, concatStringsSep],
  ["replaceStrings", 3, replaceStrings],
  ["match", 2, match],
  ["split", 2, split],
  [
    "compareVersions",
    2,
    (ev, a, b) =>
      compareVersions(
        expectPlainString(ev, a, 0, argument("first", "compareVersions")),
        expectPlainString(ev, b, 0, argument("second", "compareVersions")),
      ),
  ],
  [
    "splitVersion",
    1,
    (ev, v) => splitVersion(expectPlainString(ev, v, 0, argument("first", "splitVersion"))),
  ],
  [
    "parseDrvName",
    1,
    (ev, v) => {
      const { name, version } = parseDrvName(
        expectPlainString(ev, v, 0, argument("first", "parseDrvName")),
      );
      return Attrs.from([
        ["name", name],
        ["version", version],
      ]);
    },
  ],
];
