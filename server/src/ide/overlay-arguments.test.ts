import { expect, test } from "vitest";
import { analyze } from "../testing/analysis-fixture.ts";
import { applyFix } from "../testing/apply-fix.ts";

function problems(source: string) {
  const { host, id, text } = analyze(source);
  return host
    .analysis()
    .diagnostics(id)
    .map((problem) => {
      const [fix] = host.analysis().codeActions(id, problem);
      return {
        at: text(problem),
        severity: problem.severity,
        fixed: fix && applyFix(source, fix),
        message: problem.message,
      };
    });
}

test("a file that is an overlay with one set for its argument", () => {
  expect(problems("{ self, super }:\n{ a = super.a.override { b = self.b; }; }")).toEqual([
    {
      at: "{ self, super }",
      severity: "warning",
      fixed: "final: prev:\n{ a = prev.a.override { b = final.b; }; }",
      message:
        "an overlay takes two arguments one after the other, 'final: prev: …'; '{ self, super }:' takes one set, and is given the whole package set",
    },
  ]);
});

test("in a list of overlays it is certainly wrong", () => {
  const [problem] = problems("import <x> { overlays = [ ({ prev, final }: { a = prev.a; }) ]; }");
  expect(problem).toMatchObject({
    severity: "error",
    fixed: "import <x> { overlays = [ (final: prev: { a = prev.a; }) ]; }",
  });
});

test("new names that are taken are not used", () => {
  const [problem] = problems("{ self, super }: let final = self; in { a = final.a; }");
  expect(problem?.fixed).toBe("self: super: let final = self; in { a = final.a; }");
});

test("more arguments make it no better", () => {
  const [problem] = problems("{ final, prev, ... }: { a = prev.a; }");
  expect(problem?.fixed).toBe("final: prev: { a = prev.a; }");
});

test("other functions", () => {
  expect(problems("{ self, super, lib }: 1")).toEqual([]);
  expect(problems("{ self, super, ... }: 1")).toEqual([]);
  expect(problems("{ self ? 1, super }: 1")).toEqual([]);
  expect(problems("self: super: { }")).toEqual([]);
});
