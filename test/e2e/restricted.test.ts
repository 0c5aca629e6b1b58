/** A workspace that the user has not trusted: what lies in it is evaluated, nothing else is read. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { drvPath, shownHash } from "../command-line.ts";
import { Workbench } from "./workbench.ts";

let vscode: Workbench;

beforeAll(async () => {
  vscode = await Workbench.open("restricted", { trusted: false });
  writeFileSync(join(vscode.folder, "inside.nix"), "(import ./nixpkgs { }).hello\n");
  writeFileSync(join(vscode.folder, "outside.nix"), "builtins.readFile /etc/hostname\n");
  writeFileSync(join(vscode.folder, "environment.nix"), 'throw "<${builtins.getEnv "PATH"}>"\n');
});

afterEach(async ({ task }) => {
  const failed = task.result?.state === "fail" ? "-failed" : "";
  await vscode?.picture(`restricted-${task.name.replace(/\W+/g, "-")}${failed}`);
});

afterAll(async () => {
  await vscode?.close();
});

test("the window is in Restricted Mode", async () => {
  await vscode.seeInStatusBar("Restricted Mode");
});

test("files of the workspace are evaluated", async () => {
  await vscode.openFile("inside.nix");
  await vscode.seeInEditor(`${hello()} hello-2.12.1`);
});

test("a file outside of the workspace is not read", async () => {
  await vscode.openFile("outside.nix");
  await vscode.problem(/access to path '.*' is forbidden/);
});

test("environment variables are empty", async () => {
  await vscode.openFile("environment.nix");
  await vscode.problem("<>");
});

test("a setting of the workspace that names a path is ignored", async () => {
  await vscode.openFile("shell.nix");
  await vscode.problem("file 'nixpkgs' was not found");
});

test("once the workspace is trusted the setting counts", async () => {
  await vscode.trustWorkspace();
  await vscode.openFile("shell.nix");
  await vscode.seeInEditor(`${hello()} hello-2.12.1`);
});

test("nothing complains in the console, nothing leaves the machine", () => {
  expect(vscode.complaints).toEqual([]);
});

function hello(): string {
  return shownHash(drvPath(vscode.folder, "(import <nixpkgs> { }).hello"));
}
