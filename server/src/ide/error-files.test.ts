import { expect, test } from "vitest";
import { faultyFiles, isIn, ownErrors } from "./error-files.ts";
import type { EvaluationError } from "./evaluation-view.ts";

const frame = (file: string) => ({ file, line: 1, column: 1, text: "" });

/** An error in a library, that was called by a module for an option that another defines. */
const wrong: EvaluationError = {
  message: "The option value `a' in `/w/web.nix' is not of type `boolean'.",
  code: "throw",
  at: frame("/nixpkgs/modules.nix"),
  trace: [frame("/w/use.nix"), frame("/w/root.nix")],
  suggestions: [],
  option: { name: "a", problem: "value", near: [] },
  files: ["/w/web.nix"],
};
const isOurs = (file: string) => file.startsWith("/w/");

test("the faulty file defines the option, or is the innermost one", () => {
  expect(faultyFiles(wrong, isOurs)).toEqual(["/w/web.nix"]);
  expect(faultyFiles({ ...wrong, option: null }, isOurs)).toEqual(["/w/use.nix"]);
  expect(faultyFiles(wrong, () => false)).toEqual([]);
});

test("a file that is named but defines nothing has no part in an error", () => {
  expect(isIn(wrong, "/w/web.nix")).toBe(true);
  expect(isIn({ ...wrong, option: null }, "/w/web.nix")).toBe(false);
});

test("evaluated by itself a file has all errors, through another only those that it takes part in", () => {
  const other = { ...wrong, option: null };
  const own = (file: string, through: string | null) =>
    ownErrors({ error: wrong, others: [other], through }, file).length;
  expect(own("/w/host.nix", null)).toBe(2);
  expect(own("/w/host.nix", "/w/root.nix")).toBe(0);
  expect(own("/w/web.nix", "/w/root.nix")).toBe(1);
});
