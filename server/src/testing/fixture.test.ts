import { expect, test } from "vitest";
import { atCursor, DEFAULT_PATH, parseFixture } from "./fixture.ts";

test("one text is one file, and the cursor is cut out", () => {
  const { fixture, path, offset } = atCursor("let ä = $01; in ä");
  expect(path).toBe(DEFAULT_PATH);
  expect(fixture.files.get(DEFAULT_PATH)).toBe("let ä = 1; in ä");
  // Bytes: ä is two of them.
  expect(offset).toBe(9);
});

test("two cursors make a range", () => {
  expect(parseFixture("a $0b c$0 d").range).toEqual({ path: DEFAULT_PATH, start: 2, end: 5 });
});

test("a header starts a file", () => {
  const fixture = parseFixture("#- /a.nix\nimport ./b.nix\n#- /b.nix\n$01\n");
  expect([...fixture.files]).toEqual([
    ["/a.nix", "import ./b.nix\n"],
    ["/b.nix", "1\n"],
  ]);
  expect(fixture.cursor).toEqual({ path: "/b.nix", offset: 0 });
});

test("labels speak of the last line that is no label", () => {
  const { labels } = parseFixture("{\n  abc = 1;\n# ^^^ first\n#       ^ second\n}\n");
  expect(labels.map((l) => [l.start, l.end, l.text])).toEqual([
    [4, 7, "first"],
    [10, 11, "second"],
  ]);
});
