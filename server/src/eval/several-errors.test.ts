import { expect, test } from "vitest";
import { MemoryHost, memoryStore, TEST_SETTINGS } from "../testing/memory-host.ts";
import { EvaluationSession } from "./session.ts";

function errorsOf(text: string, more: Record<string, string> = {}): string[] {
  const host = new MemoryHost({ "/f.nix": text, ...more });
  const session = new EvaluationSession(host, memoryStore(), TEST_SETTINGS);
  session.setDocument("/f.nix", text, true);
  const { error, others } = session.evaluateRoot("/f.nix");
  return [...(error ? [error] : []), ...others].map(({ message, at, trace }) => {
    const own = [at, ...trace].find((place) => place?.file === "/f.nix");
    return `${message} at ${own?.line}:${own?.column}`;
  });
}

test("each output that fails has its error", () => {
  expect(errorsOf(`{\n  a = throw "one";\n  b = 1;\n  c = { }.x;\n}`)).toEqual([
    "one at 2:7",
    "attribute 'x' missing at 4:11",
  ]);
});

test("one that fails in a library is at the user's name for it", () => {
  const errors = errorsOf(
    'let lib = import ./lib.nix; in {\n  a = throw "one";\n  inherit (lib) b;\n}',
    { "/lib.nix": '{ b = throw "two"; }' },
  );
  expect(errors).toEqual(["one at 2:7", "two at 3:17"]);
});

test("each element of a list that fails by itself", () => {
  const text = `let pkgs = { }; in derivation {
  name = "n"; system = "s"; builder = "b";
  packages = [
    pkgs.one
    pkgs.two
  ];
}`;
  expect(errorsOf(text)).toEqual([
    "attribute 'one' missing at 4:10",
    "attribute 'two' missing at 5:10",
  ]);
});

test("what nothing needs is no error", () => {
  expect(errorsOf('let bad = [ (throw "x") ]; in { a = 1; }')).toEqual([]);
});
