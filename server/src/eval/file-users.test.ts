import { expect, test } from "vitest";
import { MemoryHost, memoryStore, TEST_SETTINGS } from "../testing/memory-host.ts";
import { attributesOfFile } from "./package-tree.ts";
import { EvaluationSession } from "./session.ts";

/** A tree of packages of the usual shape: a list, directories by name, a set in the set. */
const TREE = {
  "/n/default.nix": `
    { config ? { } }:
    let
      callPackage = f: args:
        let fn = import f; in fn (builtins.intersectAttrs (builtins.functionArgs fn) pkgs // args);
      byName = builtins.mapAttrs (shard: _: builtins.readDir (./pkgs/by-name + "/\${shard}"))
        (builtins.readDir ./pkgs/by-name);
      names = builtins.concatMap (shard: map (name: { inherit name; value = callPackage (./pkgs/by-name + "/\${shard}/\${name}/package.nix") { }; })
        (builtins.attrNames byName.\${shard})) (builtins.attrNames byName);
      pkgs = builtins.listToAttrs names // import (./pkgs + "/top-level/all-packages.nix") { inherit callPackage pkgs; };
    in pkgs`,
  "/n/pkgs/top-level/all-packages.nix": `
    { callPackage, pkgs }: {
      make = name: args: derivation ({ inherit name; system = "x"; builder = "b"; } // args);
      stdenv = pkgs.make "stdenv" { };
      tool_2 = callPackage ../tools/tool {
        flavour = "sweet";
      };
      bad = throw "not evaluated";
      pythonPackages = import ./python-packages.nix { inherit callPackage; };
    }`,
  "/n/pkgs/top-level/python-packages.nix": `
    { callPackage }: { six = callPackage ../python/six.nix { }; }`,
  "/n/pkgs/tools/tool/default.nix": `{ make, flavour, hello }: make "tool" { inherit flavour hello; }`,
  "/n/pkgs/by-name/he/hello/package.nix": `{ make }: make "hello" { }`,
  "/n/pkgs/python/six.nix": `{ make, hello }: make "six" { inherit hello; }`,
};

function tree() {
  const host = new MemoryHost(TREE);
  const one = new EvaluationSession(host, memoryStore(), TEST_SETTINGS);
  const shown = (path: string, contents: string | null = null) => {
    one.setDocument(path, contents, true);
    const { through, error, members, derivations } = one.evaluateRoot(path);
    const names = derivations.get(path)?.map(({ name }) => name);
    return { through, error: error?.message, members: [...members.keys()], names };
  };
  const drvPath = (attribute: string) => {
    const value = one.ev.evaluateText(`(import /n { }).${attribute}.drvPath`, "test", "/");
    return (value as { text: string }).text;
  };
  return { host, one, shown, drvPath };
}

test("a package is the attribute that a list calls it for, with its arguments, and so is an edit of it", () => {
  const { one, shown, drvPath } = tree();
  const path = "/n/pkgs/tools/tool/default.nix";
  const found = { through: "/n/default.nix", error: undefined, members: ["tool_2"] };
  expect(shown(path)).toEqual({ ...found, names: ["tool", "hello"] });
  expect(one.evaluateRoot(path).members.get("tool_2")?.drvPath).toBe(drvPath("tool_2"));
  const edited = TREE[path].replace('"tool"', '"other"');
  expect(shown(path, edited)).toEqual({ ...found, names: ["other", "hello"] });
  expect(one.evaluateRoot(path).members.get("tool_2")?.drvPath).toBe(drvPath("tool_2"));
  expect(shown(path, "{ make, lacking }: make lacking { }").error).toMatch(/lacking/);
});

test("a package by name, and one of a set in the set", () => {
  const { shown } = tree();
  const through = "/n/default.nix";
  const hello = shown("/n/pkgs/by-name/he/hello/package.nix");
  expect(hello).toMatchObject({ through, members: ["hello"], names: ["hello"] });
  const six = shown("/n/pkgs/python/six.nix");
  expect(six).toMatchObject({ through, members: ["pythonPackages.six"], names: ["six", "hello"] });
});

test("of a package that another has used before only its own attribute is evaluated", () => {
  const { one, shown } = tree();
  const hello = "/n/pkgs/by-name/he/hello/package.nix";
  one.setDocument(hello, null, true);
  expect(shown("/n/pkgs/python/six.nix").names).toContain("hello");
  expect([...one.evaluateRoot(hello).members.keys()]).toEqual(["hello"]);
});

test("the list itself is evaluated through the tree", () => {
  const { shown } = tree();
  const { through, names, error } = shown("/n/pkgs/top-level/all-packages.nix");
  expect([through, error]).toEqual(["/n/default.nix", undefined]);
  expect(names).toEqual(["stdenv", "tool"]);
});

test("which attributes a file may be", () => {
  const { one } = tree();
  const names = (path: string) => attributesOfFile(one.ev, "/n", path);
  expect(names("/n/pkgs/tools/tool/default.nix")).toEqual(["tool_2", "tool", "stdenv"]);
  expect(names("/n/pkgs/by-name/he/hello/package.nix")).toEqual(["hello", "stdenv"]);
  expect(names("/n/pkgs/python/six.nix").slice(0, 2)).toEqual([
    "python3Packages.six",
    "pythonPackages.six",
  ]);
});
