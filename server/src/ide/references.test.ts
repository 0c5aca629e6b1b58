import { expect, test } from "vitest";
import { analyze } from "../testing/analysis-fixture.ts";

/** The text with every found place in brackets, definitions in double ones. */
function marked(source: string): string {
  const { host, id, offset, text } = analyze(source);
  let out = "";
  let at = 0;
  for (const use of host.analysis().references(id, offset)) {
    const name = text(use);
    out += text({ start: at, end: use.start });
    out += use.kind === "definition" ? `[[${name}]]` : `[${name}]`;
    at = use.end;
  }
  return out + text({ start: at, end: 1000 });
}

test("a definition and its uses, not what shadows it", () => {
  expect(marked("let a = 1; in a$0 + (a: a) 2 + a")).toBe("let [[a]] = 1; in [a] + (a: a) 2 + [a]");
  expect(marked("{ a$0 ? 1 }@b: [ a b ]")).toBe("{ [[a]] ? 1 }@b: [ [a] b ]");
});

test("a builtin, and a name from one with", () => {
  expect(marked("[ map$0 (x: x) map ]")).toBe("[ [map] (x: x) [map] ]");
  expect(marked("p: [ (with p; [ a$0 a ]) (with p; a) ]")).toBe(
    "p: [ (with p; [ [a] [a] ]) (with p; a) ]",
  );
});

test("nothing at a place without a name", () => {
  expect(marked("let a = 1; $0in a")).toBe("let a = 1; in a");
});
