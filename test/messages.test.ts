/** What `snowglobe instantiate` says beside the result. */
import { expect, test } from "vitest";
import { runOurs } from "./oracle/our-nix.ts";

const said = (...args: string[]) => runOurs(["--eval", ...args]).stderr;

test("a search path entry that does not exist is named once", () => {
  const twice = "map (x: builtins.tryEval <nope>) [ 1 2 ]";
  expect(said("--strict", "-I", "/nowhere", "-E", twice)).toBe(
    "warning: Nix search path entry '/nowhere' does not exist, ignoring\n",
  );
});

test("what Nix warns of by itself is no warning of the evaluation", () => {
  const hash = "sha256:0000000000000000000000000000000000000000000000000000";
  const old = `builtins.convertHash { hash = "${hash}"; toHashFormat = "base32"; }`;
  expect(said("-E", old)).toBe(
    'warning: "base32" is a deprecated alias for hash format "nix32".\n',
  );
  expect(said("-E", 'builtins.warn "old" 1')).toBe("evaluation warning: old\n");
});

test("a value that contains itself is too deep for XML", () => {
  const cycle = "let x = { a = x; }; in builtins.toXML x";
  expect(said("--max-call-depth", "100", "-E", cycle)).toContain(
    "error: stack overflow; max-call-depth exceeded",
  );
});

test("features that are none are warned of", () => {
  const features = ["--extra-experimental-features", "flakes nonsense fetch-closure"];
  expect(said(...features, "-E", "1")).toBe("warning: unknown experimental feature 'nonsense'\n");
});

test("settings that are none are warned of, by name", () => {
  process.env["NIX_CONFIG"] = "foo = 1\nextra-cores = 3\nextra-substituters = x\nbuild-cores = 2";
  try {
    expect(said("--option", "bar", "1", "-E", "1")).toBe(
      ["bar", "extra-cores", "foo"].map((name) => `warning: unknown setting '${name}'\n`).join(""),
    );
  } finally {
    delete process.env["NIX_CONFIG"];
  }
});
