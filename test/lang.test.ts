/** The words of errors: `lang/*.txt`, each an expression and the message that it fails with. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { runOurs } from "./oracle/our-nix.ts";
import { failure } from "./oracle/outcome.ts";

const folder = join(import.meta.dirname, "lang");

/** Expression and message of each case: cases stand between lines of four dashes. */
function cases(file: string): [expression: string, message: string][] {
  const text = readFileSync(join(folder, file), "latin1").replace(/\n$/, "");
  return text
    .split("\n----\n")
    .filter((part) => !part.startsWith("# "))
    .map((part) => {
      const at = part.lastIndexOf("\nerror: ");
      return [part.slice(0, at), part.slice(at + "\nerror: ".length)];
    });
}

describe.each(readdirSync(folder).filter((name) => name.endsWith(".txt")))("%s", (file) => {
  test.each(cases(file))("%s", (expression, message) => {
    const args = ["--eval", "--strict", "-E", Buffer.from(expression, "latin1").toString()];
    const { stderr } = runOurs(args);
    const outcome = failure(stderr);
    expect(outcome.ok ? "success" : outcome.message).toBe(message);
  });
});
