import { expect, test } from "vitest";
import { parseNix } from "../syntax/parser.ts";
import { atCursor } from "../testing/fixture.ts";
import { analyzeBindings, type Reference } from "./bindings.ts";

function bindingsOf(source: string) {
  const { expr, problem } = parseNix(source);
  if (!expr) throw new Error(`${problem.message}: ${source}`);
  return analyzeBindings(expr, source.length);
}

function meaning(reference: Reference): string {
  const { definition, builtin, withs } = reference;
  if (definition) return `${definition.kind} at ${definition.sites.map((s) => s.start).join(",")}`;
  if (builtin !== null) return `builtin ${builtin}`;
  return withs.length > 0 ? `with at ${withs.map((w) => w.scope.start).join(",")}` : "undefined";
}

/** `name: what it is` for every use, in source order. */
function uses(source: string): string[] {
  return bindingsOf(source).references.map((r) => `${r.name}: ${meaning(r)}`);
}

test("let, functions and rec sets bind", () => {
  expect(uses("let a = b; b = 1; in x: { y ? x, z }@p: rec { c = y + d; d = p; }")).toEqual([
    "b: let at 11",
    "x: parameter at 21",
    "y: formal at 26",
    "d: attribute at 57",
    "p: parameter at 37",
  ]);
});

test("a plain set binds nothing", () => {
  expect(uses("{ a = 1; b = a; }")).toEqual(["a: undefined"]);
});

test("lexical beats global beats with, and an inner with comes first", () => {
  expect(uses("let a = 1; in with x: 1; with { }; [ a map b ]")).toEqual([
    "a: let at 4",
    "map: builtin map",
    "b: with at 30,19",
  ]);
  expect(uses("with { }; __add")).toEqual(["__add: builtin add"]);
  expect(uses("map: map")).toEqual(["map: parameter at 0"]);
});

test("inherit takes from outside, inherit from an expression sees inside", () => {
  expect(uses("x: rec { inherit x; inherit (x) y; z = y; }")).toEqual([
    "x: parameter at 0",
    "x: attribute at 17",
    "y: attribute at 32",
  ]);
});

test("attributes of one name in several places are one definition", () => {
  expect(uses("let a.b = 1; a.c = 2; in a")).toEqual(["a: let at 4,13"]);
});

test("sets written in two parts: the first one's rec counts", () => {
  expect(uses("{ a = rec { x = 1; }; a = { y = x; }; }")).toEqual(["x: attribute at 12"]);
  expect(uses("{ a = { x = 1; }; a = rec { y = x; }; }")).toEqual(["x: undefined"]);
});

test("names of nested attributes stay inside", () => {
  expect(uses("rec { a.b = c; c = b; }")).toEqual(["c: attribute at 15", "b: undefined"]);
});

test("dynamic names and values see the set", () => {
  expect(uses("rec { a = 1; ${a} = a; }")).toEqual(["a: attribute at 6", "a: attribute at 6"]);
});

function namesAt(text: string): string[] {
  const { fixture, path, offset } = atCursor(text);
  const bindings = bindingsOf(fixture.files.get(path) ?? "");
  const names: string[] = [];
  for (let at: ReturnType<typeof bindings.scopeAt> | null = bindings.scopeAt(offset); at; ) {
    names.push(at.kind === "with" ? "with" : [...at.names.keys()].join(" "));
    at = at.parent;
  }
  return names.slice(0, -1);
}

test("scopes at an offset, innermost first", () => {
  expect(namesAt("let a = 1; in x: with { }; rec { b = $01; }")).toEqual(["b", "with", "x", "a"]);
  expect(namesAt("let a = 1; in with $0{ }; 1")).toEqual(["a"]);
  expect(namesAt("[ (x: x) $0(y: y) ]")).toEqual([]);
});

test("what stands at an offset", () => {
  const bindings = bindingsOf("let abc = 1; in abc");
  expect(bindings.referenceAt(16)?.name).toBe("abc");
  expect(bindings.referenceAt(19)?.name).toBe("abc");
  expect(bindings.referenceAt(15)).toBeNull();
  expect(bindings.definitionAt(7)?.name).toBe("abc");
  expect(bindings.definitionAt(8)).toBeNull();
  expect(bindings.definitionAt(5)?.references).toHaveLength(1);
});
