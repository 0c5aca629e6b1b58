import { describe, expect, test } from "vitest";
import type { AttrSet, Expr } from "./ast.ts";
import { addBinding, findAttr } from "./attrs.ts";
import { makeAttrName, makeAttrSet, makeInt } from "./nodes.ts";
import { parseNix } from "./parser.ts";
import { printAst } from "./print-ast.ts";

function parse(source: string): Expr {
  const { expr, problem } = parseNix(source);
  if (problem !== null) throw new Error(problem.message);
  return expr;
}

function parseSet(source: string): AttrSet {
  const expr = parse(source);
  if (expr.kind !== "AttrSet") throw new Error(expr.kind);
  return expr;
}

const print = (source: string) => printAst(parse(source), { basePath: "/", homeDir: "/" });

describe("merging", () => {
  test.each([
    ["{ a.b = 1; a.c = 2; }", "{ a = { b = 1; c = 2; }; }"],
    ["{ a = { b = 1; }; a.c = 2; }", "{ a = { b = 1; c = 2; }; }"],
    ["{ a.b = 1; a = { c = 2; }; }", "{ a = { b = 1; c = 2; }; }"],
    ["{ a = { b.c = 1; }; a = { b = { d = 2; }; }; }", "{ a = { b = { c = 1; d = 2; }; }; }"],
    ["{ a = ({ b = 1; }); a.c = 2; }", "{ a = { b = 1; c = 2; }; }"],
    ['{ "a".b = 1; ${"a"}.c = 2; }', "{ a = { b = 1; c = 2; }; }"],
    // the first set's `rec` counts
    ["{ a = rec { b = 1; }; a = { c = 2; }; }", "{ a = rec { b = 1; c = 2; }; }"],
    ["{ a = { b = 1; }; a = rec { c = 2; }; }", "{ a = { b = 1; c = 2; }; }"],
    ["{ a.b = 1; a = rec { c = 2; }; }", "{ a = { b = 1; c = 2; }; }"],
    ["let a.b = 1; a.c = 2; in a", "(let a = { b = 1; c = 2; }; in a)"],
    [
      "{ a = { inherit (p) x; inherit q; }; a = { inherit (r) y z; ${d} = 1; }; }",
      '{ a = { inherit q; inherit (p) x; inherit (r) y z; "${d}" = 1; }; }',
    ],
    // dynamic names never merge
    ["{ ${a}.b = 1; ${a}.c = 2; }", '{ "${a}" = { b = 1; }; "${a}" = { c = 2; }; }'],
  ])("%s", (source, expected) => expect(print(source)).toBe(expected));

  test("what was merged away keeps its bindings only", () => {
    const set = parseSet("{ a = { b = 1; }; a = { c = 2; }; }");
    expect(set.bindings).toHaveLength(2);
    expect(set.attrs).toHaveLength(1);
    const second = set.bindings[1]!;
    expect(second.kind === "Value" && second.value).toMatchObject({
      attrs: [],
      bindings: [{ kind: "Value" }],
    });
  });

  test("each `inherit (e)` has one source", () => {
    const set = parseSet("{ a = { inherit (p) x; }; a = { inherit (q) y z; inherit (r) w; }; }");
    const inner = set.attrs[0]!.value as AttrSet;
    expect(inner.inheritFrom.map((e) => e.kind === "Var" && e.name)).toEqual(["p", "q", "r"]);
    expect(inner.attrs.map((a) => [a.name, a.from])).toEqual([
      ["x", 0],
      ["y", 1],
      ["z", 1],
      ["w", 2],
    ]);
  });

  test("the position of a nested attribute is where its path begins", () => {
    const set = parseSet("{ a.b = 1; a.c = 2; inherit d; }");
    const inner = set.attrs[0]!.value as AttrSet;
    expect(set.attrs.map((a) => [a.name, a.start])).toEqual([
      ["a", 2],
      ["d", 28],
    ]);
    expect(inner.attrs.map((a) => [a.name, a.start])).toEqual([
      ["b", 2],
      ["c", 11],
    ]);
  });
});

describe("conflicts", () => {
  test.each([
    ["{ a = 1; a = 2; }", "attribute 'a' already defined at f:1:3", 9],
    ["{ a = 1; a.b = 2; }", "attribute 'a' already defined at f:1:3", 9],
    ["{ a.b = 1; a.b.c = 2; }", "attribute 'a.b' already defined at f:1:3", 11],
    ["{ a.b = 1; a = 2; }", "attribute 'a' already defined at f:1:3", 11],
    ["{ a.b = 1; a = { b = 2; }; }", "attribute 'a.b' already defined at f:1:3", 17],
    ["{ a = {}; a = x; }", "attribute 'a' already defined at f:1:3", 10],
    ["{ inherit a; a = 1; }", "attribute 'a' already defined at f:1:11", 13],
    ["{ a = {}; inherit a; }", "attribute 'a' already defined at f:1:3", 18],
    ["{ inherit (x) a; a.b = 1; }", "attribute 'a' already defined at f:1:15", 17],
    ["{ inherit a a; }", "attribute 'a' already defined at f:1:11", 12],
    ['{ "a b" = 1; "a b" = 2; }', "attribute '\"a b\"' already defined at f:1:3", 13],
    ['{ a."if".x = 1;\n a."if".x = 2; }', "attribute 'a.\"if\".x' already defined at f:1:3", 17],
    [
      "{ a = { x = 1; y = 1; }; a = { y = 2; x = 2; }; }",
      "attribute 'a.x' already defined at f:1:9",
      38,
    ],
  ])("%s", (source, message, start) => {
    const { problem } = parseNix(source, { fileName: "f" });
    expect(problem?.message).toBe(message);
    expect(problem?.start).toBe(start);
    expect(problem?.code).toBe("duplicate-attribute");
    expect(problem?.previous?.start).toBeLessThan(start);
  });

  test("a tolerant caller goes on with the first definition", () => {
    const set = makeAttrSet(0, 20, false);
    const add = (start: number, ...names: string[]) =>
      addBinding(set, {
        kind: "Value",
        start,
        end: start + 5,
        path: names.map((name) => makeAttrName(start, start + 1, name, null)),
        value: makeInt(start + 3, start + 4, start),
        doc: null,
      });
    expect(add(1, "a")).toBeNull();
    expect(add(8, "a", "b")).toMatchObject({ path: ["a"], start: 8, previous: { start: 1 } });
    expect(add(15, "b")).toBeNull();
    expect(findAttr(set, "a")?.value).toMatchObject({ value: 1 });
    expect(set.bindings).toHaveLength(3);
    expect(set.attrs).toHaveLength(2);
  });
});

test("large sets are indexed: merging and conflicts as in small ones", () => {
  const names = Array.from({ length: 40 }, (_, i) => `n${i}`);
  const body = (value: number) => names.map((name) => `${name} = ${value};`).join(" ");
  const set = parseSet(`{ x.y = 1; x = { ${body(1)} }; x.z = 2; }`);
  const inner = set.attrs[0]!.value as AttrSet;
  expect(inner.attrs).toHaveLength(42);
  expect(findAttr(inner, "n39")?.how).toBe("plain");
  expect(findAttr(inner, "z")).toBe(inner.attrs[41]);
  expect(findAttr(inner, "nope")).toBeUndefined();
  expect(parseNix(`{ ${body(1)} n7 = 2; }`).problem?.code).toBe("duplicate-attribute");
});

describe("names and docs of functions", () => {
  test("a binding names the function and those it returns at once", () => {
    const set = parseSet("{ f = a: b: c; g.h = (x: x); i = let in y: y; j = [ (z: z) ]; }");
    const value = (name: string) => findAttr(set, name)?.value;
    expect(value("f")).toMatchObject({ name: "f", body: { name: "f" } });
    expect(findAttr(value("g") as AttrSet, "h")?.value).toMatchObject({ name: "h" });
    expect(value("i")).toMatchObject({ body: { kind: "Lambda", name: null } });
    expect(value("j")).toMatchObject({ items: [{ name: null }] });
  });

  test("a doc comment in front of a binding is the function's", () => {
    const source =
      "{ /** f */ f = a: b: c; /** no */ # but\n g = /** x */ x: y: z; /* h */ h = x: x; }";
    const set = parseSet(source);
    const doc = (range: { start: number; end: number } | null | undefined) =>
      range && source.slice(range.start, range.end);
    const [f, g, h] = ["f", "g", "h"].map((name) => {
      const value = findAttr(set, name)?.value;
      if (value?.kind !== "Lambda") throw new Error(name);
      return [value.doc, value.body.kind === "Lambda" ? value.body.doc : null].map(doc);
    });
    expect(f).toEqual(["/** f */", "/** f */"]);
    // the comment nearest to the function wins
    expect(g).toEqual(["/** x */", null]);
    expect(h).toEqual([null, null]);
    expect(set.bindings.map((b) => b.kind === "Value" && doc(b.doc))).toEqual([
      "/** f */",
      "/** no */",
      null,
    ]);
  });

  test.each([
    ["/** d */ x: x", "/** d */"],
    ["/** d */ { a }: a", "/** d */"],
    ["/** d */ ({ a }: a)", null],
    ["/**/ x: x", null],
    ["/*** d */ x: x", null],
    ["/** a */ /** b */ x: x", "/** b */"],
    ["/** a */ /* b */ x: x", "/** a */"],
  ])("%s", (source, expected) => {
    const expr = parse(source);
    if (expr.kind !== "Lambda") throw new Error(expr.kind);
    expect(expr.doc && source.slice(expr.doc.start, expr.doc.end)).toBe(expected);
  });
});
