import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { bytesFromText, bytesToText } from "../base/bytes.ts";
import { nixGrammar } from "../testing/nix-grammar.ts";
import { parseNix } from "./parser.ts";
import { withExactProblem } from "./tree-problems.ts";

const grammar = await nixGrammar();

const text = "{ a = 1;\n  b = ''é 😀 ${c}'';\n  d = [ e ];\n}\n";
const snippets = [
  "",
  "x",
  ";",
  "{",
  "}",
  "''",
  '"',
  "${",
  "a = 1;\n",
  " 😀 ",
  "é",
  "\r\n",
  "/b",
  ".",
];

describe("after edits the tree is the one of the text parsed anew", () => {
  const places = fc.record({
    at: fc.nat({ max: 1000 }),
    length: fc.nat({ max: 5 }),
    text: fc.constantFrom(...snippets),
  });

  test("given as changes", () => {
    fc.assert(
      fc.property(fc.array(fc.array(places, { minLength: 1, maxLength: 3 })), (batches) => {
        const document = grammar.open(text);
        let expected = text;
        for (const batch of batches) {
          const changes = batch.map(({ at, length, text }) => {
            const start = at % (expected.length + 1);
            const end = Math.min(start + length, expected.length);
            expected = expected.slice(0, start) + text + expected.slice(end);
            return { start, end, text };
          });
          document.edit(changes);
        }
        const fresh = grammar.open(expected);
        expect(document.text).toBe(expected);
        expect(document.root.toString()).toBe(fresh.root.toString());
        expect(document.root.endPosition).toEqual(fresh.root.endPosition);
        expect(document.tree()).toEqual(fresh.tree());
        document.dispose();
        fresh.dispose();
      }),
    );
  });

  test("given as the new text", () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...snippets, text), { maxLength: 6 }), (pieces) => {
        const document = grammar.open(text);
        const fresh = grammar.open(pieces.join(""));
        document.update(fresh.text);
        expect(document.root.toString()).toBe(fresh.root.toString());
        expect(document.tree()).toEqual(fresh.tree());
        document.dispose();
        fresh.dispose();
      }),
    );
  });
});

test("a document that is closed still answers what was asked of it before", () => {
  const document = grammar.open("{ a = 1; }");
  const tree = document.tree();
  document.dispose();
  expect(document.tree()).toBe(tree);
  const unasked = grammar.open("a + é");
  unasked.dispose();
  expect(unasked.tree()).toEqual({ expr: { kind: "Hole", start: 0, end: 6 }, problems: [] });
});

/** Each problem as the text that it marks and its message. */
function problemsOf(source: string): [string, string][] {
  const document = grammar.open(source);
  const bytes = bytesFromText(source);
  const problems = document
    .tree()
    .problems.map(({ start, end, message }): [string, string] => [
      bytesToText(bytes.slice(start, end)),
      bytesToText(message),
    ]);
  document.dispose();
  return problems;
}

describe("problems", () => {
  test("a right text has none", () => {
    expect(problemsOf(text)).toEqual([]);
  });

  test.each<[string, [string, string][]]>([
    ["{ a = 1 }", [["}", "syntax error, unexpected '}', expecting ';'"]]],
    ["{ a = é; }", [["é", "syntax error, unexpected invalid token"]]],
    ["{ a = f x\n  b = 1; }", [["x", "syntax error, unexpected identifier, expecting ';'"]]],
    ["{ a = b.; }", [[";", "syntax error, unexpected ';', expecting identifier"]]],
    ["{ a = ; }", [[";", "syntax error, unexpected ';'"]]],
    ["{ a = ./b/; }", [["/", "path has a trailing slash"]]],
    ["(a", [["", "syntax error, unexpected end of file, expecting ')'"]]],
    ["let a = 1;\n{ }", [[";", "syntax error, unexpected '{', expecting 'in'"]]],
    ["[ a, b ]", [[",", "syntax error, unexpected ','"]]],
    ["a == b == c", [["==", "syntax error, unexpected '=='"]]],
    [
      "{ a = ; b = 1 + ; c = [ d; }",
      [
        [";", "syntax error, unexpected ';'"],
        [";", "syntax error, unexpected ';'"],
        [";", "syntax error, unexpected ';', expecting ']'"],
      ],
    ],
  ])("%j", (source, problems) => {
    expect(problemsOf(source)).toEqual(problems);
  });

  test("behind the exact parser's problem only the later ones count", () => {
    const source = "{ a = ; b = 1 + ; }";
    const exact = parseNix(bytesFromText(source)).problem!;
    const document = grammar.open(source);
    const all = withExactProblem(exact, document.tree().problems);
    document.dispose();
    expect(all.map(({ start }) => start)).toEqual([6, 16]);
    expect(all[0]).toBe(exact);
  });
});
