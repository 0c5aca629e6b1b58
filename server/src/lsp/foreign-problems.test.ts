import { expect, test } from "vitest";
import type { EvaluationError } from "../ide/evaluation-view.ts";
import { ForeignProblems } from "./foreign-problems.ts";

function errorIn(file: string, message = "m"): EvaluationError {
  const at = { file, line: 1, column: 1, text: "" };
  return { message, code: "throw", at, trace: [], suggestions: [] };
}

function world(...open: string[]) {
  const shown: string[] = [];
  const problems = new ForeignProblems({
    isOurs: (file) => file.startsWith("/w/"),
    isOpen: (file) => open.includes(file),
    show: (file, errors) => {
      shown.push(`${file}: ${errors.map(({ message }) => message).join(", ") || "gone"}`);
    },
  });
  return { problems, shown, open };
}

test("an error is shown on the file that it is in, until it is gone", () => {
  const { problems, shown } = world("/w/a.nix");
  problems.evaluated("/w/a.nix", [errorIn("/w/lib.nix")]);
  problems.evaluated("/w/a.nix", [errorIn("/w/other.nix")]);
  problems.evaluated("/w/a.nix", []);
  expect(shown).toEqual([
    "/w/lib.nix: m",
    "/w/lib.nix: gone",
    "/w/other.nix: m",
    "/w/other.nix: gone",
  ]);
});

test("the innermost file of the workspace, of libraries outside of it those that called them", () => {
  const { problems, shown } = world("/w/a.nix");
  const inside = errorIn("/nixpkgs/lib.nix");
  const { at } = errorIn("/w/lib.nix");
  problems.evaluated("/w/a.nix", [{ ...inside, trace: at ? [at] : [] }]);
  expect(shown).toEqual(["/w/lib.nix: m"]);
});

test("a wrong option is shown where it is defined, whoever needs it", () => {
  const { problems, shown } = world("/w/a.nix");
  const option = { name: "a.b", problem: "value", near: [] } as const;
  const files = ["/w/web.nix", "/nixpkgs/m.nix"];
  problems.evaluated("/w/a.nix", [{ ...errorIn("/w/a.nix"), option, files }]);
  expect(shown).toEqual(["/w/web.nix: m"]);
});

test("several errors, also of several documents, stay as long as one evaluation has them", () => {
  const { problems, shown } = world("/w/a.nix", "/w/b.nix");
  problems.evaluated("/w/a.nix", [errorIn("/w/lib.nix"), errorIn("/w/lib.nix", "n")]);
  problems.evaluated("/w/b.nix", [errorIn("/w/lib.nix", "o")]);
  problems.closed("/w/a.nix");
  expect(shown).toEqual(["/w/lib.nix: m, n", "/w/lib.nix: m, n, o", "/w/lib.nix: o"]);
});

test("not on the document itself, on open files and outside of the workspace", () => {
  const { problems, shown } = world("/w/a.nix", "/w/open.nix");
  problems.evaluated("/w/a.nix", [errorIn("/w/a.nix")]);
  problems.evaluated("/w/a.nix", [errorIn("/w/open.nix")]);
  problems.evaluated("/w/a.nix", [errorIn("/nixpkgs/lib.nix")]);
  expect(shown).toEqual([]);
});

test("when a file is closed, what others meet in it is shown again", () => {
  const { problems, shown, open } = world("/w/a.nix", "/w/lib.nix");
  problems.evaluated("/w/a.nix", [errorIn("/w/lib.nix")]);
  open.pop();
  problems.closed("/w/lib.nix");
  expect(shown).toEqual(["/w/lib.nix: m"]);
});
