/** What somebody who is new to Nix pastes into a file: each is explained where it is wrong, and mended by its fix. */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { drvPath, evaluate, shownHash } from "../command-line.ts";
import { Workbench } from "./workbench.ts";

let vscode: Workbench;

beforeAll(async () => {
  vscode = await Workbench.open("beginner", { trusted: true });
});

afterEach(async ({ task }) => {
  const failed = task.result?.state === "fail" ? "-failed" : "";
  await vscode?.picture(`beginner-${task.name.replace(/\W+/g, "-")}${failed}`);
});

afterAll(async () => {
  await vscode?.close();
});

test("options of NixOS as a whole file become a module", async () => {
  await paste(
    "configuration.nix",
    `nix.settings = {
  experimental-features = [ "nix-command" "flakes" ];
  auto-optimise-store = true;
};
`,
  );
  await vscode.seeError();
  await vscode.problem("a NixOS module is a function");
  await vscode.fix("nix.settings", "Wrap it in a module");
  await vscode.seeNoError();
  await vscode.seeInEditor("{ config, pkgs, ... }:");
});

test("a package that is called otherwise, in a shell for graphics cards", async () => {
  const right = readFileSync(join(vscode.folder, "cuda-shell.nix"), "utf8");
  await paste("cuda.nix", right.replace("torch-bin", "pytorch-bin"));
  await vscode.seeError();
  await vscode.problem("Did you mean torch-bin?");
  await vscode.fix("pytorch-bin", "torch-bin");
  await vscode.seeNoError();
  const drv = drvPath(vscode.folder, `import ${join(vscode.folder, "cuda-shell.nix")} { }`);
  await vscode.seeInEditor(`${shownHash(drv)} cuda-example`);
  const toolkit = `(import <nixpkgs> { config.allowUnfree = true; }).cudaPackages_12.cudatoolkit.outPath`;
  await vscode.hover("cudatoolkit", String(evaluate(vscode.folder, toolkit)));
});

test("an overlay that takes a set takes two arguments", async () => {
  await paste(
    "my-overlay.nix",
    `{ self, super }:
{
  hello = super.hello.overrideAttrs { version = "2.13"; };
}
`,
  );
  await vscode.problem("an overlay takes two arguments");
  await vscode.fix("self, super", "final: prev:");
  await vscode.seeInEditor("final: prev:");
  await vscode.seeInEditor("prev.hello.overrideAttrs");
  await vscode.seeInEditor((shown) => /[0-9a-z]{7} hello-2\.13/.test(shown));
});

test("nothing complains in the console, nothing leaves the machine", () => {
  expect(vscode.complaints).toEqual([]);
});

/** A file of the workspace with this text, opened. */
async function paste(name: string, text: string): Promise<void> {
  writeFileSync(join(vscode.folder, name), text);
  await vscode.openFile(name);
  await vscode.revert();
}
