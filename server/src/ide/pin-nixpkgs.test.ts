import { expect, test } from "vitest";
import { analyze } from "../testing/analysis-fixture.ts";
import { applyFix } from "../testing/apply-fix.ts";

const MESSAGE =
  "file 'nixpkgs' was not found in the Nix search path (add it using $NIX_PATH or -I)";

/** The first file of a fixture, pinned. */
function pinned(source: string): string {
  const { host, id } = analyze(source);
  const pin = { url: "https://x/a.tar.gz", sha256: "0abc", name: "nixos-99.05" };
  return applyFix(source, { title: "", edits: host.analysis().pinNixpkgs(id, pin) });
}

/** What is said of a missing nixpkgs in the first file. */
function problem(text: string, message = MESSAGE) {
  const { host, id } = analyze(text);
  const error = { message, code: "throw", at: null, trace: [], suggestions: [] };
  host.evaluated(id, { revision: 1, derivations: [], error });
  const [found] = host.analysis().diagnostics(id);
  return found;
}

test("every use is replaced, with the indentation of its line", () => {
  expect(pinned("{\n  pkgs ? import <nixpkgs> { },\n}:\npkgs.hello")).toMatchInlineSnapshot(`
    "{
      pkgs ? import (fetchTarball {
        url = "https://x/a.tar.gz"; # nixos-99.05
        sha256 = "0abc";
      }) { },
    }:
    pkgs.hello"
  `);
  expect(pinned("[ <nixpkgs/lib> <nixpkgs> <nixpkgs-old> ]")).toMatchInlineSnapshot(`
    "[ ((fetchTarball {
      url = "https://x/a.tar.gz"; # nixos-99.05
      sha256 = "0abc";
    }) + "/lib") (fetchTarball {
      url = "https://x/a.tar.gz"; # nixos-99.05
      sha256 = "0abc";
    }) <nixpkgs-old> ]"
  `);
});

test("a missing nixpkgs can be pinned", () => {
  const found = problem("import <nixpkgs> { }");
  expect(found?.code).toBe("missing-nixpkgs");
  expect(found?.message.split("\n")).toEqual([
    MESSAGE,
    "Pin a release of nixpkgs in this file, or say where it is: setting snowglobe.nixPath, or variable NIX_PATH.",
  ]);
  expect(found?.fixes?.map(({ title, command }) => [title, command])).toEqual([
    ["Pin nixpkgs to nixos-26.05 (stable)", { name: "pinNixpkgs", arguments: ["nixos-26.05"] }],
    [
      "Pin nixpkgs to nixos-unstable (the newest, tested)",
      { name: "pinNixpkgs", arguments: ["nixos-unstable"] },
    ],
    ["Pin nixpkgs to another release or revision …", { name: "pinNixpkgs", arguments: [] }],
  ]);
});

test("what npins and niv keep is used", () => {
  const text = (pins: string) =>
    `#- /p/sub/a/shell.nix\nimport <nixpkgs> { }\n#- /p/${pins}\n{ }\n`;
  for (const [pins, name, expected] of [
    ["npins/default.nix", "npins", "import (import ../../npins).nixpkgs { }"],
    ["nix/sources.nix", "niv", "import (import ../../nix/sources.nix).nixpkgs { }"],
  ] as const) {
    const found = problem(text(pins));
    expect(found?.message.split("\n")[1]).toBe(`${name} keeps the sources of this project.`);
    const [fix] = found?.fixes ?? [];
    expect(fix?.title).toBe(`Use the nixpkgs of ${name}`);
    expect(fix && applyFix("import <nixpkgs> { }", fix)).toBe(expected);
  }
});

test("where it is not this file that looks for it, and other errors", () => {
  expect(problem("{ stdenv }: stdenv")?.fixes).toEqual([]);
  expect(problem("import <nixpkgs> { }", "file 'other' was not found")?.code).toBe("throw");
});

test("only up to the repository that the file is in", () => {
  const found = problem(
    "#- /p/sub/shell.nix\nimport <nixpkgs> { }\n#- /p/sub/.git/HEAD\nx\n#- /p/npins/default.nix\n{ }\n",
  );
  expect(found?.fixes?.map(({ command }) => command?.name)).not.toContain(undefined);
});
