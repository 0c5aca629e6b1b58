import { expect, test } from "vitest";
import { analyze } from "../testing/analysis-fixture.ts";
import type { AttributeView } from "./evaluation-view.ts";

function complete(source: string, evaluated: AttributeView[] | null = null) {
  const { host, id, offset, text } = analyze(source);
  const found = host.analysis().completion(id, offset, evaluated);
  const labels = (found?.items ?? []).map((item) => item.label);
  return { found, labels, replace: found && text(found.replace) };
}

/** Labels of the file's own names, without globals and keywords. */
function own(source: string): string[] {
  const { found } = complete(source);
  const items = found?.items ?? [];
  return items.filter(({ rank }) => rank < 2).map(({ label }) => label);
}

test("names in scope, inner ones and arguments", () => {
  expect(own("let a = 1; in { b, c ? 2 }@d: rec { e = $0; }")).toEqual(["a", "b", "c", "d", "e"]);
  expect(own("let a = 1; in $0")).toEqual(["a"]);
  expect(own("x: [ (y: y) $0 ]")).toEqual(["x"]);
});

test("names of a with come behind the lexical ones", () => {
  const source = "b: with { a = 1; }; $0";
  expect(own(source)).toEqual(["b", "a"]);
});

test("globals, builtins with documentation, keywords", () => {
  const { found, labels } = complete("x: $0");
  expect(labels).toEqual(expect.arrayContaining(["map", "let", "true", "__head", "builtins"]));
  expect(labels).not.toContain("head");
  expect(found?.items.find(({ label }) => label === "map")).toMatchInlineSnapshot(`
    {
      "detail": "(a -> b) -> [a] -> [b]",
      "documentation": "\`\`\`nix
    builtins.map f list
    # (a -> b) -> [a] -> [b]
    \`\`\`

    Applies \`f\` to every element. The results are evaluated only when they are used.",
      "insert": "map",
      "kind": "builtin",
      "label": "map",
      "rank": 2,
    }
  `);
});

test("builtins behind a dot", () => {
  const { labels, replace } = complete("builtins.he$0ad");
  expect(labels).toContain("head");
  expect(labels).not.toContain("let");
  expect(replace).toBe("head");
});

test("attributes that the text shows", () => {
  expect(own("let s = { a = 1; b.c = 2; }; in s.$0")).toEqual(["a", "b"]);
  expect(own("let s = { a = 1; b.c = 2; }; in s.b.$0")).toEqual(["c"]);
  expect(own("let s = { a = 1; }; in { x = s.$0\n y = 1; }")).toEqual(["a"]);
  expect(own("let s = { a = 1; b = 2; }; inherit (s) a $0; in 1")).toEqual(["b"]);
  expect(own("let s = { a = 1; }; in s ? $0")).toEqual(["a"]);
});

test("a name that needs quotes gets them", () => {
  const { found } = complete(`let s = { "a b" = 1; }; in s.$0`);
  expect(found?.items.map(({ insert }) => insert)).toEqual(['"a b"']);
});

test("attributes that an evaluation knows", () => {
  const { found } = complete("p: p.$0", [{ name: "hello", type: "derivation" }]);
  expect(found?.items).toEqual([
    {
      label: "hello",
      insert: "hello",
      kind: "attribute",
      detail: "derivation",
      documentation: null,
      rank: 0,
    },
  ]);
});

test("of very many attributes those that match", () => {
  const many = Array.from({ length: 5000 }, (_, i) => ({ name: `p${i}`, type: null }));
  const all = complete("p: p.$0", many).found;
  expect(all?.items).toHaveLength(1000);
  expect(all?.isComplete).toBe(false);
  const some = complete("p: p.p49$0", many).found;
  expect(some?.items[0]?.label).toBe("p49");
  expect(some?.items.map(({ label }) => label)).toContain("p4999");
  expect(some?.items.map(({ label }) => label)).toContain("p459");
  // With a letter less there are others.
  expect(some?.isComplete).toBe(false);
});

test("inherit takes names of the outer scope that are not there yet", () => {
  expect(own("a: b: { inherit a $0; }")).toEqual(["b"]);
  expect(own("a: let b = 1; inherit $0; in 1")).toEqual(["a"]);
});

test("where a binding begins there are no names", () => {
  expect(complete("a: { b = 1; $0 }").labels).toEqual(["inherit"]);
  expect(complete("a: let b = 1; in$0 c = 2; in a").labels).toEqual(["inherit"]);
});

test("behind an expression the words that may follow", () => {
  const { labels } = complete("if true $0");
  expect(labels).toEqual(expect.arrayContaining(["then", "else"]));
});

test("nothing in strings, comments and numbers", () => {
  expect(complete('x: "a$0"').found).toBeNull();
  expect(complete("x: # a$0\n x").found).toBeNull();
  expect(complete("x: 1$0").found).toBeNull();
});

test("the subject that an evaluation may be asked about", () => {
  const { host, id, offset, text } = analyze("p: { a = p.q.he$0; }");
  const { subject } = host.analysis().completionQuestions(id, offset) ?? {};
  expect(subject && text(subject)).toBe("p.q");
  expect(subject?.names).toEqual(["p", "q"]);
});

test("what an evaluation knows of the sets around, and of the function that is called", () => {
  const inWith = analyze("p: with p.q; with p; [ he$0 ]");
  const questions = inWith.host.analysis().completionQuestions(inWith.id, inWith.offset);
  expect(questions?.scopes.map(({ names }) => names?.join("."))).toEqual(["p", "p.q"]);
  const scopes = [[{ name: "hello", type: "derivation" }], [{ name: "help", type: null }]];
  const names = inWith.host.analysis().completion(inWith.id, inWith.offset, null, { scopes });
  expect(names?.items.map(({ label }) => label).filter((label) => /^hel/.test(label))).toEqual([
    "hello",
    "help",
  ]);
  const call = analyze("p: p.mkShell { name = 1; pa$0 }");
  const asked = call.host.analysis().completionQuestions(call.id, call.offset);
  expect(asked?.callee?.names).toEqual(["p", "mkShell"]);
  const formals = [
    { name: "name", fallback: null },
    { name: "packages", fallback: "[ ]" },
  ];
  const found = call.host.analysis().completion(call.id, call.offset, null, { formals });
  expect(found?.items.map(({ label, detail }) => `${label}: ${detail}`)).toEqual([
    "packages: argument, default [ ]",
    "inherit: null",
  ]);
});
