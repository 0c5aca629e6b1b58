import { expect, test } from "vitest";
import { analyze } from "../testing/analysis-fixture.ts";

function renamed(source: string, to: string): string {
  const { host, id, offset, text } = analyze(source);
  const result = host.analysis().rename(id, offset, to);
  if (!result?.ok) return `refused: ${result?.reason}`;
  let out = "";
  let at = 0;
  for (const edit of result.edits) {
    out += text({ start: at, end: edit.start }) + edit.text;
    at = edit.end;
  }
  return out + text({ start: at, end: 1000 });
}

test("every place of a name", () => {
  expect(renamed("let a$0 = 1; in a + (a: a) a", "b")).toBe("let b = 1; in b + (a: a) b");
  expect(renamed("{ x ? 1, y }: x$0", "z")).toBe("{ z ? 1, y }: z");
  expect(renamed("rec { a.b = 1; a.c = a$0; }", "d")).toBe("rec { d.b = 1; d.c = d; }");
});

test("inherit is split into what keeps its name and what does not", () => {
  expect(renamed("a$0: b: { inherit a b; }", "c")).toBe("c: b: { inherit b; a = c; }");
  expect(renamed("s: let inherit (s) a; in $0a", "b")).toBe("s: let b = s.a; in b");
  expect(renamed("s: let inherit (s { }) a c; in a$0", "b")).toBe(
    "s: let inherit (s { }) c; b = (s { }).a; in b",
  );
});

test("refused where the meaning would change", () => {
  expect(renamed("let a$0 = 1; b = 2; in a", "b")).toMatch(/already defined/);
  expect(renamed("a$0: b: a", "b")).toMatch(/another 'b'/);
  expect(renamed("b: a$0: b", "b")).toMatch(/catch a use/);
  expect(renamed("a$0: map", "map")).toMatch(/hide the builtin/);
  expect(renamed("a$0: a", "1x")).toMatch(/not a valid name/);
  expect(renamed("a$0: a", "let")).toMatch(/not a valid name/);
  expect(renamed("m$0ap", "x")).toMatch(/no name here/);
});

test("allowed where only the spelling is equal", () => {
  expect(renamed("a$0: (b: b) a", "b")).toBe("b: (b: b) b");
});
