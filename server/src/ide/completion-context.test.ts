import { expect, test } from "vitest";
import { analyze } from "../testing/analysis-fixture.ts";
import { completionContext } from "./completion-context.ts";

function context(source: string): string | null {
  const { host, id, offset, text } = analyze(source);
  const file = host.analysis().file(id);
  const found = file && completionContext(file, offset);
  if (!found) return null;
  const argument = found.kind === "expression" && found.isArgument ? " argument" : "";
  return `${found.kind}${argument} «${text(found.replace)}»`;
}

test("what could be written, and what it replaces", () => {
  expect(context("a: $0")).toBe("expression «»");
  expect(context("a: a$0b")).toBe("expression «ab»");
  expect(context("f a$0")).toBe("expression argument «a»");
  expect(context("{ a = $0 }")).toBe("expression «»");
  expect(context("{ a = 1; b$0 }")).toBe("binding «b»");
  expect(context("{ a.b$0 = 1; }")).toBeNull();
  expect(context("{ inherit $0; }")).toBe("inherit «»");
  expect(context("{ inherit (a) b$0; }")).toBe("attribute «b»");
  expect(context("a.b.$0")).toBe("attribute «»");
  expect(context("a ? $0")).toBe("attribute «»");
  expect(context("(f a).$0")).toBe("attribute «»");
  expect(context("[ (a: $0 ]")).toBe("expression «»");
});

test("text that no name makes right", () => {
  expect(context("{ a = = ; b = a.b.$0")).toBe("attribute «»");
  expect(context("{ a = = ; b = $0")).toBe("expression «»");
});

test("no name can stand in a string, a comment or a number", () => {
  expect(context('"a$0"')).toBeNull();
  expect(context("1 # a$0")).toBeNull();
  expect(context("12$0")).toBeNull();
});
