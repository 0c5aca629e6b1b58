/** `npm run fuzz -- --planted` plants bugs in the evaluator as it is: code that changes takes them along. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { PLANTED_BUGS } from "./oracle/planted-bugs.ts";

const source = join(import.meta.dirname, "../server/src");

test.each(PLANTED_BUGS)("there is one place for: $name", ({ file, search, replacement }) => {
  expect(readFileSync(join(source, file), "utf8").split(search)).toHaveLength(2);
  expect(replacement).not.toBe(search);
});
