/** Comparison of a flake with the last commit, over the built server and a real repository. */
import { execFileSync } from "node:child_process";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { CodeLens, InlayHint } from "vscode-languageserver/node";
import type { ChangeView } from "../../server/src/ide/evaluation-view.ts";
import {
  CHANGED_DERIVATIONS_METHOD,
  CHANGES_METHOD,
  COMPARE_WITH_METHOD,
} from "../../server/src/lsp/protocol.ts";
import { program } from "../command-line.ts";
import { TestClient, WHOLE } from "./client.ts";
import { eventually, expectEventually } from "./eventually.ts";
import { git } from "./repository.ts";
import { drv, makeWorkspace, type Workspace } from "./workspace.ts";

let client: TestClient;
let workspace: Workspace;

/** One output with the tree of the flake in it, and two of one name without. */
const flake = (input: string) => `{
  inputs.lib = { url = "path:${input}"; flake = false; };
  outputs = { self, lib }: {
    packages.x86_64-linux.tree = ${drv("tree", "src = ./src; rev = self.shortRev or self.dirtyShortRev;")};
    packages.x86_64-linux.one = ${drv("same", 'hook = "one"; lib = import lib;')};
    devShells.x86_64-linux.one = ${drv("same", 'hook = "shell";')};
  };
}
`;

/** Locks the flake to one of two inputs. */
function lock(input: string): string {
  const written = flake(inputs.path(input));
  workspace.write("flake.nix", written);
  const run = execFileSync(
    process.execPath,
    [program, "flake", "metadata", "--json", workspace.folder],
    { env: { PATH: process.env["PATH"], HOME: workspace.folder } },
  );
  workspace.write("flake.lock", JSON.stringify(JSON.parse(run.toString()).locks));
  return written;
}

let inputs: Workspace;
let text: string;

beforeAll(async () => {
  inputs = makeWorkspace({
    "old/default.nix": `"a library"`,
    "new/default.nix": `"another library"`,
  });
  workspace = makeWorkspace({ src: "a source", ".gitignore": ".cache\n" });
  git(workspace.folder, "init", "-q");
  text = flake(inputs.path("old"));
  workspace.write("flake.nix", text);
  git(workspace.folder, "add", ".");
  lock("old");
  git(workspace.folder, "add", ".");
  git(workspace.folder, "commit", "-q", "-m", "first");
  client = await TestClient.start({
    folder: workspace.folder,
    capabilities: { workspace: { inlayHint: { refreshSupport: true } } },
    initializationOptions: { commandLinks: true, system: "x86_64-linux" },
  });
});
afterAll(async () => {
  await client.stop();
  inputs.remove();
  workspace.remove();
});

const hints = async () =>
  ((await client.of<InlayHint[] | null>("inlayHint", workspace.uri("flake.nix"), WHOLE)) ?? []).map(
    ({ label }) => String(label).replace(/^\w{7} /, ""),
  );
const lenses = async () =>
  ((await client.of<CodeLens[] | null>("codeLens", workspace.uri("flake.nix"))) ?? [])
    .filter(({ command }) => command?.command === "snowglobe.whatChanged")
    .map(({ command }) => command?.title);

const SAME = "Same derivation as HEAD: nothing to rebuild";

test("a clean work tree is what its commit is, revision included", async () => {
  await client.open(workspace.uri("flake.nix"), text);
  await client.status(workspace.uri("flake.nix"), "ready");
  await expectEventually(hints, ["tree =", "same =", "same ="]);
  expect(await lenses()).toEqual([SAME, SAME, SAME]);
});

test("an edit changes what it reaches, and what holds the revision of the tree", async () => {
  const uri = workspace.uri("flake.nix");
  const at = text.split("\n")[4]?.indexOf('one";') ?? 0;
  await client.change(uri, "two", [4, at, 4, at + 3]);
  await expectEventually(hints, ["tree ≠", "same ≠", "same ="]);
  const changed = "Changes 1 of 1 derivation since HEAD";
  expect(await lenses()).toEqual([changed, changed, SAME]);
  const found = await client.request<{ attributePath: string[] }[]>(CHANGED_DERIVATIONS_METHOD, {
    uri,
  });
  expect(found.map(({ attributePath }) => attributePath.join("."))).toEqual([
    "packages.x86_64-linux.tree",
    "packages.x86_64-linux.one",
  ]);
});

test("what is undone is the same again, and can be edited again", async () => {
  const uri = workspace.uri("flake.nix");
  await client.change(uri, text);
  await expectEventually(hints, ["tree =", "same =", "same ="]);
  await client.change(uri, text.replace('"shell"', '"other"'));
  await expectEventually(hints, ["tree ≠", "same =", "same ≠"]);
  workspace.write("flake.nix", text.replace('"shell"', '"other"'));
  await client.connection.sendNotification("textDocument/didSave", { textDocument: { uri } });
  await new Promise((resolve) => setTimeout(resolve, 1000));
  await expectEventually(hints, ["tree ≠", "same =", "same ≠"]);
});

test("another source is found where it can be edited", async () => {
  const uri = workspace.uri("flake.nix");
  const write = async (text: string) => {
    workspace.write("src", text);
    await client.connection.sendNotification("workspace/didChangeWatchedFiles", {
      changes: [{ uri: workspace.uri("src"), type: 2 }],
    });
  };
  workspace.write("flake.nix", text);
  await client.change(uri, text);
  await write("another source");
  await expectEventually(hints, ["tree ≠", "same =", "same ="]);
  const found = await eventually(
    () => client.of<CodeLens[] | null>("codeLens", uri),
    (all) => all?.some(({ command }) => command?.title.startsWith("Changes")) === true,
  );
  const changed = found?.find(({ command }) => command?.title.startsWith("Changes"));
  const [before, after] = changed?.command?.arguments ?? [];
  const { reasons } = await client.request<ChangeView>(CHANGES_METHOD, { before, after });
  expect(reasons.map(({ kind, origin }) => [kind, origin])).toContainEqual([
    "source",
    workspace.path("src"),
  ]);
  await write("a source");
  await expectEventually(hints, ["tree =", "same =", "same ="]);
});

test("another input is compared with the one that was locked, and so is another commit", async () => {
  const uri = workspace.uri("flake.nix");
  await client.change(uri, lock("new"));
  await client.connection.sendNotification("workspace/didChangeWatchedFiles", {
    changes: [
      { uri: workspace.uri("flake.lock"), type: 2 },
      { uri, type: 2 },
    ],
  });
  await expectEventually(hints, ["tree ≠", "same ≠", "same ="]);
  git(workspace.folder, "commit", "-qam", "second");
  await client.connection.sendNotification("workspace/didChangeWatchedFiles", {
    changes: [{ uri: workspace.uri(".git/logs/HEAD"), type: 2 }],
  });
  await expectEventually(hints, ["tree =", "same =", "same ="]);
  expect(await client.request(COMPARE_WITH_METHOD, { uri, revision: "HEAD~1" })).toBe(true);
  await expectEventually(hints, ["tree ≠", "same ≠", "same ="]);
});
