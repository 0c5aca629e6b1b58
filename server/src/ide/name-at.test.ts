import { expect, test } from "vitest";
import { analyze } from "../testing/analysis-fixture.ts";
import { nameAt } from "./name-at.ts";

function kind(source: string): string | null {
  const { host, id, offset, text } = analyze(source);
  const file = host.analysis().file(id);
  const name = file && nameAt(file, offset);
  return name ? `${name.kind} ${text(name.span)}` : null;
}

test("what a name is", () => {
  expect(kind("let a$0b = 1; in ab")).toBe("definition ab");
  expect(kind("x: x$0")).toBe("definition x");
  expect(kind("builtins.m$0ap")).toBe("builtin map");
  expect(kind("(rec { b = builtins; }).b.he$0ad")).toBe("builtin head");
  expect(kind("nul$0l")).toBe("builtin null");
  expect(kind("with 1; a$0")).toBe("with a");
  expect(kind("1 ? a$0")).toBe("selection a");
  expect(kind("x: { inherit (x) a$0; }")).toBe("selection a");
  expect(kind("a$0")).toBeNull();
  expect(kind("{ a$0 = 1; }")).toBeNull();
});
