/** What an evaluation lacks is fetched by a quick fix, and nixpkgs is pinned, from servers on this machine. */

import { mkdirSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import * as tar from "tar-stream";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { Workbench } from "./workbench.ts";

let vscode: Workbench;
/** Of this run only: what it fetches stays in the user's cache. */
const branch = `test-${process.pid}-${Date.now()}`;
const commit = Date.now().toString(16).padStart(40, "0");
const commitToLock = Date.now().toString(16).padStart(40, "1");
let archive: Buffer;

const server = createServer(({ url }, response) => {
  if (url === `/api/repos/NixOS/nixpkgs/commits/${branch}`)
    response.end(JSON.stringify({ sha: commit }));
  else if (url === `/api/repos/NixOS/nixpkgs/commits/${branch}-to-lock`)
    response.end(JSON.stringify({ sha: commitToLock }));
  else if (url?.endsWith(".tar.gz")) response.end(archive);
  else response.writeHead(404).end();
});
const base = () => `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

beforeAll(async () => {
  archive = await packed();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  process.env["SNOWGLOBE_MIRRORS"] =
    `https://api.github.com/=${base()}/api/ https://github.com/=${base()}/forge/`;
  vscode = await Workbench.open("fetch", {
    trusted: true,
    settings: { "snowglobe.nixPath": [] },
    prepare: (folder) => {
      // Its own settings say where <nixpkgs> is.
      writeFileSync(join(folder, ".vscode/settings.json"), "{}");
      const url = `${base()}/${branch}.tar.gz`;
      writeFileSync(join(folder, "away.nix"), `import (fetchTarball "${url}") { }\n`);
      mkdirSync(join(folder, "unlocked"));
      writeFileSync(
        join(folder, "unlocked/flake.nix"),
        `{
  inputs.pkgs = { url = "github:NixOS/nixpkgs/${branch}-to-lock"; flake = false; };
  outputs = { self, pkgs }: {
    packages.x86_64-linux.default = (import pkgs { }).hello;
  };
}
`,
      );
      writeFileSync(join(folder, "unpinned.nix"), "(import <nixpkgs> { }).hello\n");
    },
  });
});

afterEach(async ({ task }) => {
  const failed = task.result?.state === "fail" ? "-failed" : "";
  await vscode?.picture(`fetch-${task.name.replace(/\W+/g, "-")}${failed}`);
});

afterAll(async () => {
  await vscode?.close();
  delete process.env["SNOWGLOBE_MIRRORS"];
  server.closeAllConnections();
  server.close();
});

test("a missing archive is fetched by its quick fix", async () => {
  await vscode.openFile("away.nix");
  await vscode.problem("has not been fetched");
  await vscode.fix("fetchTarball", "Fetch from 127.0.0.1");
  await vscode.seeNoError();
  await vscode.command("Snowglobe: Fetch What This File Needs");
  await vscode.seeNoError();
});

test("nixpkgs is pinned to what is typed", async () => {
  await vscode.openFile("unpinned.nix");
  await vscode.revert();
  await vscode.problem("file 'nixpkgs' was not found");
  await vscode.command("Snowglobe: Pin nixpkgs");
  await vscode.choices("nixos-unstable");
  await vscode.type(branch);
  await vscode.choices(`${branch}`);
  await vscode.press("Enter");
  await vscode.seeInEditor(`NixOS/nixpkgs/archive/${commit}.tar.gz"; # ${branch}`);
  await vscode.seeInEditor((shown) => /[0-9a-z]{7} hello-from-afar/.test(shown));
});

test("a flake without a lock is locked by a quick fix", async () => {
  await vscode.openFile("unlocked/flake.nix");
  await vscode.problem("flake.lock has no entry for the input 'pkgs'");
  await vscode.fix("inputs", "Lock the inputs of this flake");
  await vscode.seeNotification("flake.lock is written: Added input 'pkgs'");
  await vscode.seeInEditor((shown) => /[0-9a-z]{7} hello-from-afar/.test(shown));
  await vscode.seeNoError();
});

test("nothing complains in the console, nothing leaves the machine", () => {
  expect(vscode.complaints).toEqual([]);
});

/** A package set as the archives of forges have it. */
async function packed(): Promise<Buffer> {
  const pack = tar.pack();
  pack.entry(
    { name: "nixpkgs-1/default.nix" },
    `{ }: { hello = derivation { name = "hello-from-afar"; system = "x86_64-linux"; builder = "/bin/sh"; }; }`,
  );
  pack.finalize();
  const chunks: Buffer[] = [];
  for await (const chunk of pack) chunks.push(chunk as Buffer);
  return gzipSync(Buffer.concat(chunks));
}
