import { expect, test } from "vitest";
import { MemoryHost, memoryStore, TEST_SETTINGS } from "../testing/memory-host.ts";
import { EvaluationSession } from "./session.ts";

const make = 'derivation { inherit name; system = "s"; builder = "b"; dep = uses; }';
const FILES = {
  "/t/default.nix": `{ }: let
  call = file: (import file) packages;
  packages = { one = call ./pkgs/one.nix; two = call ./pkgs/two.nix; three = call ./pkgs/three.nix; };
in packages`,
  "/t/pkgs/one.nix": `{ ... }: let name = "one"; uses = 1; in ${make}`,
  "/t/pkgs/two.nix": `{ one, ... }: let name = "two"; uses = one; in ${make}`,
  "/t/pkgs/three.nix": `{ ... }: let name = "three"; uses = 3; in ${make}`,
  "/w/default.nix": "let t = import /t { }; in [ t.one t.two t.three ]",
};

/** How many derivations are made by evaluating a root after a file has been edited. */
function madeAfterEdit(file: keyof typeof FILES, open: readonly (keyof typeof FILES)[]): number {
  const root = "/w/default.nix";
  const session = new EvaluationSession(new MemoryHost(FILES), memoryStore(), TEST_SETTINGS);
  for (const path of [root, ...open] as const) session.setDocument(path, FILES[path]);
  session.evaluateRoot(root);
  const before = session.ev.derivations;
  session.setDocument(file, FILES[file].replace(/name = "/, 'name = "x'));
  const { derivations, error } = session.evaluateRoot(root);
  expect(error).toBe(null);
  expect(derivations.get(root)?.length).toBe(3);
  return session.ev.derivations - before;
}

test("an edit of an open file makes again what was computed from it, and nothing else", () => {
  expect(madeAfterEdit("/t/pkgs/three.nix", ["/t/pkgs/three.nix"])).toBe(1);
  expect(madeAfterEdit("/t/pkgs/one.nix", ["/t/pkgs/one.nix"])).toBe(2);
  expect(madeAfterEdit("/t/pkgs/two.nix", ["/t/pkgs/one.nix", "/t/pkgs/two.nix"])).toBe(1);
});

test("of a file that was not open it is not known what was computed from it", () => {
  expect(madeAfterEdit("/t/pkgs/three.nix", [])).toBe(3);
});
