/** What was built last is what the editor compares with, where there is no commit. */
import { execFileSync } from "node:child_process";
import * as fs from "node:fs";
import * as path from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import type { CodeLens } from "vscode-languageserver/node";
import { CHANGES_METHOD, type Change, COMPARE_WITH_METHOD } from "../../server/src/lsp/protocol.ts";
import { TestClient } from "../lsp/client.ts";
import { remove, scratch, snowglobe } from "./snowglobe.ts";
import { users } from "./users.ts";

const user = users[0] as (typeof users)[number];
const text = (word: string) => `let
  make = name: script: derivation {
    inherit name; system = builtins.currentSystem;
    builder = "\${./tools}/bash"; args = [ "-c" script ];
  };
in {
  b.one = make "one" "echo one > $out";
  b.two = make "two" "echo ${word} > $out";
}
`;

let home = "";
let client: TestClient | undefined;
const file = () => path.join(home, "default.nix");
const uri = () => pathToFileURL(file()).href;
const build = (...args: string[]) => {
  const { status, stderr } = snowglobe(user, home, "build", "--no-link", ...args);
  expect(status, stderr).toBe(0);
};

beforeAll(() => {
  home = scratch(user);
  fs.mkdirSync(path.join(home, "tools"));
  fs.copyFileSync("/usr/bin/bash-static", path.join(home, "tools/bash"));
  fs.writeFileSync(file(), text("two"));
});
afterEach(async () => {
  await client?.stop();
  client = undefined;
});
afterAll(() => remove(home));

async function open(word: string, more: object = {}): Promise<void> {
  client = await TestClient.start({
    folder: home,
    capabilities: { workspace: { codeLens: { refreshSupport: true } } },
    initializationOptions: { commandLinks: true, ...more },
    environment: { NIX_CONF_DIR: home, GIT_CONFIG_COUNT: "1", ...SAFE },
  });
  await client.open(uri(), text(word));
  await client.status(uri(), "ready");
}

/** The folder may be another user's. */
const SAFE = { GIT_CONFIG_KEY_0: "safe.directory", GIT_CONFIG_VALUE_0: "*" };

async function lenses(of: string): Promise<CodeLens[]> {
  const all = (await client?.of<CodeLens[] | null>("codeLens", of)) ?? [];
  return all.filter(({ command }) => command?.command === "snowglobe.whatChanged");
}

async function see(of: string, ...titles: string[]): Promise<CodeLens[]> {
  for (let i = 0; ; i++) {
    const found = await lenses(of);
    const shown = found.map(({ command }) => command?.title);
    if (JSON.stringify(shown) === JSON.stringify(titles)) return found;
    if (i > 100) expect(shown).toEqual(titles);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

const SAME = "Same derivation as the last build: nothing to rebuild";
const OTHER = "Changes 1 of 1 derivation since the last build";

test("nothing is compared before anything has been built", async () => {
  await open("two");
  await new Promise((resolve) => setTimeout(resolve, 1000));
  expect(await lenses(uri())).toEqual([]);
  expect(await client?.request(COMPARE_WITH_METHOD, { uri: uri(), revision: "lastBuild" })).toBe(
    false,
  );
});

test("what was built is the same, in a new server too, and what is edited is not", async () => {
  build("-f", "default.nix", "b.two");
  build("-f", ".", "b.one");
  await open("2");
  const [, two] = await see(uri(), SAME, OTHER);
  const [before, after] = two?.command?.arguments ?? [];
  const change = await client?.request<Change>(CHANGES_METHOD, { before, after });
  expect(change?.reasons.map(({ kind }) => kind)).toEqual(["arguments"]);
  const command = ["why-changed", "-A", "b.two", before, "default.nix"];
  // The file in the terminal is the one on disk.
  expect(snowglobe(user, home, ...command).stdout).toMatch(/^Same derivation/);
  await client?.change(uri(), text("two"));
  await see(uri(), SAME, SAME);
});

test("a build while the file is open is the new last one", async () => {
  await open("deux");
  await see(uri(), SAME, OTHER);
  fs.writeFileSync(file(), text("deux"));
  build("-f", "default.nix", "b");
  await see(uri(), SAME, SAME);
});

test("a shell that was entered counts as well, and an output of a flake", async () => {
  fs.writeFileSync(file(), text("shell"));
  const entered = snowglobe(
    ...([user, home, "develop", "-f", "default.nix", "b.two", "-c", "true"] as const),
  );
  expect(entered.status, entered.stderr).toBe(0);
  await open("shell");
  await see(uri(), SAME, SAME);

  const folder = path.join(home, "flake");
  fs.mkdirSync(folder);
  fs.copyFileSync("/usr/bin/bash-static", path.join(folder, "bash"));
  const flake = (word: string) => `{
  outputs = { self }: {
    packages.x86_64-linux.one = derivation {
      name = "one"; system = "x86_64-linux"; builder = "\${./bash}";
      args = [ "-c" "echo ${word} > $out" ];
    };
  };
}`;
  fs.writeFileSync(path.join(folder, "flake.nix"), flake("one"));
  const records = () => fs.readdirSync(path.join(home, ".local/share/snowglobe/last-builds"));
  const before = records().length;
  snowglobe(user, home, "build", "--dry-run", "./flake#one");
  expect(records().length).toBe(before);
  build("./flake#one");
  const other = pathToFileURL(path.join(folder, "flake.nix")).href;
  await client?.open(other, flake("two"));
  await client?.status(other, "ready");
  await see(other, "Changes 1 of 1 derivation since the last build");
  await client?.change(other, flake("one"));
  await see(other, SAME);
});

test("where there is git it is compared with HEAD, unless the last build is asked for", async () => {
  const git = (...args: string[]) =>
    execFileSync("git", ["-C", home, "-c", "user.name=t", "-c", "user.email=t@t", ...args], {
      env: { ...process.env, GIT_CONFIG_COUNT: "1", ...SAFE },
    });
  fs.writeFileSync(file(), text("drei"));
  git("init", "-q");
  git("add", "default.nix", "tools");
  git("commit", "-qm", "first");
  await open("drei");
  const head = "Same derivation as HEAD: nothing to rebuild";
  await see(uri(), head, head);
  const params = { uri: uri(), revision: "lastBuild" };
  expect(await client?.request(COMPARE_WITH_METHOD, params)).toBe(true);
  await see(uri(), SAME, OTHER);
  await client?.stop();
  await open("drei", { baseline: "lastBuild" });
  await see(uri(), SAME, OTHER);
});
