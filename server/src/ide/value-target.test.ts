import { expect, test } from "vitest";
import { analyze } from "../testing/analysis-fixture.ts";

function target(source: string): string | null {
  const { host, id, offset, text } = analyze(source);
  const span = host.analysis().hoverQuestions(id, offset).value;
  return span && text(span);
}

test("names, and attributes by their last step", () => {
  expect(target("x: x$0")).toBe("x");
  expect(target("x: x$0.a.b")).toBe("x");
  expect(target("x: x.a.b$0")).toBe("x.a.b");
  expect(target("x: x.a$0.b")).toBeNull();
});

test("a binding's name stands for its value", () => {
  expect(target("{ a$0 = [ 1 ]; }")).toBe("[ 1 ]");
  expect(target("{ a.b$0 = 1; }")).toBe("1");
  expect(target("{ a$0.b = 1; }")).toBeNull();
  expect(target("let a$0 = 1 + 2; in a")).toBe("1 + 2");
  expect(target("x: { inherit x$0; }")).toBe("x");
});

test("an argument stands for its first use", () => {
  expect(target("{ a$0 }: [ a ]")).toBe("a");
  expect(target("{ a$0 }: 1")).toBeNull();
});

test("brackets, operators, strings with expressions", () => {
  expect(target("[$0 1 2 ]")).toBe("[ 1 2 ]");
  expect(target("{ a = 1; $0}")).toBe("{ a = 1; }");
  expect(target("1 +$0 2")).toBe("1 + 2");
  expect(target(`"a$0 \${"b"}"`)).toBe(`"a \${"b"}"`);
  expect(target("if$0 true then 1 else 2")).toBe("if true then 1 else 2");
});

test("places that are nobody's", () => {
  expect(target("{ a = 1; $0 b = 2; }")).toBeNull();
  expect(target("[ 1 $0 2 ]")).toBeNull();
  expect(target("let $0 a = 1; in a")).toBeNull();
  expect(target('"a$0"')).toBeNull();
});
