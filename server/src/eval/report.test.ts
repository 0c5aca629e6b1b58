import { expect, test } from "vitest";
import { guillemets } from "../base/bytes.ts";
import { memoryEvaluator } from "../testing/memory-host.ts";
import { NixError } from "./errors.ts";
import { reportError } from "./report.ts";
import { forceDeep } from "./runtime.ts";

const LABEL = guillemets("string");
const ELLIPSIS = "\xe2\x80\xa6";

/** What is printed for an expression that fails; the layout is that of Nix 2.26, the words the newest. */
function report(text: string, showTrace = false): string {
  const ev = memoryEvaluator(undefined, { showTrace });
  try {
    forceDeep(ev, ev.evaluateText(text, LABEL, "/"));
  } catch (error) {
    if (!(error instanceof NixError)) throw error;
    return reportError(ev, error).replaceAll(LABEL, "FILE").replaceAll(ELLIPSIS, "...");
  }
  throw new Error("did not fail");
}

const lines = (...all: string[]) => `${all.join("\n")}\n`;

test("an error without a trace", () => {
  expect(report("let a = 1; in\n  b")).toBe(
    lines(
      "error: undefined variable 'b'",
      "       at FILE:2:3:",
      "            1| let a = 1; in",
      "            2|   b",
      "             |   ^",
    ),
  );
});

test("what was asked for first comes first, the error last", () => {
  expect(report("builtins.length 1")).toBe(
    lines(
      "error:",
      "       ... while calling the 'length' builtin",
      "         at FILE:1:1:",
      "            1| builtins.length 1",
      "             | ^",
      "",
      "       ... while evaluating the first argument passed to builtins.length",
      "",
      "       error: expected a list but found an integer: 1",
    ),
  );
});

test("every line of a message is indented, without the white space at its end", () => {
  expect(report('throw "one  \\ntwo\\n"')).toBe(
    lines(
      "error:",
      "       ... while calling the 'throw' builtin",
      "         at FILE:1:1:",
      '            1| throw "one  \\ntwo\\n"',
      "             | ^",
      "",
      "       error: one",
      "       two",
    ),
  );
});

test("a suggestion follows the error, or its place", () => {
  expect(report("{ foo = 1; }.fo").split("\n").slice(-3)).toEqual([
    "       error: attribute 'fo' missing",
    "       Did you mean foo?",
    "",
  ]);
  expect(report("({ foo }: 1) { fo = 1; foo = 2; }").split("\n").slice(-5)).toEqual([
    "       at FILE:1:2:",
    "            1| ({ foo }: 1) { fo = 1; foo = 2; }",
    "             |  ^",
    "       Did you mean foo?",
    "",
  ]);
});

test("a delayed call is called where its value is asked for", () => {
  const callSites = (text: string) =>
    [...report(text, true).matchAll(/from call site\n *at FILE:(\d+:\d+)/g)].map(([, at]) => at);
  expect(callSites("with builtins.mapAttrs (a: b: a + b) { foo = 1; }; foo")).toEqual(["1:52"]);
  expect(callSites('builtins.filter (x: x) (map (x: x + "a") [ 1 ])')).toEqual(["1:21"]);
  expect(callSites("map (x: toString { }) [ 1 ]")).toEqual(["1:6"]);
  expect(callSites("builtins.genList (x: toString { }) 1")).toEqual(["1:19"]);
  expect(callSites("builtins.zipAttrsWith (a: b: a + b) [ { foo = 1; } ]")).toEqual(["1:24"]);
  expect(callSites('builtins.toString (map (x: x + "a") [ 1 ])')).toEqual([]);
});

test("the warning of a place", () => {
  const messages: string[] = [];
  const ev = memoryEvaluator();
  ev.host.message = (kind, text) => messages.push(`${kind}: ${text}`);
  const text = `derivation { name = "n"; system = "s"; builder = "b";
  __structuredAttrs = true;
  maxSize = 1; }`;
  forceDeep(ev, ev.evaluateText(`(${text}).drvPath`, LABEL, "/"));
  expect(messages.join("\n").replaceAll(LABEL, "FILE").replace(ELLIPSIS, "...")).toBe(
    [
      "warning: ",
      "         ... while evaluating derivation 'n'",
      "",
      "         warning: 'structuredAttrs' disables the effect of the derivation attribute 'maxSize'; use 'outputChecks.<output>.maxSize' instead",
      "         at FILE:3:3:",
      "              2|   __structuredAttrs = true;",
      "              3|   maxSize = 1; }).drvPath",
      "               |   ^",
    ].join("\n"),
  );
});

test("after a few frames only contexts that the program gives are shown", () => {
  const down = `let down = n: if n == 0 then throw "bottom" else
    builtins.addErrorContext "at \${toString n}" (down (n - 1)); in down 5`;
  expect(report(down)).toBe(
    lines(
      "error:",
      ...[5, 4, 3, 2, 1].flatMap((n) => [`       ... at ${n}`, ""]),
      "       (stack trace truncated; use '--show-trace' to show the full, detailed trace)",
      "",
      "       error: bottom",
    ),
  );
  expect(report(down, true)).toMatch(/from call site.*at 5.*at 1.*the 'throw' builtin/s);
});

test("frames that were seen before are counted", () => {
  const down = 'let down = n: if n == 0 then throw "bottom" else [ (down (n - 1)) ]; in down';
  expect(report(`${down} 9`)).toContain(
    lines(
      "error:",
      "       ... while evaluating list element at index 0",
      "",
      "       (8 duplicate frames omitted)",
      "",
      "       ... while calling the 'throw' builtin",
    ),
  );
  const few = report(`${down} 6`);
  expect(few.match(/list element/g)).toHaveLength(6);
  expect(few).not.toContain("omitted");
});
