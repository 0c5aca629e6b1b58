/** Errors, laziness and tracing. */
import { Attrs } from "../attrs.ts";
import { stringText } from "../context.ts";
import { NixError, traced } from "../errors.ts";
import type { Evaluator } from "../evaluator.ts";
import { coerceToString, expectString, force, forceDeep, PLAIN } from "../runtime.ts";
import { ContextString, type Slot, type Value } from "../values.ts";
import type { Definition } from "./define.ts";

function tryEval(ev: Evaluator, v: Slot): Value {
  const depth = ev.depth;
  try {
    const value = force(v);
    return Attrs.from([
      ["success", true],
      ["value", value],
    ]);
  } catch (error) {
    if (!(error instanceof NixError) || !error.catchable) throw error;
    ev.depth = depth;
    return Attrs.from([
      ["success", false],
      ["value", false],
    ]);
  }
}

function message(ev: Evaluator, slot: Slot): string {
  const value = force(slot);
  if (typeof value === "string") return value;
  return value instanceof ContextString ? value.text : ev.show(value);
}

export const CONTROL: Definition[] = [
  [
    "abort",
    1,
    (ev, v) => {
      const s = coerceToString(
        ev,
        v,
        0,
        "while evaluating the error message passed to builtins.abort",
        { more: false, copy: true },
      );
      throw new NixError(
        "abort",
        `evaluation aborted with the following error message: '${stringText(s)}'`,
      );
    },
  ],
  [
    "throw",
    1,
    (ev, v) => {
      const s = coerceToString(
        ev,
        v,
        0,
        "while evaluating the error message passed to builtin.throw",
        { more: false, copy: true },
      );
      throw new NixError("throw", stringText(s));
    },
  ],
  [
    "addErrorContext",
    2,
    (ev, text, v) => {
      try {
        return force(v);
      } catch (error) {
        if (!(error instanceof NixError)) throw error;
        const s = coerceToString(
          ev,
          text,
          0,
          "while evaluating the error message passed to builtins.addErrorContext",
          PLAIN,
        );
        throw traced(error, 0, stringText(s), "always");
      }
    },
  ],
  ["tryEval", 1, tryEval],
  [
    "seq",
    2,
    (_ev, a, b) => {
      force(a);
      return force(b);
    },
  ],
  [
    "deepSeq",
    2,
    (ev, a, b) => {
      forceDeep(ev, a);
      return force(b);
    },
  ],
  [
    "trace",
    2,
    (ev, a, b) => {
      ev.host.message("trace", message(ev, a));
      return force(b);
    },
  ],
  [
    "traceVerbose",
    2,
    (ev, a, b) => {
      if (ev.settings.traceVerbose) ev.host.message("trace", message(ev, a));
      return force(b);
    },
  ],
  [
    "warn",
    2,
    (ev, a, b) => {
      const s = expectString(
        ev,
        a,
        0,
        "while evaluating the first argument; the message passed to builtins.warn",
      );
      ev.host.message("evaluation warning", stringText(s));
      if (ev.settings.abortOnWarn) {
        throw new NixError(
          "abort",
          "aborting to reveal stack trace of warning, as abort-on-warn is set",
        );
      }
      return force(b);
    },
  ],
  // Without a debugger there is nothing to stop in.
  ["break", 1, (_ev, v) => force(v)],
];
