/** What an evaluation reads of outputs is built when it asks. */
import * as fs from "node:fs";
import * as path from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { remove, scratch, snowglobe } from "./snowglobe.ts";
import { users } from "./users.ts";

// The last of them is the one with the fewest rights.
const user = users.at(-1);
if (user === undefined) throw new Error("no user");

const EXPRESSION = `
let
  make = name: script: derivation {
    inherit name; system = "x86_64-linux"; builder = "\${./bash}"; args = [ "-c" script ];
  };
in rec {
  dep = make "dep" "echo 7 > $out";
  generated = make "generated" "echo '{ n = 40 + 2; }' > $out";
  refers = make "refers" "echo \${dep} > $out";
  number = (import generated).n;
  context = builtins.attrNames (builtins.getContext (builtins.readFile refers));
  here = [ (builtins.pathExists "\${generated}") (builtins.pathExists (generated + "/x")) ];
  uses = make "uses" "echo \${toString number} \${builtins.readFile refers} > $out";
  # Of a file's text the references are paths, whatever built them.
  same = make "uses" "echo 42 \${builtins.appendContext plain { \${plain} = { path = true; }; }}\\n > $out";
  plain = builtins.unsafeDiscardStringContext "\${dep}";
  copy = builtins.path { path = "\${generated}"; name = "copy"; };
  traced = builtins.trace "seen" (import generated).n;
  broken = import (make "broken" "echo about; exit 3");
}`;

const home = scratch(user);
const evaluate = (attribute: string, ...args: string[]) =>
  snowglobe(user, home, "eval", "--json", "-f", "default.nix", attribute, ...args);
const value = (attribute: string) => {
  const { stdout, stderr, status } = evaluate(attribute);
  expect({ stderr, status }).toMatchObject({ status: 0 });
  return JSON.parse(stdout);
};

beforeAll(() => {
  fs.copyFileSync("/usr/bin/bash-static", path.join(home, "bash"));
  fs.writeFileSync(path.join(home, "default.nix"), EXPRESSION);
});
afterAll(() => remove(home));

test("it is built once, and read where it is", () => {
  const first = evaluate("traced");
  expect(first).toMatchObject({ stdout: "42\n", status: 0 });
  expect(first.stderr).toMatch(/^trace: seen\nbuilding '\S+-generated\.drv'\.\.\.\n$/);
  expect(evaluate("traced").stderr).toBe("trace: seen\n");
  expect(value("here")).toEqual([true, false]);
  expect(value("copy")).toMatch(/^\/nix\/store\/\w{32}-copy$/);
});

test("the references of what was read are its context, so that hashes are Nix's", () => {
  expect(value("context")).toEqual([expect.stringMatching(/^\/nix\/store\/\w{32}-dep$/)]);
  const drvPath = (name: string) =>
    snowglobe(user, home, "eval", "--raw", "-f", "default.nix", `${name}.drvPath`).stdout;
  expect(drvPath("uses")).toBe(drvPath("same"));
  const built = snowglobe(user, home, "build", "-f", "default.nix", "uses", "--no-link");
  expect(built.status).toBe(0);
});

test("in a flake", () => {
  const flake = path.join(home, "flake");
  fs.mkdirSync(flake);
  for (const name of ["bash", "default.nix"])
    fs.copyFileSync(path.join(home, name), path.join(flake, name));
  fs.writeFileSync(
    path.join(flake, "flake.nix"),
    "{ outputs = { self }: { packages.x86_64-linux.default = (import ./.).uses; }; }",
  );
  const built = snowglobe(user, home, "build", "./flake", "--no-link", "--print-out-paths");
  expect(built.stderr).not.toContain("error");
  expect(built.stdout).toMatch(/^\/nix\/store\/\w{32}-uses\n$/);
});

test("a build that fails, and one that is not allowed", () => {
  const { stderr, stdout, status } = evaluate("broken");
  expect({ stdout, status }).toEqual({ stdout: "", status: 1 });
  expect(stderr).toMatch(/error: builder for '\S+-broken\.drv' failed with exit code 3;\n/);
  const refused = evaluate("broken", "--option", "allow-import-from-derivation", "false");
  expect(refused.stderr).toMatch(
    /cannot build '\S+-broken\.drv\^out' during evaluation because the option 'allow-import-from-derivation' is disabled/,
  );
});
