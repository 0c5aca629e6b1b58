/** What hover says of the options of a module, over the built server. */
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Hover } from "vscode-languageserver/node";
import { TestClient } from "./client.ts";
import { makeWorkspace, type Workspace } from "./workspace.ts";

let client: TestClient;
let workspace: Workspace;

/** As much of NixOS as has two options; a module may set them. */
const EVAL_CONFIG = `{ system, modules }:
let
  option = description: type: default: { _type = "option"; inherit description default; type = { description = type; }; };
  options.services.web = {
    enable = option "Whether to run {option}\`web\`, see <filename>/etc/web</filename>." "boolean" false;
    ports = option { _type = "mdDoc"; text = "Where it listens."; } "list of integers" [ 80 ];
  };
  set = (import (builtins.head modules) { inherit config; }).services.web;
  config.services.web = {
    enable = set.enable or options.services.web.enable.default;
    ports = options.services.web.ports.default ++ (set.ports or [ ]);
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
}
`;

beforeAll(async () => {
  workspace = makeWorkspace({
    "nixpkgs/default.nix": "{ }: { }",
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
