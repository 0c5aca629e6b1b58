/** Environments of the world's packages and shells: variable by variable those of a real Nix. */
import * as fs from "node:fs";
import * as path from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { prepareWorld } from "../world/prepare-world.ts";
import { type RealNix, realNix } from "./real-nix.ts";
import { remove, scratch, snowglobe } from "./snowglobe.ts";
import { users } from "./users.ts";

// The last of them is the one with the fewest rights.
const user = users.at(-1);
if (user === undefined) throw new Error("no user");

/** mkShell, one with inputsFrom, packages, structured attributes, what runs one command. */
const NAMES = ["plain", "inputs", "hello", "hello-structured", "command"];

const EXPRESSION = `let pkgs = import ./world { }; in {
  inherit (pkgs) hello hello-structured;
  inherit (pkgs.shells) plain inputs;
  command = pkgs.runCommand "command" { VALUE = "it's"; passAsFile = [ "big" ]; big = "text"; } "echo > $out";
  noStdenv = derivation {
    name = "no-stdenv"; inherit (pkgs.stdenv) system; builder = "\${pkgs.bash}/bin/bash";
    args = [ "-c" "exit 1" ]; FOO = "bar baz"; PATH = "\${pkgs.busybox}/bin";
  };
}`;

/** As somebody writes it who works with CUDA. */
const CUDA = `{ pkgs ? import <nixpkgs> { config = { allowUnfree = true; cudaSupport = true; }; } }:
pkgs.mkShell {
  nativeBuildInputs = with pkgs.buildPackages; [ python311 ];
  shellHook = ''
    export CUDA_PATH=\${pkgs.cudaPackages_12.cudatoolkit}
    export LD_LIBRARY_PATH=\${pkgs.cudaPackages_12.cudatoolkit}/lib
  '';
}`;

const home = scratch(user);
let nix: RealNix;

beforeAll(() => {
  prepareWorld(path.join(home, "world"));
  fs.writeFileSync(path.join(home, "default.nix"), EXPRESSION);
  fs.writeFileSync(path.join(home, "cuda.nix"), CUDA);
  nix = realNix(home);
});
afterAll(() => remove(home));

interface Printed {
  readonly variables: Record<string, unknown>;
  readonly bashFunctions: Record<string, string>;
}

/** Without what changes every time, and what follows from the script that looked at the environment. */
function comparable(text: string): Printed {
  const { variables, bashFunctions }: Printed = JSON.parse(
    text.replace(/\/nix\/store\/\w{32}(-[\w.-]*-env)/g, "/nix/store/HASH$1"),
  );
  // Nix 2.8 lists some that every shell sets anew, and files outside of the sandbox.
  const changing = ["LINENO", "COMP_WORDBREAKS", "EPOCHREALTIME", "EPOCHSECONDS"];
  for (const name of [...changing, "NIX_ATTRS_JSON_FILE", "NIX_ATTRS_SH_FILE"])
    delete variables[name];
  return { variables, bashFunctions };
}

const ours = (name: string) =>
  snowglobe(user, home, "print-dev-env", "--json", "-f", "default.nix", name);

test.each(NAMES)("of %s", (name) => {
  const theirs = comparable(nix.run("nix", "print-dev-env", "--json", "-f", "default.nix", name));
  expect(comparable(ours(name).stdout)).toEqual(theirs);
  expect(Object.keys(theirs.variables).length).toBeGreaterThan(30);
});

test("of a derivation without a stdenv, which Nix can't enter", () => {
  const { variables } = comparable(ours("noStdenv").stdout);
  expect(variables).toMatchObject({
    FOO: { type: "exported", value: "bar baz" },
    IN_NIX_SHELL: { type: "exported", value: "impure" },
  });
});

test("a shell whose hook names CUDA", () => {
  const script =
    'echo "$CUDA_PATH|$LD_LIBRARY_PATH"; test -d "$CUDA_PATH/lib" && python3 && "$CUDA_PATH/bin/nvcc"';
  const words = ["-I", "nixpkgs=world", "-f", "cuda.nix", "-c", "bash", "-c", script];
  const { stdout, stderr, status } = snowglobe(user, home, "develop", ...words);
  expect({ stderr, status }).toMatchObject({ status: 0 });
  expect(stdout).toMatch(
    /^(\/nix\/store\/\w{32}-cudatoolkit-12\.4\.1)\|\1\/lib\nPython 3\.11\.9\nCuda compilation tools, release 12\.4\n$/,
  );
});
