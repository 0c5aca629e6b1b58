import { expect, test } from "vitest";
import { MemoryHost, memoryStore, TEST_SETTINGS } from "../testing/memory-host.ts";
import { describeOption, optionNames } from "./describe-option.ts";
import { EvaluationSession } from "./session.ts";
import type { Value } from "./values.ts";

const { ev } = new EvaluationSession(new MemoryHost({}), memoryStore(), TEST_SETTINGS);

/** `users.extra` and others as `mkAliasOptionModule` and `mkRenamedOptionModule` of some releases make them. */
const options = ev.evaluateText(
  `let
    option = description: args: { _type = "option"; inherit description; } // args;
    untyped = description: option description { type = { name = "unspecified"; description = "unspecified"; }; };
    bool = { name = "bool"; description = "boolean"; };
    user = {
      name = "submodule";
      getSubOptions = _: {
        normal = option "Whether it is one of a person." { type = bool; default = false; };
        usual = untyped "Alias of <option>normal</option>.";
      };
    };
  in {
    users.all = option "All of them." { type = { name = "attrsOf"; functor.wrapped = user; description = "users"; }; };
    users.typed = option "Alias of {option}\`users.all\`." {
      type = { name = "attrsOf"; functor.wrapped = user; description = "users"; };
    };
    users.extra = untyped "Alias of <option>users.all</option>.";
    users."x.y" = untyped { _type = "mdDoc"; text = "Alias of {option}\`users.extra\`."; };
    users.quoted = option ''Alias of \`users."x.y"\`.'' { };
    users.circle = untyped "Alias of <option>users.circle</option>.";
    users.gone = untyped "Alias of <option>users.nowhere</option>.";
  }`,
  "options",
  "/",
);
const config = ev.evaluateText(`{ users.extra.bob.normal = true; }`, "config", "/");

function described(...names: string[]): string | null {
  const reader = {
    show: (value: Value) => String(value),
    place: () => null,
  };
  const found = describeOption(ev, { config, options }, names, reader);
  return (
    found && [found.name, found.type, found.description, found.fallback, found.value].join(" | ")
  );
}

test("inside an alias are the options of what it stands for", () => {
  const normal = "boolean | Whether it is one of a person. | false";
  expect(described("users", "extra", "bob", "normal")).toBe(
    `users.extra.bob.normal | ${normal} | true`,
  );
  expect(described("users", "quoted", "b", "normal")).toBe(`users.quoted.b.normal | ${normal} | `);
  const names = (...path: string[]) =>
    optionNames(ev, { config, options }, path)?.map(({ name }) => name) ?? null;
  expect(names("users", "extra", "bob")).toEqual(["normal", "usual"]);
  expect(names("users", "x.y", "bob")).toEqual(["normal", "usual"]);
});

test("an alias says what it is, and what it stands for", () => {
  expect(described("users", "extra")).toMatch(
    /^users\.extra \| users \| Alias of <option>users\.all<\/option>\.\n\nAll of them\. \|/,
  );
  expect(described("users", "all", "b", "usual")).toMatch(
    /^users\.all\.b\.usual \| boolean \|.*person/s,
  );
});

test("an alias with a type, as newer releases make it, leads to what it stands for", () => {
  expect(described("users", "typed")).toMatch(
    /^users\.typed \| users \| Alias.*\n\nAll of them\./s,
  );
});

test("a declaration in the tree of a flake is where it can be edited", () => {
  const tree = "/nix/store/00000000000000000000000000000000-source";
  ev.files.place(tree, "/w");
  const declared = (declarations: string) => {
    const text = `{ a = { _type = "option"; ${declarations} }; }`;
    const made = ev.evaluateText(text, "options", "/");
    const reader = { show: String, place: () => null };
    return describeOption(ev, { config, options: made }, ["a"], reader)?.declared;
  };
  const at = { file: "/w/m.nix", line: 3, column: 5 };
  expect(
    declared(`declarationPositions = [ { file = "${tree}/m.nix"; line = 3; column = 5; } ];`),
  ).toEqual(at);
  expect(declared(`declarations = [ "${tree}/m.nix" ];`)).toEqual({ ...at, line: 1, column: 1 });
});

test("an alias of nothing, or of itself, holds nothing", () => {
  for (const name of ["gone", "circle"]) {
    expect(described("users", name, "bob", "normal")).toBeNull();
    expect(optionNames(ev, { config, options }, ["users", name])).toBeNull();
  }
});
