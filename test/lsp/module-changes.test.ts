/** Comparison of modules with the last commit: by themselves, and through the configurations of a flake. */
import { afterEach, expect, test } from "vitest";
import type { CodeLens, InlayHint } from "vscode-languageserver/node";
import { TestClient, WHOLE } from "./client.ts";
import { expectEventually } from "./eventually.ts";
import { commitAll } from "./repository.ts";
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
  commitAll(workspace.folder);
  client = await TestClient.start({
    folder: workspace.folder,
    capabilities: { workspace: { inlayHint: { refreshSupport: true } } },
    initializationOptions: { commandLinks: true, system: "x86_64-linux", ...options },
  });
}

const hints = (file: string) => async () => {
  const found = await client.of<InlayHint[] | null>("inlayHint", workspace.uri(file), WHOLE);
  return (found ?? []).map(({ label }) => String(label).replace(/^\w{7} /, ""));
};
const lenses = async (file: string) =>
  ((await client.of<CodeLens[] | null>("codeLens", workspace.uri(file))) ?? [])
    .filter(({ command }) => command?.command === "snowglobe.whatChanged")
    .map(({ command }) => command?.title);

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
  await expectEventually(hints(file), ["helper =", "a =", "b ="]);
  expect(await lenses(file)).toEqual([SAME]);
  await client.change(uri, MODULE.replace('"one"', '"two"'));
  await expectEventually(hints(file), ["helper ≠", "a =", "b ="]);
  expect(await lenses(file)).toEqual([SAME]);
  await client.change(uri, MODULE.replace("pkgs.b;", `${drv("b", "c = 1;")};`));
  await expectEventually(hints(file), ["helper =", "a =", "b ≠"]);
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
  await expectEventually(hints("home.nix"), ["a =", "b ="]);
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
