/** What the command line does with a value: calling functions with given arguments, following `-A` paths. */
import type { ByteString } from "../base/bytes.ts";
import { Attrs, Shape } from "./attrs.ts";
import { NixError } from "./errors.ts";
import type { Evaluator } from "./evaluator.ts";
import { bestMatches } from "./lib/suggestions.ts";
import { call, callLambda, force } from "./runtime.ts";
import { showType } from "./show-value.ts";
import { Lambda, type Slot, type Value } from "./values.ts";

/** `--arg` and `--argstr`: name to value. */
export type AutoArgs = ReadonlyMap<ByteString, Slot>;

/** As `autoCall` without arguments; what an imported function gives is kept for the next time. */
export function autoCallKept(ev: Evaluator, value: Value): Value {
  return autoCall(ev, value, new Map(), (fn, arg) => ev.applyImported(fn, arg, 0));
}

/** Calls a function that takes a set of arguments with those it names (all of them with `...`). */
export function autoCall(
  ev: Evaluator,
  value: Value,
  args: AutoArgs,
  apply = (fn: Lambda, arg: Attrs): Value => callLambda(ev, fn, arg, 0),
): Value {
  if (value instanceof Attrs) {
    const functor = value.get("__functor");
    if (functor === undefined) return value;
    return autoCall(ev, call(ev, force(functor), value, 0), args, apply);
  }
  if (!(value instanceof Lambda) || value.code.formals === null) return value;
  const { formals, ellipsis, position } = value.code;
  const names: ByteString[] = ellipsis ? [...args.keys()] : [];
  const ranked = formals.map((formal) => ({ formal, rank: ev.symbols.rank(formal.name) }));
  for (const { formal } of ranked.sort((a, b) => a.rank - b.rank)) {
    if (args.has(formal.name)) {
      if (!ellipsis) names.push(formal.name);
    } else if (formal.isRequired) {
      throw new NixError(
        "missing-argument",
        `cannot evaluate a function that has an argument without a value ('${formal.name}')\nNix attempted to evaluate a function as a top level expression; in\nthis case it must have its arguments supplied either by default\nvalues, or passed explicitly with '--arg' or '--argstr'. See\nhttps://nix.dev/manual/nix/stable/language/syntax.html#functions.`,
        position,
      );
    }
  }
  const set = new Attrs(
    new Shape(
      names,
      names.map(() => 0),
    ),
    names.map((name) => args.get(name) as Slot),
  );
  return apply(value, set);
}

/** `a."b.c".0` in parts. */
export function parseAttrPath(text: ByteString): ByteString[] {
  const parts: ByteString[] = [];
  let part = "";
  for (let i = 0; i < text.length; i++) {
    const c = text[i] as string;
    if (c === ".") {
      parts.push(part);
      part = "";
    } else if (c === '"') {
      const end = text.indexOf('"', i + 1);
      if (end < 0)
        throw new NixError("syntax", `missing closing quote in selection path '${text}'`);
      part += text.slice(i + 1, end);
      i = end;
    } else part += c;
  }
  if (part !== "" || parts.length > 0) parts.push(part);
  return parts;
}

/** The value that a selection path leads to; functions on the way are called with `args`. */
export function findAlongAttrPath(
  ev: Evaluator,
  root: Value,
  path: ByteString,
  args: AutoArgs,
): { value: Value; position: number } {
  let value = root;
  let position = 0;
  for (const part of parseAttrPath(path)) {
    value = autoCall(ev, value, args);
    const index = /^[0-9]+$/.test(part) ? Number(part) : -1;
    const kind = index >= 0 ? "a list" : "a set";
    if (index < 0) {
      if (!(value instanceof Attrs)) {
        throw new NixError(
          "type",
          `the expression selected by the selection path '${path}' should be ${kind} but is ${showType(value)}`,
        );
      }
      if (part === "")
        throw new NixError("eval", `empty attribute name in selection path '${path}'`);
      const set = value;
      const slot = set.get(part);
      if (slot === undefined) {
        throw new NixError(
          "missing-attribute",
          `attribute '${part}' in selection path '${path}' not found`,
        ).suggest(() => bestMatches(set.sortedNames(), part));
      }
      position = set.position(part);
      value = force(slot, position);
    } else {
      if (!Array.isArray(value)) {
        throw new NixError(
          "type",
          `the expression selected by the selection path '${path}' should be ${kind} but is ${showType(value)}`,
        );
      }
      if (index >= value.length) {
        throw new NixError(
          "eval",
          `list index ${index} in selection path '${path}' is out of range`,
        );
      }
      value = force(value[index] as Slot);
    }
  }
  return { value, position };
}
