/** Files that only make sense through others, over the built server: packages of a tree, parts of a flake. */
import { execFileSync } from "node:child_process";
import { afterEach, expect, test } from "vitest";
import type { CodeLens, Hover, InlayHint } from "vscode-languageserver/node";
import { program, shownHash } from "../command-line.ts";
import { TestClient, WHOLE } from "./client.ts";
import { eventually, expectEventually } from "./eventually.ts";
import { commitAll } from "./repository.ts";
import { makeWorkspace, type Workspace } from "./workspace.ts";

let client: TestClient | undefined;
let workspace: Workspace | undefined;
afterEach(async () => {
  await client?.stop();
  workspace?.remove();
});

async function start(files: Record<string, string>): Promise<Workspace> {
  workspace = makeWorkspace(files);
  client = await TestClient.start({
    folder: workspace.folder,
    capabilities: { workspace: { inlayHint: { refreshSupport: true } } },
    initializationOptions: { commandLinks: true, system: "x86_64-linux" },
  });
  return workspace;
}

async function hints(uri: string): Promise<string[]> {
  const found = (await client?.of<InlayHint[] | null>("inlayHint", uri, WHOLE)) ?? [];
  return found.map(({ label }) => String(label).replace(/ [=≠]$/, ""));
}

const command = (...args: string[]) =>
  execFileSync(process.execPath, [program, ...args], { encoding: "utf8" }).trim();

const MAKE = `name: args: derivation ({ inherit name; system = "x86_64-linux"; builder = "b"; } // args)`;
const TREE = {
  "default.nix": `{ config ? { } }: import ./pkgs/top-level { inherit config; }`,
  "pkgs/top-level/default.nix": `{ config }:
let
  callPackage = f: args:
    let fn = import f; in fn (builtins.intersectAttrs (builtins.functionArgs fn) pkgs // args);
  base = ../by-name;
  shard = name: builtins.mapAttrs (each: _: callPackage (base + "/\${name}/\${each}/package.nix") { })
    (builtins.readDir (base + "/\${name}"));
  byName = builtins.foldl' (all: name: all // shard name) { } (builtins.attrNames (builtins.readDir base));
  pkgs = { make = ${MAKE}; stdenv = pkgs.make "stdenv" { }; } // byName
    // import ./all-packages.nix { inherit callPackage; };
in pkgs
`,
  "pkgs/top-level/all-packages.nix": `{ callPackage }: {
  tool = callPackage ../tools/tool { flavour = "sweet"; };
}
`,
  "pkgs/tools/tool/default.nix": `{ make, flavour, hello }:

make "tool-1.0" {
  inherit flavour hello;
  word = "one";
}
`,
  "pkgs/by-name/he/hello/package.nix": `{ make }: make "hello" { }\n`,
};

test("a package file of a tree has the hash that the tree gives it, and so has an edit", async () => {
  const { folder, uri, write } = await start(TREE);
  const file = "pkgs/tools/tool/default.nix";
  await client?.open(uri(file), TREE[file]);
  const status = await client?.status(uri(file), "ready");
  expect(status).toMatchObject({ root: uri("default.nix"), role: "package" });
  const hash = () => shownHash(command("instantiate", folder, "-A", "tool"));
  expect(await hints(uri(file))).toContain(`${hash()} tool-1.0`);
  const edited = TREE[file].replace('"one"', '"two"');
  await client?.change(uri(file), edited);
  const before = hash();
  write(file, edited);
  expect(hash()).not.toBe(before);
  const found = await eventually(
    () => hints(uri(file)),
    (labels) => labels.includes(`${hash()} tool-1.0`),
  );
  expect(found).toContain(`${hash()} tool-1.0`);
  await client?.change(uri(file), edited.replace("flavour hello", "flavour hallo"));
  const problem = await client?.until("an error", () => {
    const all = client?.diagnostics.get(uri(file))?.diagnostics;
    return all?.find(({ message }) => /hallo/.test(String(message)));
  });
  expect(problem?.range.start.line).toBe(3);
});

test("a package by name and the list of packages are evaluated through the tree", async () => {
  const { uri } = await start(TREE);
  const hello = "pkgs/by-name/he/hello/package.nix";
  await client?.open(uri(hello), TREE[hello]);
  expect(await client?.status(uri(hello), "ready")).toMatchObject({ root: uri("default.nix") });
  expect((await hints(uri(hello))).map((label) => label.slice(8))).toEqual(["hello"]);
  const list = "pkgs/top-level/all-packages.nix";
  await client?.open(uri(list), TREE[list]);
  expect(await client?.status(uri(list), "ready")).toMatchObject({ root: uri("default.nix") });
  expect((await hints(uri(list))).map((label) => label.slice(8))).toEqual(["tool-1.0"]);
});

/** The part of a module system that a test needs: modules may import others, later ones win. */
const FLAKE = {
  "flake.nix": `{
  outputs = { self }: let
    make = ${MAKE};
    pkgs = { hello = make "hello" { }; jq = make "jq" { }; };
    collect = file: let module = import file { inherit config pkgs; }; config = { };
      in builtins.foldl' (all: each: all // collect each) module (module.imports or [ ]);
  in {
    packages.x86_64-linux.tool = import ./tool.nix { inherit make; };
    nixosConfigurations.box = let config = collect ./hosts/box.nix; in {
      inherit config;
    };
    homeConfigurations.me = { config = collect ./home.nix; };
  };
}
`,
  "tool.nix": `{ make }: make "tool" { word = "one"; }\n`,
  "hosts/box.nix": `{ config, pkgs, ... }: {
  imports = [ ./common.nix ];
  networking.hostName = "box";
}
`,
  "hosts/common.nix": `{ config, pkgs, ... }: {
  environment.systemPackages = [ pkgs.hello ];
}
`,
  "home.nix": `{ config, pkgs, ... }: {
  home.packages = [ pkgs.jq ];
}
`,
  "other.nix": `{ config, pkgs, ... }: { home.packages = [ pkgs.jq ]; }\n`,
};

test("packages and modules are evaluated through the outputs of the flake that imports them", async () => {
  const { folder, uri } = await start(FLAKE);
  commitAll(folder);
  const shown = async (file: keyof typeof FLAKE) => {
    await client?.open(uri(file), FLAKE[file]);
    const status = await client?.until(`${file}`, () => {
      const known = client?.statuses.get(uri(file));
      return known && known.state !== "evaluating" && known;
    });
    return { root: status?.root, names: (await hints(uri(file))).map((label) => label.slice(8)) };
  };
  const root = uri("flake.nix");
  expect(await shown("tool.nix")).toEqual({ root, names: ["tool"] });
  expect(await shown("hosts/common.nix")).toEqual({ root, names: ["hello"] });
  expect(await shown("home.nix")).toEqual({ root, names: ["jq"] });
  // A file that the flake does not import is not evaluated through it.
  expect(await shown("other.nix")).toEqual({ root: null, names: [] });

  const [line, character] = [1, (FLAKE["home.nix"].split("\n")[1] ?? "").indexOf("jq")];
  const hover = await client?.at<Hover | null>("hover", uri("home.nix"), line, character);
  expect(JSON.stringify(hover?.contents)).toContain("jq");

  await client?.change(uri("home.nix"), FLAKE["home.nix"].replace("pkgs.jq", "pkgs.hello"));
  const edited = await eventually(
    () => hints(uri("home.nix")),
    (labels) => labels.some((label) => label.endsWith("hello")),
  );
  expect(edited.map((label) => label.slice(8))).toEqual(["hello"]);

  const lenses = async () =>
    ((await client?.of<CodeLens[] | null>("codeLens", uri("tool.nix"))) ?? []).map(
      ({ command: shownCommand }) => shownCommand?.title,
    );
  const same = "Same derivation as HEAD: nothing to rebuild";
  expect(await eventually(lenses, (titles) => titles.includes(same))).toContain(same);
  await client?.change(uri("tool.nix"), FLAKE["tool.nix"].replace("one", "two"));
  const changed = "Changes 1 of 1 derivation since HEAD";
  expect(await eventually(lenses, (titles) => titles.includes(changed))).toContain(changed);
});

/** The words of the module system for an option that is wrong. */
const WRONG = {
  "flake.nix": `{
  outputs = { self }: let
    modules = [ ./host.nix ./web.nix ];
    all = map (file: { inherit file; set = import file { config = { }; pkgs = { }; }; }) modules;
    checked = name: map ({ file, set }: if builtins.isBool (set.\${name} or true) then set.\${name} or null
      else throw "The option value \`\${name}' in \`\${toString file}' is not of type \`boolean'.") all;
  in {
    nixosConfigurations.box.config = { on = checked "on"; name = builtins.seq (checked "on") "n"; };
  };
}
`,
  "host.nix": `{ config, pkgs, ... }: {\n  name = "box";\n  on = true;\n}\n`,
  "web.nix": `{ config, pkgs, ... }:\n\n{\n  on = 1;\n}\n`,
};

test("an error of another module of a configuration is shown on its file, open or not", async () => {
  const { folder, uri } = await start(WRONG);
  commitAll(folder);
  const errors = async (file: string) =>
    (client?.diagnostics.get(uri(file))?.diagnostics ?? []).map(
      ({ message, range: { start } }) => `${start.line}:${start.character} ${message}`,
    );
  await client?.open(uri("host.nix"), WRONG["host.nix"]);
  await client?.status(uri("host.nix"), "ready");
  const shown = [expect.stringMatching(/^3:2 The option value `on' in .* is not of type/)];
  const hasAny = (all: readonly string[]) => all.length > 0;
  expect(await eventually(() => errors("web.nix"), hasAny)).toEqual(shown);
  await client?.open(uri("web.nix"), WRONG["web.nix"]);
  await client?.status(uri("web.nix"), "error");
  expect(await eventually(() => errors("web.nix"), hasAny)).toEqual(shown);
  await client?.change(uri("web.nix"), WRONG["web.nix"].replace("1", "true"));
  await expectEventually(() => errors("web.nix"), []);
  expect(await errors("host.nix")).toEqual([]);
});

/** What flake-parts does, in short: parts say what there is for each system. */
const PARTS = {
  "flake.nix": `{
  outputs = { self }: let
    pkgs = { hello = derivation { name = "hello"; system = "x86_64-linux"; builder = "b"; }; };
    call = part: if builtins.isFunction part then part { inputs = { }; } else part;
    mkFlake = { parts }: let
      all = map (file: (call (import file)).perSystem { inherit pkgs; system = "x86_64-linux"; }) parts;
      packages = builtins.foldl' (a: b: a // b.packages) { } all;
    in { packages.x86_64-linux = packages; nixosConfigurations.slow.config = throw "not of parts"; };
  in mkFlake { parts = [ ./one.nix ./two.nix ]; };
}
`,
  "one.nix": `{ perSystem = { pkgs, ... }: { packages.one = pkgs.hello; }; }\n`,
  "two.nix": `{ inputs, ... }: { perSystem = { pkgs, ... }: { packages.two = pkgs.hello; }; }\n`,
};

test("parts of a flake are evaluated through it, and compared with the last commit", async () => {
  const { folder, uri } = await start(PARTS);
  commitAll(folder);
  for (const file of ["one.nix", "two.nix"] as const) {
    await client?.open(uri(file), PARTS[file]);
    const status = await client?.status(uri(file), "ready");
    expect(status).toMatchObject({ root: uri("flake.nix"), role: "module" });
    expect((await hints(uri(file))).map((label) => label.slice(8))).toEqual(["hello"]);
    const lenses = async () =>
      ((await client?.of<CodeLens[] | null>("codeLens", uri(file))) ?? []).map(
        ({ command: shownCommand }) => shownCommand?.title,
      );
    const same = "Same derivation as HEAD: nothing to rebuild";
    expect(await eventually(lenses, (titles) => titles.includes(same))).toContain(same);
  }
});
