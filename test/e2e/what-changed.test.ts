/** What changed since the last commit, and what a file is, in the real VS Code on a git repository. */
import { execFileSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { Workbench } from "./workbench.ts";

const VIEW = "Snowglobe: What Changed";

let vscode: Workbench;

beforeAll(async () => {
  vscode = await Workbench.open("what-changed", { trusted: true, prepare: commitAll });
});

afterEach(async ({ task }) => {
  const failed = task.result?.state === "fail" ? "-failed" : "";
  await vscode?.picture(`what-changed-${task.name.replace(/\W+/g, "-")}${failed}`);
});

afterAll(async () => {
  await vscode?.close();
});

test("a lens says that nothing has changed", async () => {
  await vscode.openFile("shell.nix");
  await vscode.seeLens("Same derivation as HEAD: nothing to rebuild");
  await vscode.seeInEditor((text) => /[0-9a-z]{7} hello-2\.12\.1 =/.test(text));
});

test("a changed hook is the reason in the view", async () => {
  await vscode.openFresh("shell.nix");
  await vscode.putCursorAfter("Welcome to the shell");
  await vscode.type("!");
  await vscode.seeLens(/Changes 1 of \d+ derivations since HEAD/);
  await vscode.seeInEditor((text) => /[0-9a-z]{7} snowglobe-example ≠/.test(text));
  await vscode.clickLens("Changes 1 of");
  const rows = await vscode.seeInView(VIEW, "GREETING");
  expect(rows).toContain("snowglobe-example");
});

test("a variable of a reason opens as a comparison", async () => {
  await vscode.clickInView(VIEW, "GREETING");
  await vscode.seeInEditor("Welcome to the shell!");
});

test("a changed overlay is found at the end of the way", async () => {
  await vscode.openFresh("overlay.nix");
  await vscode.putCursorAfter("3.4.1");
  await vscode.press("Backspace");
  await vscode.type("2");
  await vscode.seeLens(/Changes \d+ of \d+ derivations since HEAD/);
  await vscode.openFile("default.nix");
  await vscode.seeLens(/Changes \d+ of \d+ derivations since HEAD/);
  await vscode.clickLens("Changes");
  const rows = await vscode.seeInView(VIEW, "version");
  expect(rows).toContain("greeter-1.0");
  expect(rows).toContain("openssl");
});

test("the changed part of the closure is a picture", async () => {
  await vscode.command("Snowglobe: Show What Changed as a Picture");
  await vscode.seeInWebview(".reason text", "openssl-3.4.2");
});

test("a changed source opens as a comparison of its files", async () => {
  await vscode.openFresh("greeter.sh");
  await vscode.putCursorAfter("#!/bin/sh");
  await vscode.type("\n# said twice");
  await vscode.save();
  await vscode.openFresh("overlay.nix");
  await vscode.openFile("default.nix");
  await vscode.seeLens(/Changes 1 of \d+ derivations since HEAD/);
  await vscode.clickLens("Changes 1 of");
  await vscode.seeInView(VIEW, "source greeter.sh");
  await vscode.clickInView(VIEW, "source greeter.sh");
  await vscode.seeInEditor("# said twice");
});

test("outputs of a flake are compared with the flake of the last commit", async () => {
  await vscode.openFile("flake/flake.nix");
  await vscode.seeLens("Same derivation as HEAD: nothing to rebuild");
  await vscode.putCursorAfter('hook = "said');
  await vscode.type(" aloud");
  await vscode.seeLens("Changes 1 of 1 derivation since HEAD");
  await vscode.clickLens("Changes 1 of 1");
  const rows = await vscode.seeInView(VIEW, "variable hook");
  expect(rows).toContain("flake-shell");
  await vscode.seeInEditor((text) => /[0-9a-z]{7} flake-shell ≠/.test(text));
});

test("a file that a flake imports is evaluated through its output, and compared", async () => {
  await vscode.openFile("flake/tool.nix");
  await vscode.seeInEditor((text) => /[0-9a-z]{7} tool-1\.0 =/.test(text));
  await vscode.putCursorAfter('word = "one');
  await vscode.type(" more");
  await vscode.seeLens("Changes 1 of 1 derivation since HEAD");
  await vscode.seeInEditor((text) => /[0-9a-z]{7} tool-1\.0 ≠/.test(text));
});

test("the status bar says what a file is, and lets it be chosen", async () => {
  await vscode.openFile("overlay.nix");
  await vscode.seeInStatusBar(/overlay/);
  await vscode.clickInStatusBar(/overlay/);
  expect(await vscode.choices("Overlay")).toContainEqual(expect.stringContaining("Automatic"));
  await vscode.picture("what-changed-roles");
  await vscode.press("Escape");
});

test("hover on a value says what it is", async () => {
  await vscode.openFile("default.nix");
  await vscode.hover("patchedZlib", "zlib-patched");
});

test("all of a value opens as a document", async () => {
  await vscode.openFile("shell.nix");
  await vscode.hover("packages", "Show all of it");
  await vscode.clickInHover("Show all of it");
  await vscode.seeInEditor("-hello-2.12.1.drv");
});

test("of what is called several times each call can be shown", async () => {
  await vscode.openFile("calls.nix");
  await vscode.seeInStatusBar(/0 derivations/);
  await vscode.hover("factor", (shown) => shown.startsWith("12") && shown.includes("call 1 of 2"));
  await vscode.clickInHover("Next call");
  // The hover that is open is of before.
  await vscode.putCursorAfter("let");
  await vscode.hover("factor", (shown) => shown.startsWith("63") && shown.includes("call 2 of 2"));
});

test("nothing complains in the console, nothing leaves the machine", () => {
  expect(vscode.complaints).toEqual([]);
});

const FLAKE = `{
  outputs =
    { self }:
    let
      eachSystem = f: { x86_64-linux = f "x86_64-linux"; aarch64-linux = f "aarch64-linux"; };
    in
    {
      packages = eachSystem (system: {
        tool = import ./tool.nix { make = args: derivation (args // { inherit system; builder = "b"; }); };
      });
      devShells = eachSystem (system: {
        default = derivation {
          name = "flake-shell";
          builder = "/bin/sh";
          hook = "said";
          inherit system;
        };
      });
    };
}
`;

const TOOL = `{ make }:
make {
  name = "tool-1.0";
  word = "one";
}
`;

const CALLS = `let
  triple = n: { factor = n * 3; };
in
[ (triple 4).factor (triple 21).factor ]
`;

function commitAll(folder: string): void {
  mkdirSync(join(folder, "flake"));
  writeFileSync(join(folder, "flake/flake.nix"), FLAKE);
  writeFileSync(join(folder, "flake/tool.nix"), TOOL);
  writeFileSync(join(folder, "calls.nix"), CALLS);
  const git = (...args: string[]) => execFileSync("git", ["-C", folder, ...args]);
  git("init", "-q");
  git("add", ".");
  git("-c", "user.name=t", "-c", "user.email=t@example.org", "commit", "-q", "-m", "first");
}
