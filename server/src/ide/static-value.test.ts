import { expect, test } from "vitest";
import { analyze } from "../testing/analysis-fixture.ts";
import { isComplete, staticAttributes, staticValue } from "./static-value.ts";

function attributes(source: string): string {
  const { host, id } = analyze(source);
  const file = host.analysis().file(id);
  if (!file) return "";
  const value = staticValue(file, file.syntax.expr);
  const names = [...staticAttributes(file, value).keys()];
  return `${value?.kind}: ${names.join(" ")}${isComplete(value) ? "" : " …"}`;
}

test("what the text shows", () => {
  expect(attributes("let x = { a = 1; b.c = 2; }; in x")).toBe("set: a b");
  expect(attributes("{ a = 1; } // { b = 2; }")).toBe("set: a b");
  expect(attributes("{ s ? { a = 1; } }: s")).toBe("lambda:  …");
  expect(attributes("let f = { s }: { inherit s; }; in f { s = 1; }")).toBe("set: s");
  expect(attributes("let s = { t = { a = 1; }; }; inherit (s) t; in t")).toBe("set: a");
  expect(attributes("with { s = { a = 1; }; }; s")).toBe("set: a");
});

test("what it shows only in part", () => {
  expect(attributes("{ a = 1; } // (import ./x.nix)")).toBe("set: a …");
  expect(attributes("if __x then { a = 1; } else { b = 1; }".replace("__x", "true"))).toBe(
    "set: a b …",
  );
  expect(attributes(`{ a = 1; \${"b" + "c"} = 2; }`)).toBe("set: a …");
});

test("what it does not show", () => {
  expect(attributes("with (import ./x.nix); with { a = 1; }; b")).toBe("undefined:  …");
  expect(attributes("let a = b; b = a; in a")).toBe("undefined:  …");
  expect(attributes("let f = x: f x; in f 1")).toBe("undefined:  …");
});
