/**
 * What Snowglobe is for: somebody without Nix opens a shell.nix and a flake.nix, sees hashes, clicks
 * "Enter dev shell", watches downloads and builds, and gets a prompt where the programs run.
 */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { type CacheServer, serveFolder } from "../build/cache-server.ts";
import { realNix } from "../build/real-nix.ts";
import { remove } from "../build/snowglobe.ts";
import { prepareWorld } from "../world/prepare-world.ts";
import { Workbench } from "./workbench.ts";

/** Builds of a compiler and what it compiles, on a slow machine. */
const BUILDING = 120_000;

const SHELL = `{ pkgs ? import <nixpkgs> { } }:
pkgs.mkShell {
  name = "first-shell";
  packages = [
    pkgs.python311
    pkgs.hello
  ];
  shellHook = ''
    echo "welcome $((40 + 2))"
  '';
}
`;

const FLAKE = `{
  outputs =
    { self }:
    let
      pkgs = import ./world { system = "x86_64-linux"; };
    in
    {
      devShells.x86_64-linux.default = pkgs.mkShell {
        name = "flake-shell";
        packages = [ pkgs.hello ];
        shellHook = "echo flake $((40 + 3))";
      };
    };
}
`;

const top = mkdtempSync(join(tmpdir(), "snowglobe-e2e-cache-"));
let cache: CacheServer;
let vscode: Workbench;

beforeAll(async () => {
  const world = join(top, "world");
  prepareWorld(world);
  // Half of the packages are in a cache that a real Nix has made and signed.
  const nix = realNix(top);
  const [secret, open] = [join(top, "secret"), join(top, "public")];
  nix.run("nix-store", "--generate-binary-cache-key", "test-1", secret, open);
  const python = nix.run("nix-build", world, "-A", "python311", "--no-out-link").trim();
  const to = `file://${join(top, "cache")}?compression=zstd&secret-key=${secret}`;
  nix.run("nix", "copy", "--to", to, python);
  cache = await serveFolder(join(top, "cache"));
  vscode = await Workbench.open("first-shell", {
    trusted: true,
    withoutNix: true,
    settings: {
      "snowglobe.substituters": [cache.address],
      "snowglobe.trustedPublicKeys": [readFileSync(open, "utf8").trim()],
      "snowglobe.hints.askCaches": true,
      "terminal.integrated.shellIntegration.enabled": false,
    },
    prepare: (folder) => {
      rmSync(join(folder, "nixpkgs"), { recursive: true });
      prepareWorld(join(folder, "nixpkgs"));
      writeFileSync(join(folder, "first.nix"), SHELL);
      mkdirSync(join(folder, "flake"));
      prepareWorld(join(folder, "flake/world"));
      writeFileSync(join(folder, "flake/flake.nix"), FLAKE);
    },
  });
});

afterEach(async ({ task }) => {
  const failed = task.result?.state === "fail" ? "-failed" : "";
  await vscode?.picture(`first-shell-${task.name.replace(/\W+/g, "-")}${failed}`);
});

afterAll(async () => {
  await vscode?.close();
  await cache?.close();
  remove(top);
});

test("hashes, and what is in a cache or to be built", async () => {
  await vscode.openFile("first.nix");
  await vscode.seeInEditor((text) => /pkgs\.python311\W*\w{7} python3-3\.11\.9 ↓/.test(text));
  await vscode.seeInEditor((text) => /pkgs\.hello\W*\w{7} hello-2\.12 ⚒/.test(text));
  await vscode.seeLens(/Enter dev shell \(\d+ ↓ \d+(\.\d)? MB · \d+ ⚒\)/);
});

test(
  "the lens fetches, builds, and opens a terminal in the shell",
  async () => {
    await vscode.clickLens("Enter dev shell");
    const plan = await vscode.answer("Enter the dev shell of first.nix?", "Enter");
    expect(plan).toContain("will be built:");
    expect(plan).toMatch(/paths will be fetched \(\d+\.\d\d MiB download/);
    await vscode.seeNotification("Dev shell of first.nix");
    await vscode.seeNotification(/\d of \d+ built/, BUILDING);
    await vscode.picture("first-shell-progress");
    await vscode.seeInTerminal("welcome 42", BUILDING);
    await vscode.typeInTerminal(
      "hello there; python3; nix --version; id -un; echo $((5 * 5)) $name\n",
    );
    await vscode.seeInTerminal("25 first-shell");
    const text = await vscode.seeInTerminal("there");
    expect(text).toMatch(/^Hello, there!$/m);
    expect(text).toContain("Python 3.11.9");
    expect(cache.requests.some((file) => file.startsWith("nar/"))).toBe(true);
  },
  2 * BUILDING,
);

test("then everything is there", async () => {
  await vscode.seeInEditor(
    (text) => /hello-2\.12 =✓/.test(text) && /python3-3\.11\.9 =✓/.test(text),
  );
  await vscode.seeLens("Enter dev shell ✓");
});

test(
  "the shell of a flake",
  async () => {
    await vscode.openFile("flake/flake.nix");
    await vscode.seeInEditor((text) => /pkgs\.hello\W*\w{7} hello-2\.12/.test(text));
    await vscode.clickLens("Enter dev shell");
    await vscode.answer("Enter the dev shell of devShells.x86_64-linux.default?", "Enter");
    await vscode.seeInTerminal("flake 43", BUILDING);
    await vscode.typeInTerminal("hello flake; echo $((6 * 6)) $name\n");
    await vscode.seeInTerminal("36 flake-shell");
    expect(await vscode.seeInTerminal("flake")).toMatch(/^Hello, flake!$/m);
  },
  2 * BUILDING,
);

test("nothing complains in the console, nothing leaves the machine", () => {
  const expected = /Could not find pty/;
  expect(vscode.complaints.filter((text) => !expected.test(text))).toEqual([]);
});
