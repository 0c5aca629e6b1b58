/** The words are those of Nix 2.26 and of the newest. */
import { expect, test } from "vitest";
import { memoryEvaluator } from "../../testing/memory-host.ts";
import { NixError } from "../errors.ts";
import { printPlain } from "../print-plain.ts";

function evaluate(text: string, features = ["fetch-closure"]): string {
  const ev = memoryEvaluator(undefined, { features: new Set(features) });
  try {
    return printPlain(ev.evaluateText(text, "test", "/"));
  } catch (error) {
    if (error instanceof NixError) return error.message;
    throw error;
  }
}

const git = "/nix/store/ldbhlwhh39wha58rm61bkiiwm6j7211j-git-2.33.1";
const from = (more: string) => evaluate(`builtins.fetchClosure { fromPath = "${git}"; ${more} }`);

test("it is there with its feature", () => {
  expect(evaluate("builtins ? fetchClosure")).toBe("true");
  expect(evaluate("builtins ? fetchClosure", [])).toBe("false");
});

test.each([
  ["1", "expected a set but found an integer: 1"],
  ["{ }", "attribute 'fromPath' is missing in call to 'fetchClosure'"],
  ["{ foo = 1; }", "attribute 'foo' isn't supported in call to 'fetchClosure'"],
  ["{ fromPath = 1; }", "cannot coerce an integer to a string: 1"],
  ['{ fromPath = "/foo"; }', "path '/foo' is not in the Nix store"],
  [`{ fromPath = "${git}/bin"; }`, `path '${git}/bin' is not in the Nix store`],
  [`{ fromPath = ${git}; }`, "attribute 'fromStore' is missing in call to 'fetchClosure'"],
  ['{ fromPath = "/nix/store/xx-git"; }', "path '/nix/store/xx-git' is not in the Nix store"],
  [
    '{ fromStore = "x"; inputAddressed = "y"; fromPath = 1; }',
    'expected a Boolean but found a string: "y"',
  ],
])("%s", (argument, message) => {
  expect(evaluate(`builtins.fetchClosure ${argument}`)).toBe(message);
});

test("arguments beside the path", () => {
  expect(from("fromStore = 1;")).toBe("expected a string but found an integer: 1");
  expect(from('fromStore = "file:///x";')).toBe(
    "'fetchClosure' only supports http:// and https:// stores",
  );
  expect(from('fromStore = "https://host?x=y";')).toBe(
    "'fetchClosure' does not support URL query parameters (in 'https://host?x=y')",
  );
  expect(from('toPath = "x";')).toBe("path 'x' is not in the Nix store");
  expect(from('inputAddressed = true; toPath = ""; fromStore = "http://host";')).toBe(
    "attribute 'inputAddressed' is set to true, but 'toPath' is also set. Please remove one of them",
  );
});

test("what is not there is one error, what is there is got", () => {
  const missing = `cannot fetch '${git}' from 'https://host': builtins.fetchClosure gets only what is in the store already`;
  expect(from('fromStore = "https://host";')).toBe(missing);
  expect(from('fromStore = "https://host"; toPath = "";')).toBe(missing);
  const closure = (more: string) =>
    evaluate(`let file = builtins.toFile "a" "b"; in
      builtins.fetchClosure { fromStore = "https://host"; ${more} } == file`);
  expect(closure("fromPath = file;")).toBe("true");
  expect(closure(`fromPath = "${git}"; toPath = file;`)).toBe("true");
  expect(closure("fromPath = file; inputAddressed = true;")).toMatch(
    /^The store object referred to by 'fromPath' at '.*' is not input-addressed/,
  );
});
