import { expect, test } from "vitest";
import { canonicalPath, resolvePathLiteral } from "./path-text.ts";

test("canonical paths", () => {
  expect(canonicalPath("/a/./b//c/")).toBe("/a/b/c");
  expect(canonicalPath("/a/../../..")).toBe("/");
  expect(canonicalPath("/")).toBe("/");
  expect(canonicalPath("/a/..b/...")).toBe("/a/..b/...");
});

test.each([
  ["./a", "/base/dir/a"],
  ["../a", "/base/a"],
  ["a/b", "/base/dir/a/b"],
  ["/x/../y", "/y"],
  ["./.", "/base/dir"],
  ["./a/", "/base/dir/a/"],
  ["/", "/"],
  ["~/a", "/home/u/a"],
  ["~/../a", "/home/u/../a"],
])("%s", (text, path) => expect(resolvePathLiteral(text, "/base/dir", "/home/u")).toBe(path));
