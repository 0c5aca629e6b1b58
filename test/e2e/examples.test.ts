/** The packaged extension in the real VS Code, on a copy of examples/: what a user does first. */
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { drvPath, evaluate, shownHash } from "../command-line.ts";
import { Workbench } from "./workbench.ts";

let vscode: Workbench;

beforeAll(async () => {
  // The other run leaves the server to VS Code's own Node.
  const settings = { "snowglobe.server.node": process.execPath };
  vscode = await Workbench.open("examples", { trusted: true, settings });
});

afterEach(async ({ task }) => {
  const failed = task.result?.state === "fail" ? "-failed" : "";
  await vscode?.picture(`${task.name.replace(/\W+/g, "-")}${failed}`);
});

afterAll(async () => {
  await vscode?.close();
});

test("a Nix file opens in colours", async () => {
  await vscode.openFile("shell.nix");
  await vscode.seeInStatusBar("Nix");
  await vscode.seeColours(["# A development", "snowglobe-example", "import"]);
});

test("hashes stand behind derivations", async () => {
  await vscode.seeInEditor(`${hash("pkgs.hello")} hello-2.12.1`);
  await vscode.seeInEditor(`${hash("pkgs.jq")} jq-1.7.1`);
  await vscode.seeInEditor(`${shownHash(shell())} snowglobe-example`);
  await vscode.seeInStatusBar(/\d+ derivations/);
});

test("hover shows the store path", async () => {
  const path = evaluate(vscode.folder, "(import <nixpkgs> { }).nodejs.outPath");
  const text = await vscode.hover("nodejs", String(path));
  expect(text).toContain(drv("pkgs.nodejs"));
});

test("a syntax error is underlined, and gone when mended", async () => {
  await vscode.openFresh("shell.nix");
  await vscode.putCursorAfter("hello");
  await vscode.type(" =");
  await vscode.seeError();
  await vscode.problem("syntax error");
  await vscode.putCursorAfter("hello");
  await vscode.press("Delete", 2);
  await vscode.seeNoError();
});

test("an evaluation error is underlined, and gone when mended", async () => {
  await vscode.openFresh("shell.nix");
  await vscode.putCursorAfter("nodejs");
  await vscode.type("s");
  await vscode.seeError();
  await vscode.problem("attribute 'nodejss' missing");
  await vscode.putCursorAfter("nodejss");
  await vscode.press("Backspace");
  await vscode.seeNoError();
  await vscode.seeInEditor(`${hash("pkgs.nodejs")} nodejs-22.10.0`);
});

test("a change gives the shell another hash", async () => {
  await vscode.openFresh("shell.nix");
  const before = `${shownHash(shell())} snowglobe-example`;
  await vscode.putCursorAfter("Welcome to the shell");
  await vscode.type("!");
  await vscode.seeInEditor(
    (text) => !text.includes(before) && /[0-9a-z]{7} snowglobe-example/.test(text),
  );
  await vscode.save();
  await vscode.seeInEditor(`${shownHash(shell())} snowglobe-example`);
});

test("completion offers packages", async () => {
  await vscode.openFresh("shell.nix");
  await vscode.putCursorAfter("nodejs");
  await vscode.type("\npkgs.post");
  expect(await vscode.suggestions("postgresql")).not.toEqual([]);
  await vscode.press("Enter");
  await vscode.seeInEditor(`${hash("pkgs.postgresql")} postgresql-16.4`);
  await vscode.save();
});

test("Show Derivation opens a derivation, and its inputs from there", async () => {
  await vscode.openFresh("shell.nix");
  await vscode.seeInStatusBar(/\d+ derivations/);
  await vscode.putCursorAfter("hello");
  await vscode.command("Snowglobe: Show Derivation");
  await vscode.seeInEditor(drv("pkgs.hello"));
  const text = await vscode.seeInEditor("hello-2.12.1.tar.gz");
  expect(text).toContain("x86_64-linux");
  await vscode.followLink("hello-2.12.1.tar.gz.drv");
  await vscode.seeInEditor("https://example.org/hello-2.12.1.tar.gz");
});

test("Copy Store Path", async () => {
  await vscode.openFresh("shell.nix");
  await vscode.seeInStatusBar(/\d+ derivations/);
  await vscode.putCursorAfter("jq");
  await vscode.command("Snowglobe: Copy Store Path");
  const path = evaluate(vscode.folder, "(import <nixpkgs> { }).jq.outPath");
  await vscode.seeClipboard(String(path));
});

test("Restart Server brings everything back", async () => {
  await vscode.openFresh("shell.nix");
  await vscode.command("Snowglobe: Restart Server");
  await vscode.seeInStatusBar(/\d+ derivations/);
  await vscode.seeInEditor(`${hash("pkgs.hello")} hello-2.12.1`);
});

test("nothing complains in the console, nothing leaves the machine", () => {
  expect(vscode.complaints).toEqual([]);
});

/** The `.drv` of a package of the examples' set. */
function drv(expression: string): string {
  return drvPath(vscode.folder, `let pkgs = import <nixpkgs> { }; in ${expression}`);
}

function hash(expression: string): string {
  return shownHash(drv(expression));
}

/** The `.drv` of the saved shell.nix. */
function shell(): string {
  return drvPath(vscode.folder, `import ${join(vscode.folder, "shell.nix")} { }`);
}
