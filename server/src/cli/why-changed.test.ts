import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { currentSystem } from "../host/nix-settings.ts";
import { whyChanged } from "./why-changed.ts";

let folder: string;
const git = (...args: string[]) =>
  execFileSync("git", ["-C", folder, "-c", "user.name=t", "-c", "user.email=t@t", ...args]);
const file = (name: string) => join(folder, name);

const shell = (hook: string, dep: string) => `{
  shell = derivation {
    name = "shell"; system = "s"; builder = "b"; hook = "${hook}"; src = ./src;
    dep = derivation { name = "dep"; system = "s"; builder = "b"; a = "${dep}"; };
  };
}
`;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "snowglobe-why-"));
  writeFileSync(file("default.nix"), shell("echo 1\\necho 2", "x"));
  writeFileSync(file("src"), "one");
  git("init", "-q");
  git("add", ".");
  git("commit", "-q", "-m", "first");
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function run(...args: string[]): string {
  let text = "";
  whyChanged(args, { stdout: (bytes) => (text += bytes), stderr: () => {} });
  return text;
}

test("the working tree against a revision", () => {
  const operands = [`HEAD:${file("default.nix")}`, file("default.nix")];
  expect(run("-A", "shell", ...operands)).toMatch(
    /^Same derivation: nothing to rebuild\.\n\/nix\/store\/\w{32}-shell\.drv\n$/,
  );
  writeFileSync(file("default.nix"), shell("echo 1\\necho 3", "y"));
  writeFileSync(file("src"), "two");
  expect(run("-A", "shell", ...operands)).toBe(`Changes 2 of 2 derivations.
shell
  variable hook:
    - echo 2
    + echo 3
  source src: ${file("src")}
    dep
      variable a: x -> y
`);
});

const flake = (hook: string) => `{
  outputs = { self }: {
    packages.\${SYSTEM}.a = derivation { name = "a"; system = "s"; builder = "b"; hook = "${hook}"; };
    devShells.\${SYSTEM}.default = derivation { name = "sh"; system = "s"; builder = "b"; };
  };
}`;

test("outputs of a flake", () => {
  const text = (hook: string) => flake(hook).replaceAll("${SYSTEM}", currentSystem());
  mkdirSync(file("sub"));
  writeFileSync(file("sub/flake.nix"), text("one"));
  git("add", ".");
  git("commit", "-q", "-m", "a flake");
  const commit = git("rev-parse", "HEAD").toString().trim();
  writeFileSync(file("sub/flake.nix"), text("two"));
  const now = file("sub/flake.nix");
  const changes = "Changes 1 of 1 derivations.\na\n  variable hook: one -> two\n";
  expect(run(`HEAD:${now}#a`, `${now}#a`)).toBe(changes);
  expect(run(`HEAD:${file("sub")}#a`, `${file("sub")}#a`)).toBe(changes);
  expect(run("-A", "a", `git+file://${folder}?dir=sub&rev=${commit}`, file("sub"))).toBe(changes);
  expect(run(`HEAD:${now}`, now)).toMatch(/^Same derivation: nothing to rebuild.\n.*-sh.drv\n$/);
  expect(() => run(`HEAD:${now}#b`, `${now}#b`)).toThrow(/does not provide attribute/);
  expect(() => run(`HEAD~1:${now}#a`, `${now}#a`)).toThrow(/flake.nix/);
  expect(() => run(`nothing:${now}#a`, `${now}#a`)).toThrow(/git knows no revision 'nothing'/);
});

test("what cannot be compared is said", () => {
  expect(() => run(file("default.nix"), file("default.nix"))).toThrow(
    /there is shell \(option -A\)/,
  );
  expect(() => run("nothing:default.nix", file("default.nix"))).toThrow(/git knows no revision/);
  expect(() => run("a")).toThrow(/two things to compare/);
});
