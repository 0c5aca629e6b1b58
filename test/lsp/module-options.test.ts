/** What hover says of the options of a module, over the built server. */
import { afterAll, beforeAll, expect, test } from "vitest";
import type { CompletionItem, CompletionList, Hover, Location } from "vscode-languageserver/node";
import { TestClient } from "./client.ts";
import { makeWorkspace, type Workspace } from "./workspace.ts";

let client: TestClient;
let workspace: Workspace;

/** As much of NixOS as has two options; a module may set them. */
const EVAL_CONFIG = `{ system, modules }:
let
  option = description: type: default: {
    _type = "option";
    inherit description default;
    type = if builtins.isString type then { description = type; } else type;
    inherit declarations;
  };
  declarations = [ (toString ./eval-config.nix) ];
  inherit (import ../../lib/options.nix) mkEnableOption;
  options.services.web = {
    fast = mkEnableOption "speed" // { inherit declarations; };
    enable = option "Whether to run {option}\`web\`, see <filename>/etc/web</filename>." "boolean" false;
    ports = option { _type = "mdDoc"; text = "Where it listens."; } "list of integers" [ 80 ];
  };
  options.services.web.hosts = option "Hosts." { description = "set of submodules"; name = "attrsOf"; functor.wrapped = host; } { };
  options.services.web.logs = option "Logs." { name = "listOf"; nestedTypes.elemType = log; } [ ];
  host = {
    name = "submodule";
    getSubOptions = prefix: {
      _module = { };
      ssl = option "Whether \${builtins.concatStringsSep "." prefix} uses TLS." "boolean" false;
      proxy.port = option "Where to." "integer" 80;
    };
  };
  log = { name = "submodule"; getSubOptions = prefix: { file = option "Its file." "path" null; }; };
  set = (import (builtins.head modules) { inherit config; }).services.web;
  config.services.web = {
    fast = set.fast or false;
    enable = set.enable or options.services.web.enable.default;
    ports = options.services.web.ports.default ++ (set.ports or [ ]);
    hosts = set.hosts or { };
    logs = set.logs or [ ];
  };
in
{ inherit options config; }
`;
const MODULE = `{ config, ... }:
{
  services.web.enable = true;
  services.web = {
    ports = [ 8080 ];
  };
  services.other = 1;
  services.web.hosts."a.b" = { ssl = true; };
  services.web.logs = [ { file = "/log"; } ];
  services.web.fast = true;
}
`;

beforeAll(async () => {
  workspace = makeWorkspace({
    "nixpkgs/default.nix": "{ }: { }",
    "nixpkgs/lib/options.nix": `{
  mkEnableOption = name: { _type = "option"; description = "Whether to have \${name}."; default = false; };
}
`,
    "nixpkgs/nixos/lib/eval-config.nix": EVAL_CONFIG,
    "configuration.nix": MODULE,
  });
  client = await TestClient.start({
    folder: workspace.folder,
    initializationOptions: { nixPath: ["nixpkgs=nixpkgs"] },
  });
});
afterAll(async () => {
  await client.stop();
  workspace.remove();
});

const hover = async (line: number, name: string) => {
  const character = (MODULE.split("\n")[line]?.indexOf(name) ?? 0) + 1;
  const uri = workspace.uri("configuration.nix");
  const found = await client.at<Hover | null>("hover", uri, line, character);
  return (found?.contents as { value: string } | undefined)?.value;
};

test("the declaration of an option and its value in the configuration", async () => {
  const uri = workspace.uri("configuration.nix");
  await client.open(uri, MODULE);
  await client.status(uri, "ready");
  expect(await hover(2, "enable")).toBe(
    [
      "**services.web.enable** *option: boolean*",
      "Whether to run `web`, see `/etc/web`.",
      "```nix\ntrue\n```",
      "default:",
      "```nix\nfalse\n```",
    ].join("\n\n"),
  );
  const ports = await hover(4, "ports");
  expect(ports).toMatch(
    /^\*\*services\.web\.ports\*\* \*option: list of integers\*\n\nWhere it listens\./,
  );
  expect(ports).toContain("[ 80 8080 ]");
  expect(ports).toContain("[ 8080 ]");
});

test("what is no option says what it said", async () => {
  expect(await hover(6, "other")).toMatch(/^```nix\n1\n```\n\n\*int\*/);
});

test("options of submodules, in sets and lists of them", async () => {
  expect(await hover(7, "ssl")).toBe(
    [
      "**services.web.hosts.a.b.ssl** *option: boolean*",
      "Whether services.web.hosts.a.b uses TLS.",
      "```nix\ntrue\n```",
      "default:",
      "```nix\nfalse\n```",
    ].join("\n\n"),
  );
  expect(await hover(8, "file")).toMatch(
    /^\*\*services\.web\.logs\.\\\*\.file\*\* \*option: path\*/,
  );
});

/** What the line says that a definition leads to. */
async function definition(line: number, name: string): Promise<string[]> {
  const uri = workspace.uri("configuration.nix");
  const character = (MODULE.split("\n")[line]?.indexOf(name) ?? 0) + 1;
  const found = await client.at<Location[]>("definition", uri, line, character);
  const declaring = workspace.uri("nixpkgs/nixos/lib/eval-config.nix");
  expect(found.map((each) => each.uri)).toEqual([declaring]);
  return found.map(({ range }) => EVAL_CONFIG.split("\n")[range.start.line]?.trim() ?? "");
}

test("definition leads to the declaration", async () => {
  expect(await definition(7, "ssl")).toEqual(["inherit description default;"]);
  expect(await definition(9, "fast")).toEqual([expect.stringMatching(/^fast = mkEnableOption/)]);
});

/** What is offered behind some text that is written in the third line. */
async function offered(written: string): Promise<CompletionItem[]> {
  const uri = workspace.uri("configuration.nix");
  await client.change(uri, `  ${written}\n`, [2, 0, 2, 0]);
  const list = await client.at<CompletionList>("completion", uri, 2, written.length + 2);
  await client.change(uri, "", [2, 0, 3, 0]);
  return list?.items ?? [];
}

const labels = (items: readonly CompletionItem[]) => items.map(({ label }) => label);

test("completion offers options, also those of submodules", async () => {
  expect(labels(await offered("serv"))).toEqual(["services", "inherit"]);
  const options = ["enable", "fast", "hosts", "logs", "ports"];
  expect(labels(await offered("services.web."))).toEqual(options);
  expect(labels(await offered("services.web = { }; services.web.en"))).toEqual(options);
  expect(labels(await offered('services.web.hosts."b".'))).toEqual(["proxy", "ssl"]);
  expect(labels(await offered("services.web.hosts.b.proxy."))).toEqual(["port"]);
  expect(labels(await offered("other.thing."))).toEqual([]);
});

test("what is offered is described when it is looked at", async () => {
  const items = await offered("services.web.hosts.b.");
  const ssl = items.find(({ label }) => label === "ssl");
  expect(ssl?.detail).toBe("boolean");
  const { documentation } = await client.request<CompletionItem>("completionItem/resolve", ssl);
  expect(JSON.stringify(documentation)).toContain("uses TLS");
});
