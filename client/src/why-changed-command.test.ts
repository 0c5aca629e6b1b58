import { expect, test } from "vitest";
import { whyChangedCommand } from "./why-changed-command.ts";

test("a file, an attribute of one, an output of a flake", () => {
  expect(whyChangedCommand("a/shell.nix", "HEAD", [])).toBe(
    "snowglobe why-changed HEAD:a/shell.nix a/shell.nix",
  );
  expect(whyChangedCommand("default.nix", "HEAD~1", ["a", "b c"])).toBe(
    `snowglobe why-changed -A 'a."b c"' HEAD~1:default.nix default.nix`,
  );
  expect(whyChangedCommand("flake.nix", "HEAD", ["devShells", "x86_64-linux", "default"])).toBe(
    "snowglobe why-changed HEAD:flake.nix#devShells.x86_64-linux.default flake.nix#devShells.x86_64-linux.default",
  );
  expect(whyChangedCommand("my file.nix", "HEAD", [])).toBe(
    "snowglobe why-changed 'HEAD:my file.nix' 'my file.nix'",
  );
});
