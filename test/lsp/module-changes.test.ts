/** Comparison of modules with the last commit: by themselves, and through the configurations of a flake. */
import { execFileSync } from "node:child_process";
import { afterEach, expect, test } from "vitest";
import type { CodeLens, InlayHint } from "vscode-languageserver/node";
import { TestClient } from "./client.ts";
import { drv, makeWorkspace, type Workspace } from "./workspace.ts";

let client: TestClient;
let workspace: Workspace;
afterEach(async () => {
  await client.stop();
  workspace.remove();
});

/** A repository with these files in its one commit. */
async function start(files: Record<string, string>, options = {}): Promise<void> {
  workspace = makeWorkspace(files);
  const git = (...args: string[]) =>
    execFileSync("git", [
      ...["-C", workspace.folder, "-c", "user.name=t", "-c", "user.email=t@t"],
      ...args,
    ]);
  git("init", "-q");
  git("add", ".");
  git("commit", "-q", "-m", "first");
  client = await TestClient.start({
    folder: workspace.folder,
    capabilities: { workspace: { inlayHint: { refreshSupport: true } } },
    initializationOptions: { commandLinks: true, system: "x86_64-linux", ...options },
  });
}

const everything = {
  range: { start: { line: 0, character: 0 }, end: { line: 100, character: 0 } },
};
const hints = (file: string) => async () => {
  const found = await client.of<InlayHint[] | null>("inlayHint", workspace.uri(file), everything);
  return (found ?? []).map(({ label }) => String(label).replace(/^\w{7} /, ""));
};
const lenses = async (file: string) =>
  ((await client.of<CodeLens[] | null>("codeLens", workspace.uri(file))) ?? [])
    .filter(({ command }) => command?.command === "snowglobe.whatChanged")
    .map(({ command }) => command?.title);

async function eventually<T>(ask: () => Promise<T>, wanted: T): Promise<void> {
  for (let i = 0; i < 200; i++) {
    if (JSON.stringify(await ask()) === JSON.stringify(wanted)) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  expect(await ask()).toEqual(wanted);
}

const SAME = "Same derivation as HEAD: nothing to rebuild";
const CHANGED = "Changes 1 of 1 derivation since HEAD";
const PACKAGES = `{ a = ${drv("a")}; b = ${drv("b")}; }`;

const MODULE = `{ config, pkgs, ... }: let
  helper = ${drv("helper", 'flag = "one";')};
in {
  environment.systemPackages = [ pkgs.a ];
  services.web.package = pkgs.b;
  services.web.script = "\${helper}/bin";
}
`;

/** What a module shows as it was committed, and after each of two edits. */
async function compare(file: string): Promise<void> {
  const uri = workspace.uri(file);
  await client.open(uri, MODULE);
  await eventually(hints(file), ["helper =", "a =", "b ="]);
  expect(await lenses(file)).toEqual([SAME]);
  await client.change(uri, MODULE.replace('"one"', '"two"'));
  await eventually(hints(file), ["helper ≠", "a =", "b ="]);
  expect(await lenses(file)).toEqual([SAME]);
  await client.change(uri, MODULE.replace("pkgs.b;", `${drv("b", "c = 1;")};`));
  await eventually(hints(file), ["helper =", "a =", "b ≠"]);
  expect(await lenses(file)).toEqual([CHANGED]);
}

test("a module of a configuration of a flake", async () => {
  await start({
    "flake.nix": `{
  outputs = { self }: let
    pkgs = ${PACKAGES};
    nixos = file: let config = import file { inherit config pkgs; }; in {
      config = config // { system.build.toplevel = throw "it takes long"; };
    };
  in {
    nixosConfigurations.box = nixos ./module.nix;
    homeConfigurations.me = {
      config = import ./home.nix { inherit pkgs; config = { }; };
      activationPackage = throw "it takes long";
    };
  };
}
`,
    "module.nix": MODULE,
    "home.nix": "{ config, pkgs, ... }: { home.packages = [ pkgs.a pkgs.b ]; }\n",
  });
  await compare("module.nix");
  const home = "{ config, pkgs, ... }: { home.packages = [ pkgs.a pkgs.b ]; }\n";
  await client.open(workspace.uri("home.nix"), home);
  await eventually(hints("home.nix"), ["a =", "b ="]);
});

test("a module by itself", async () => {
  await start(
    {
      "nixpkgs/default.nix": `{ }: ${PACKAGES}`,
      "nixpkgs/nixos/lib/eval-config.nix": `{ system, modules }:
let
  pkgs = import ../.. { };
  config = import (builtins.head modules) { inherit config pkgs; };
in
{ inherit config; options = { }; }
`,
      "configuration.nix": MODULE,
    },
    { nixPath: ["nixpkgs=nixpkgs"] },
  );
  await compare("configuration.nix");
});
