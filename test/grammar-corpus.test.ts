// Runs grammars/nix/test/corpus with the committed wasm: tree-sitter's own runner needs a C compiler.
import { readdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { expect, test } from "vitest";
import { Language, Parser, Query } from "web-tree-sitter";

const grammar = new URL("../grammars/nix/", import.meta.url);
const corpus = new URL("test/corpus/", grammar);
const runtime = createRequire(import.meta.url).resolve("web-tree-sitter/web-tree-sitter.wasm");

await Parser.init({ locateFile: () => runtime });
const nix = await Language.load(readFileSync(new URL("tree-sitter-nix.wasm", grammar)));
const parser = new Parser().setLanguage(nix);

interface Case {
  title: string;
  text: string;
  /** The S-expression without fields, or null when any tree with an error will do. */
  tree: string | null;
}

/** A title between lines of `=`, the text, a line of `-`, the tree; `:error` after the title. */
function casesOf(file: URL): Case[] {
  const pattern =
    /={80}\n(.+)\n(:error\n)?={80}\n\n([\s\S]*?)\n\n-{80}\n\n([\s\S]*?)\n*(?=={80}|$)/g;
  return [...readFileSync(file, "utf8").matchAll(pattern)].map(
    ([, title = "", error, text = "", tree = ""]) => ({
      title,
      text,
      tree: error === undefined ? tree.replace(/\s+/g, " ").replaceAll(" )", ")") : null,
    }),
  );
}

for (const name of readdirSync(corpus)) {
  const cases = casesOf(new URL(name, corpus));
  test(`${name} is read to its end`, () => {
    const text = readFileSync(new URL(name, corpus), "utf8");
    expect(cases.length).toBe((text.match(/^={80}$/gm) ?? []).length / 2);
  });
  test.each(cases)(`${name}: $title`, ({ text, tree }) => {
    const root = parser.parse(text)?.rootNode;
    if (tree === null) expect(root?.hasError).toBe(true);
    else expect(root?.toString().replace(/[a-z_]+: /g, "")).toBe(tree);
  });
}

test("the highlight query names nodes that exist and colours what it should", () => {
  const query = new Query(nix, readFileSync(new URL("queries/highlights.scm", grammar), "utf8"));
  const text = '{ a ? 1 }: let f = x: throw "n\\n${y}"; in f ./b // { inherit (c) d; }';
  const last = new Map<string, string>();
  for (const { node, name } of query.captures(parser.parse(text)!.rootNode)) {
    if (node.childCount === 0) last.set(node.text, name);
  }
  expect(Object.fromEntries(last)).toMatchInlineSnapshot(`
    {
      "\${": "punctuation.special",
      "(": "punctuation.bracket",
      ")": "punctuation.bracket",
      "./b": "string.special.path",
      "//": "operator",
      "1": "number",
      ":": "punctuation.delimiter",
      ";": "punctuation.delimiter",
      "=": "operator",
      "?": "operator",
      "\\n": "string.escape",
      "a": "variable.parameter",
      "c": "variable",
      "d": "property",
      "f": "function.call",
      "in": "keyword",
      "inherit": "keyword",
      "let": "keyword",
      "throw": "function.builtin",
      "x": "variable.parameter",
      "y": "variable",
      "{": "punctuation.bracket",
      "}": "punctuation.bracket",
    }
  `);
});

test("the injection query finds languages by comment and by attribute", () => {
  const query = new Query(nix, readFileSync(new URL("queries/injections.scm", grammar), "utf8"));
  const text = "{ a = /* python */ ''x ${y} z''; buildPhase = ''make''; previous = ''no''; }";
  const found = query
    .matches(parser.parse(text)!.rootNode)
    .flatMap(({ captures }) => captures)
    .filter(({ name }) => name === "injection.content")
    .map(({ node }) => node.text);
  expect(found).toEqual(["x ", " z", "make"]);
});
