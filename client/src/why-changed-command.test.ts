import { expect, test } from "vitest";
import { whyChangedCommand } from "./why-changed-command.ts";

const compared = (attributePath: string[], reference = "HEAD") => ({
  attributePath,
  reference,
  before: "/nix/store/a-b.drv",
});

test("a file, an attribute of one, an output of a flake", () => {
  expect(whyChangedCommand("a/shell.nix", compared([]))).toBe(
    "snowglobe why-changed HEAD:a/shell.nix a/shell.nix",
  );
  expect(whyChangedCommand("default.nix", compared(["a", "b c"], "HEAD~1"))).toBe(
    `snowglobe why-changed -A 'a."b c"' HEAD~1:default.nix default.nix`,
  );
  expect(whyChangedCommand("flake.nix", compared(["devShells", "x86_64-linux", "default"]))).toBe(
    "snowglobe why-changed HEAD:flake.nix#devShells.x86_64-linux.default flake.nix#devShells.x86_64-linux.default",
  );
  expect(whyChangedCommand("my file.nix", compared([]))).toBe(
    "snowglobe why-changed 'HEAD:my file.nix' 'my file.nix'",
  );
});

test("what was built last is named by its derivation", () => {
  expect(whyChangedCommand("default.nix", compared(["a"], "the last build"))).toBe(
    "snowglobe why-changed -A a /nix/store/a-b.drv default.nix",
  );
});
