import fc from "fast-check";
import { expect, test } from "vitest";
import { Regex, type RegexGroup } from "./regex.ts";

const match = (pattern: string, text: string) => new Regex(pattern).match(text);
const split = (pattern: string, text: string) => new Regex(pattern).split(text);

test.each<[pattern: string, text: string, groups: RegexGroup[] | null]>([
  ["", "", []],
  ["a", "b", null],
  ["a", "aa", null],
  ["(.*)", "a\nb", ["a\nb"]],
  ["(a)(b)?", "a", ["a", null]],
  ["([^/]+)/(.*)", "nix/store/x", ["nix", "store/x"]],
  ["v?([0-9]+)\\.([0-9]+)(-.*)?", "v1.23-pre", ["1", "23", "-pre"]],
  // The longest counts, and of the ways to it the first.
  ["(a|ab)(c|bcd)(d*)", "abcd", ["a", "bcd", ""]],
  ["(a*)(a*)", "aa", ["aa", ""]],
  // A loop's body may match nothing once more at the end; groups keep what they had.
  ["(a*)*", "aa", [""]],
  ["(a*)+", "aa", [""]],
  ["((a)|b)*", "ab", ["b", "a"]],
  ["(()|a)*", "a", ["", ""]],
  // Repeated repetitions, copies of groups.
  ["(a{2}){2}", "aaaa", ["aa"]],
  ["(a|b){2,3}", "aba", ["a"]],
  ["a{2}{2}", "aaaa", []],
  ["a{0}", "", []],
  ["a**", "aaa", []],
  ["a+?", "", []],
  // Anchors are conditions anywhere.
  ["^a$", "a", []],
  ["a^b", "ab", null],
  ["(^|a)b", "ab", ["a"]],
])("match %j %j", (pattern, text, groups) => {
  expect(match(pattern, text)).toEqual(groups);
});

test.each<[pattern: string, members: string, others: string]>([
  [".", "a\n\xff ", "\0"],
  ["[]a]", "]a", "b["],
  ["[^]a]", "b[", "]a"],
  ["[a\\]", "a\\", "b"],
  ["[-a]", "-a", "b"],
  ["[a-]", "-a", "b"],
  ["[!--]", "!+-", "."],
  ["[a-c]", "abc", "d-"],
  ["[[:alpha:]_]", "aZ_", "0\xe9"],
  ["[[:SPACE:]]", " \t\n\v\f\r", "a"],
  ["[[:w:]-]", "a0_-", "+"],
  ["[^[:digit:]]", "a", "0"],
  ["[[.a.]]", "a", "b."],
  ["[[.hyphen.][.space.]]", "- ", "h"],
  ["[[.a.]-c]", "abc", "d"],
  ["[[=a=]]", "aA", "b"],
  ["[\x80-\xff]", "\x80\xff", "a"],
  ["[\x80-a]", "\x80\xff\x01a", "b"],
  ["}", "}", "{"],
  ["]", "]", "["],
  ["\\^", "^", "\\"],
])("the set of %j", (pattern, members, others) => {
  for (const char of members) expect([char, match(pattern, char)]).toEqual([char, []]);
  for (const char of others) expect([char, match(pattern, char)]).toEqual([char, null]);
});

test.each([
  ["*"],
  ["+a"],
  ["(*a)"],
  ["^*"],
  ["a|*"],
  ["("],
  [")"],
  ["a)"],
  ["["],
  ["[a"],
  ["[]"],
  ["[^]"],
  ["[b-a]"],
  ["[a-b-c]"],
  ["[a-c-e]"],
  ["[a-\xff]"],
  ["[[:alpha:]-z]"],
  ["[a-[:alpha:]]"],
  ["[[:foo:]]"],
  ["[[:]]"],
  ["[[.zz.]]"],
  ["[[=a]"],
  ["{"],
  ["a{"],
  ["a{1"],
  ["a{1,"],
  ["a{,2}"],
  ["a{x}"],
  ["a{2,1}"],
  ["a{2147483648}"],
  ["\\"],
  ["\\d"],
  ["\\n"],
  ["\\]"],
  ["\\}"],
  ["\\1"],
  ["\0"],
])("%j is no regular expression", (pattern) => {
  expect(() => new Regex(pattern)).toThrow(
    expect.objectContaining({ message: `invalid regular expression '${pattern}'` }),
  );
});

test("too many states are a memory limit, and only then", () => {
  expect(() => new Regex("a{99990}")).not.toThrow();
  for (const pattern of ["a{120000}", "(a{300}){400}", "((a{100}){100}){10}", "a{120000}["]) {
    expect(() => new Regex(pattern)).toThrow(
      expect.objectContaining({
        message: `memory limit exceeded by regular expression '${pattern}'`,
      }),
    );
  }
  // The scanner is one token ahead.
  expect(() => new Regex("a{120000}\\d")).toThrow(/^invalid/);
});

test.each<[pattern: string, text: string, parts: (string | RegexGroup[])[]]>([
  ["x", "", [""]],
  ["x", "ab", ["ab"]],
  ["\\.", "a.b.c", ["a", [], "b", [], "c"]],
  ["(a)b", "abc", ["", ["a"], "c"]],
  ["x*", "axb", ["", [], "a", [], "", [], "b", [], ""]],
  ["(x*)", "xxa", ["", ["xx"], "", [""], "a", [""], ""]],
  ["^a", "aa", ["", [], "a"]],
  ["a$", "aa", ["a", [], ""]],
  ["^", "ab", ["", [], "ab"]],
  ["$", "ab", ["ab", [], ""]],
  ["(a)|b", "ba", ["", [null], "", ["a"], ""]],
  // Leftmost, and of those the longest.
  ["(a|ab)(c|bcd)?", "xabcd", ["x", ["a", "bcd"], ""]],
  ["a|ab|abc", "abcd", ["", [], "d"]],
  // A repetition stops at its first way to go on, so that this is not the longest.
  ["a*(ab)?", "ab", ["", [null], "", [null], "b", [null], ""]],
])("split %j %j", (pattern, text, parts) => {
  expect(split(pattern, text)).toEqual(parts);
});

/** Patterns that mean the same to JavaScript, as far as only matching or not goes. */
const pattern: fc.Arbitrary<string> = fc.letrec<{ node: string }>((tie) => ({
  node: fc.oneof(
    { maxDepth: 4, withCrossShrink: true },
    fc.constantFrom("a", "b", ".", "[ab]", "[^a]", "\\.", "()"),
    fc.tuple(tie("node"), tie("node")).map(([a, b]) => a + b),
    fc.tuple(tie("node"), tie("node")).map(([a, b]) => `(${a}|${b})`),
    fc
      .tuple(tie("node"), fc.constantFrom("*", "+", "?", "{2}", "{0,2}", "{1,}"))
      .map(([a, quantifier]) => `(${a})${quantifier}`),
  ),
})).node;

test("matches exactly what a JavaScript expression matches", () => {
  fc.assert(
    fc.property(
      pattern,
      fc.string({ unit: fc.constantFrom(..."ab.c"), maxLength: 7 }),
      (p, text) => {
        expect(match(p, text) !== null).toBe(new RegExp(`^(?:${p})$`, "s").test(text));
      },
    ),
  );
});

test("the parts of a split and what lies between them make up the text", () => {
  fc.assert(
    fc.property(
      pattern,
      fc.string({ unit: fc.constantFrom(..."ab.c"), maxLength: 7 }),
      (p, text) => {
        // The whole match as a group.
        const parts = split(`(${p})`, text);
        expect(parts.map((part) => (typeof part === "string" ? part : part[0])).join("")).toBe(
          text,
        );
      },
    ),
  );
});

test("long texts and patterns that lead astray take neither stack nor time", () => {
  const long = "ab\n".repeat(100_000);
  expect(match("([^\n]*\n)*", long)).toEqual(["ab\n"]);
  expect(split("\n", long).length).toBe(200_001);
  expect(match("(a|aa)*b", "a".repeat(2000))).toBeNull();
  expect(match("(a|b|ab)*c", "ab".repeat(1000))).toBeNull();
  expect(split("(a|aa)*b", "a".repeat(1000))).toEqual(["a".repeat(1000)]);
  expect(match("((a*)*)*b", "a".repeat(40))).toBeNull();
});

test("what can't be decided in reasonable time is an error, after which all works as before", () => {
  const regex = new Regex("(((b){0,})*{2,}){2,}");
  expect(() => regex.split("ba1a] ".repeat(20))).toThrow(
    "matching the regular expression takes too long",
  );
  expect(regex.match("bb")).not.toBeNull();
});
