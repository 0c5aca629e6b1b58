import { expect, test } from "vitest";
import type { EvaluationError } from "../ide/evaluation-view.ts";
import { ForeignProblems } from "./foreign-problems.ts";

function errorIn(file: string): EvaluationError {
  const at = { file, line: 1, column: 1, text: "" };
  return { message: "m", code: "throw", at, trace: [], suggestions: [] };
}

function world(open: readonly string[] = []) {
  const shown: string[] = [];
  const problems = new ForeignProblems({
    isForeign: (file) => file.startsWith("/w/") && !open.includes(file),
    show: (file, error) => shown.push(`${file} ${error?.message ?? "gone"}`),
  });
  return { problems, shown };
}

test("an error is shown on the file that it is in, until it is gone", () => {
  const { problems, shown } = world();
  problems.evaluated("/w/a.nix", errorIn("/w/lib.nix"));
  problems.evaluated("/w/a.nix", errorIn("/w/other.nix"));
  problems.evaluated("/w/a.nix", null);
  expect(shown).toEqual(["/w/lib.nix m", "/w/lib.nix gone", "/w/other.nix m", "/w/other.nix gone"]);
});

test("what `throw` says is where it is called", () => {
  const { problems, shown } = world();
  const { at, ...thrown } = errorIn("/w/lib.nix");
  problems.evaluated("/w/a.nix", { ...thrown, at: null, trace: at ? [at] : [] });
  expect(shown).toEqual(["/w/lib.nix m"]);
});

test("while another document's evaluation still has it, it stays", () => {
  const { problems, shown } = world();
  problems.evaluated("/w/a.nix", errorIn("/w/lib.nix"));
  problems.evaluated("/w/b.nix", errorIn("/w/lib.nix"));
  problems.evaluated("/w/a.nix", null);
  expect(shown).toEqual(["/w/lib.nix m", "/w/lib.nix m"]);
});

test("not on the document itself, on open files and outside of the workspace", () => {
  const { problems, shown } = world(["/w/open.nix"]);
  problems.evaluated("/w/a.nix", errorIn("/w/a.nix"));
  problems.evaluated("/w/a.nix", errorIn("/w/open.nix"));
  problems.evaluated("/w/a.nix", errorIn("/nixpkgs/lib.nix"));
  expect(shown).toEqual([]);
});
