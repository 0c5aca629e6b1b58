/** Enter Dev Shell in the real VS Code, with nothing but a package set that builds without a network. */
import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { prepareWorld } from "../world/prepare-world.ts";
import { Workbench } from "./workbench.ts";

/** Builds of a compiler and what it compiles, on a slow machine. */
const BUILDING = 120_000;

const FILES = {
  "work.nix": `{ pkgs ? import <nixpkgs> { } }:
pkgs.mkShell {
  name = "work-shell";
  packages = [ pkgs.hello ];
  inputsFrom = [ pkgs.hello ];
  shellHook = ''
    echo "hook $((40 + 2))"
  '';
}
`,
  "failing.nix": `with import <nixpkgs> { };
mkShell { name = "failing-shell"; packages = [ probes.failing ]; }
`,
  "hanging.nix": `with import <nixpkgs> { };
mkShell { name = "hanging-shell"; packages = [ probes.hanging ]; }
`,
  "cuda.nix": `{ pkgs ? import <nixpkgs> { config = { allowUnfree = true; cudaSupport = true; }; } }:
pkgs.mkShell {
  name = "cuda-shell";
  nativeBuildInputs = with pkgs.buildPackages; [ python311 ];
  shellHook = ''
    export CUDA_PATH=\${pkgs.cudaPackages_12.cudatoolkit}
  '';
}
`,
};

const store = mkdtempSync(join(tmpdir(), "snowglobe-e2e-store-"));
let vscode: Workbench;

beforeAll(async () => {
  process.env["SNOWGLOBE_STORE"] = store;
  vscode = await Workbench.open("dev-shell", {
    trusted: true,
    settings: {
      "terminal.integrated.gpuAcceleration": "off",
      "terminal.integrated.shellIntegration.enabled": false,
    },
    prepare: (folder) => {
      // In the place of the examples' own set, which is not made to be built.
      rmSync(join(folder, "nixpkgs"), { recursive: true });
      prepareWorld(join(folder, "nixpkgs"));
      for (const [name, text] of Object.entries(FILES)) writeFileSync(join(folder, name), text);
    },
  });
});

afterEach(async ({ task }) => {
  const failed = task.result?.state === "fail" ? "-failed" : "";
  await vscode?.picture(`dev-shell-${task.name.replace(/\W+/g, "-")}${failed}`);
});

afterAll(async () => {
  await vscode?.close();
  execFileSync("chmod", ["-R", "u+w", store]);
  rmSync(store, { recursive: true, force: true });
});

test(
  "the lens asks, builds, and opens a terminal in the shell",
  async () => {
    await vscode.openFile("work.nix");
    await vscode.clickLens("Enter dev shell");
    const plan = await vscode.answer("Enter the dev shell of work.nix?", "Enter");
    expect(plan).toContain("will be built:");
    expect(plan).toContain("work-shell-env");
    expect(plan).toContain('echo "hook $((40 + 2))"');
    await vscode.seeNotification("Dev shell of work.nix");
    await vscode.seeNotification(/\d of \d+ built/, BUILDING);
    await vscode.picture("dev-shell-progress");
    await vscode.seeInTerminal("hook 42", BUILDING);
    await vscode.typeInTerminal(
      "hello there; cc -v > /dev/null 2>&1; echo status $((5 * 5)) $name\n",
    );
    await vscode.seeInTerminal("status 25 work-shell");
    const text = await vscode.seeInTerminal("there");
    expect(text).toMatch(/^Hello, there!$/m);
    await vscode.typeInTerminal("exit\n");
  },
  2 * BUILDING,
);

test("the second time it is entered at once", async () => {
  await vscode.openFile("work.nix");
  await vscode.seeLens("Enter dev shell ✓");
  await vscode.command("Snowglobe: Enter Dev Shell");
  await vscode.seeInTerminal("hook 42", BUILDING);
  await vscode.typeInTerminal("exit\n");
});

test(
  "a build that fails shows its log",
  async () => {
    await vscode.openFile("failing.nix");
    await vscode.clickLens("Enter dev shell");
    await vscode.answer("Enter the dev shell of failing.nix?", "Enter");
    await vscode.seeNotification(
      /Dev shell of failing.nix failed: .*failed with exit code 3/,
      BUILDING,
    );
    await vscode.seeInOutput("> about to fail");
    await vscode.command("Notifications: Clear All Notifications");
    await vscode.command("View: Hide Panel");
  },
  2 * BUILDING,
);

test(
  "cancelling ends the builder",
  async () => {
    await vscode.openFile("hanging.nix");
    await vscode.clickLens("Enter dev shell");
    await vscode.answer("Enter the dev shell of hanging.nix?", "Enter");
    const building = "building hanging";
    await vscode.seeNotification(building, BUILDING);
    await expect.poll(sleepers, { timeout: BUILDING }).not.toEqual([]);
    await vscode.pressInNotification("Dev shell of hanging.nix", "Cancel");
    await expect.poll(sleepers, { timeout: BUILDING }).toEqual([]);
  },
  3 * BUILDING,
);

test(
  "a shell whose hook names a package outside of its inputs",
  async () => {
    await vscode.openFile("cuda.nix");
    await vscode.clickLens("Enter dev shell");
    await vscode.answer("Enter the dev shell of cuda.nix?", "Enter");
    await vscode.seeInTerminal((text) => text.trim() !== "", BUILDING);
    await vscode.typeInTerminal(
      "echo at $CUDA_PATH; python3; $CUDA_PATH/bin/nvcc; echo $((3 * 9))\n",
    );
    const text = (await vscode.seeInTerminal("\n27")).replaceAll("\n", "");
    expect(text).toMatch(/at \/nix\/store\/\w{32}-cudatoolkit-12\.4\.1/);
    expect(text).toContain("Python 3.11.9");
    expect(text).toContain("release 12.4");
    await vscode.typeInTerminal("exit\n");
  },
  2 * BUILDING,
);

test("Build tells the store path", async () => {
  await vscode.openFile("work.nix");
  await vscode.clickLens("Build");
  await vscode.answer("Build work.nix?", "Build");
  await vscode.seeNotification(/Built \/nix\/store\/\w{32}-work-shell/, BUILDING);
});

test("nothing complains in the console, nothing leaves the machine", () => {
  // What a notification says as an error stands in the console as well; so do terminals that ended.
  const expected = /^Dev shell of failing\.nix|Could not find pty/;
  const others = vscode.complaints.filter((text) => !expected.test(text));
  expect(others).toEqual([]);
});

/** Processes that builders of this test's kind wait in. */
function sleepers(): string[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .map((pid) => join("/proc", pid, "cmdline"))
    .filter((file) => existsSync(file))
    .map(commandLine)
    .filter((words) => words.includes("sleep\u0000100000"));
}

function commandLine(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch {
    // It has just ended.
    return "";
  }
}
