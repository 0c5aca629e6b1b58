/** Writing a module of NixOS inside a checkout of its nixpkgs: what its options are, and where from. */
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { Workbench } from "./workbench.ts";

/** As much of NixOS as has a set of hosts, each with options of its own. */
const FILES = {
  "my-nixpkgs/nixos/lib/eval-config.nix": `{ system, modules }:
let
  config = import (builtins.head modules) { inherit config; };
in
{
  inherit config;
  options.services.web.hosts = {
    _type = "option";
    type = { name = "attrsOf"; nestedTypes.elemType = import ./host.nix; };
  };
}
`,
  "my-nixpkgs/nixos/lib/host.nix": `let
  option = type: description: { _type = "option"; inherit description; type.description = type; };
in
{
  name = "submodule";
  getSubOptions = prefix: {
    forceTLS = option "boolean" "Whether visitors are sent to the encrypted pages.";
    aliases = option "list of strings" "Other names of the host.";
  };
}
`,
  "my-nixpkgs/nixos/modules/web.nix": `{ config, ... }:
{
  services.web.hosts."example.org" = {
    forceTLS = true;
  };
}
`,
};

let vscode: Workbench;

beforeAll(async () => {
  vscode = await Workbench.open("modules", {
    trusted: true,
    prepare: (folder) => {
      for (const [name, text] of Object.entries(FILES)) {
        mkdirSync(dirname(join(folder, name)), { recursive: true });
        writeFileSync(join(folder, name), text);
      }
    },
  });
});

afterEach(async ({ task }) => {
  const failed = task.result?.state === "fail" ? "-failed" : "";
  await vscode?.picture(`modules-${task.name.replace(/\W+/g, "-")}${failed}`);
});

afterAll(async () => {
  await vscode?.close();
});

test("an option of a submodule is described", async () => {
  await vscode.openFile("my-nixpkgs/nixos/modules/web.nix");
  await vscode.seeInStatusBar("module");
  await vscode.hover("forceTLS", "Whether visitors are sent to the encrypted pages.");
});

test("the options of a submodule are offered", async () => {
  await vscode.putCursorAfter("true;");
  await vscode.press("Enter");
  await vscode.type("ali");
  const offered = await vscode.suggestions("aliases");
  expect(offered.join("\n")).toContain("list of strings");
});

test("definition leads to the declaration, while the text is wrong too", async () => {
  await vscode.press("Escape");
  await vscode.putCursorAfter("forceTLS");
  await vscode.press("F12");
  await vscode.seeInEditor("getSubOptions");
});
