import { expect, test } from "vitest";
import { guillemets } from "../../base/bytes.ts";
import { memoryEvaluator } from "../../testing/memory-host.ts";
import { NixError } from "../errors.ts";
import { printPlain } from "../print-plain.ts";
import { forceDeep } from "../runtime.ts";

/** The value, or the trace of the error without the call of the builtin, outermost first. */
function closure(text: string): string | string[] {
  const ev = memoryEvaluator();
  try {
    const value = ev.evaluateText(`builtins.genericClosure ${text}`, guillemets("string"), "/");
    forceDeep(ev, value);
    return printPlain(value);
  } catch (error) {
    if (!(error instanceof NixError)) throw error;
    return [
      ...error.frames
        .slice(0, -1)
        .reverse()
        .map((frame) => frame.text),
      error.message,
    ];
  }
}

const set = (startSet: string, operator = "x: [ ]") =>
  closure(`{ startSet = ${startSet}; operator = ${operator}; }`);

test("every element is followed once", () => {
  expect(set("[ { key = 1; } ]", "x: if x.key > 2 then [ ] else [ { key = x.key + 1; } x ]")).toBe(
    "[ { key = 1; } { key = 2; } { key = 3; } ]",
  );
  expect(set("[ { key = 1; } { key = 1.0; } { key = 2.5; } { key = 2.5; } ]")).toBe(
    "[ { key = 1; } { key = 2.5; } ]",
  );
  expect(set('[ { key = [ 1 "a" ]; } { key = [ 1 "a" ]; } ]')).toBe('[ { key = [ 1 "a" ]; } ]');
});

test("an error says of which element it is", () => {
  expect(set("[ 1 ]")).toEqual([
    "in genericClosure element 1",
    "expected a set but found an integer: 1",
  ]);
  expect(set("[ { a = 1; } ]")).toEqual([
    "in genericClosure element { a = 1; }",
    "attribute 'key' missing",
  ]);
  expect(set("[ { key = 1; } ]", "x: 2")).toEqual([
    "while calling operator on genericClosure element { key = 1; }",
    "while evaluating the return value of the `operator` passed to builtins.genericClosure",
    "expected a list but found an integer: 2",
  ]);
});

test("of two keys without an order both are named, of several the smallest", () => {
  expect(set('[ { key = 2; } { key = 1; } { key = "a"; } ]')).toEqual([
    'while comparing element { key = "a"; }',
    "with element { key = 1; }",
    'cannot compare a string with an integer; values are "a" and 2',
  ]);
  expect(set("[ { key = { }; } ]")).toBe("[ { key = { }; } ]");
});
