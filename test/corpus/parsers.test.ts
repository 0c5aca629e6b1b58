// Both parsers over whole trees of files: SNOWGLOBE_CORPUS=DIR:DIR names them.
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { nixGrammar } from "../../server/src/testing/nix-grammar.ts";
import { parserDifference } from "../../server/src/testing/parser-difference.ts";

const trees = (process.env["SNOWGLOBE_CORPUS"] ?? "").split(":").filter((tree) => tree !== "");
const grammar = await nixGrammar();

test("there is a corpus", () => {
  expect(trees).not.toEqual([]);
});

test.each(trees)("the parsers agree about every file of %s", { timeout: 600_000 }, (tree) => {
  const files = readdirSync(tree, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith(".nix"))
    .map((entry) => join(entry.parentPath, entry.name));
  expect(files).not.toEqual([]);
  const differences = files.flatMap((file) => {
    const difference = parserDifference(grammar, readFileSync(file, "utf8"));
    return difference === null ? [] : [`${file}: ${difference}`];
  });
  expect(differences).toEqual([]);
});
