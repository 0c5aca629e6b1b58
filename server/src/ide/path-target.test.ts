import { expect, test } from "vitest";
import { canonicalPath } from "./path-target.ts";

test("dots and slashes go", () => {
  expect(canonicalPath("/a/./b//c/../d/")).toBe("/a/b/d");
  expect(canonicalPath("/../..")).toBe("/");
});
