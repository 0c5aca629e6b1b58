/** Comparison with the last commit, over the built server and a real repository. */
import { afterAll, beforeAll, expect, test } from "vitest";
import type { CodeAction, CodeLens, InlayHint } from "vscode-languageserver/node";
import {
  CHANGES_METHOD,
  type Change,
  COMPARE_WITH_METHOD,
  PAST_FILES_METHOD,
} from "../../server/src/lsp/protocol.ts";
import { TestClient, WHOLE } from "./client.ts";
import { eventually } from "./eventually.ts";
import { commitAll, git } from "./repository.ts";
import { drv, makeWorkspace, type Workspace } from "./workspace.ts";

let client: TestClient;
let workspace: Workspace;

const dependency = drv("dependency");
const text = `{\n  a = ${drv("shell", `hook = "one"; dep = ${dependency};`)};\n}\n`;

beforeAll(async () => {
  workspace = makeWorkspace({ "default.nix": text });
  commitAll(workspace.folder);
  client = await TestClient.start({
    folder: workspace.folder,
    capabilities: { workspace: { inlayHint: { refreshSupport: true } } },
    initializationOptions: { commandLinks: true },
  });
});
afterAll(async () => {
  await client.stop();
  workspace.remove();
});

const labels = async (uri: string) =>
  ((await client.of<InlayHint[] | null>("inlayHint", uri, WHOLE)) ?? []).map(({ label }) =>
    String(label).replace(/^\w{7} /, ""),
  );
const lenses = async (uri: string) => (await client.of<CodeLens[] | null>("codeLens", uri)) ?? [];

test("hints and lenses say what is the same as in the last commit", async () => {
  const uri = workspace.uri("default.nix");
  await client.open(uri, text);
  await client.status(uri, "ready");
  const same = await eventually(
    () => labels(uri),
    (found) => found.some((label) => label.endsWith("=")),
  );
  expect(same.sort()).toEqual(["dependency =", "shell ="]);
  expect((await lenses(uri)).map(({ command }) => command?.title)).toContain(
    "Same derivation as HEAD: nothing to rebuild",
  );
  const [line, column] = [1, text.split("\n")[1]?.indexOf("one") ?? 0];
  await client.change(uri, "two", [line, column, line, column + 3]);
  const other = await eventually(
    () => labels(uri),
    (found) => found.includes("shell ≠"),
  );
  expect(other.sort()).toEqual(["dependency =", "shell ≠"]);
  const changed = (await lenses(uri)).find(({ command }) => command?.title.startsWith("Changes"));
  expect(changed?.command?.title).toBe("Changes 1 of 2 derivations since HEAD");
  const [before, after] = changed?.command?.arguments ?? [];
  const change = await client.request<Change>(CHANGES_METHOD, { before, after });
  expect(change.reasons).toEqual([
    { kind: "variable", name: "hook", before: "one", after: "two", origin: null },
  ]);
  expect(change.inputs).toEqual([]);
});

test("a commit is the new thing to compare with", async () => {
  const uri = workspace.uri("default.nix");
  workspace.write("default.nix", text.replace("one", "two"));
  git(workspace.folder, "commit", "-qam", "second");
  await client.connection.sendNotification("workspace/didChangeWatchedFiles", {
    changes: [{ uri: workspace.uri(".git/logs/HEAD"), type: 2 }],
  });
  const same = await eventually(
    () => labels(uri),
    (found) => found.includes("shell ="),
  );
  expect(same.sort()).toEqual(["dependency =", "shell ="]);
});

test("another commit can be compared with, and says what its files were", async () => {
  const uri = workspace.uri("default.nix");
  expect(await client.request(COMPARE_WITH_METHOD, { uri, revision: "no-such" })).toBe(false);
  expect(await client.request(COMPARE_WITH_METHOD, { uri, revision: "--all" })).toBe(false);
  expect(await client.request(COMPARE_WITH_METHOD, { uri, revision: "HEAD~1" })).toBe(true);
  const other = await eventually(
    () => labels(uri),
    (found) => found.includes("shell ≠"),
  );
  expect(other.sort()).toEqual(["dependency =", "shell ≠"]);
  const path = workspace.path("default.nix");
  expect(await client.request(PAST_FILES_METHOD, { path: workspace.folder })).toEqual([
    { path, before: text },
  ]);
  expect(await client.request(PAST_FILES_METHOD, { path: `${path}x` })).toEqual([]);
  expect(await client.request(COMPARE_WITH_METHOD, { uri, revision: "HEAD" })).toBe(true);
});

test("a quick fix is an edit of the document", async () => {
  const uri = workspace.write("overlay.nix", "{ self, super }: { a = super.a; }");
  await client.open(uri, "{ self, super }: { a = super.a; }");
  await client.problems(uri);
  const range = { start: { line: 0, character: 0 }, end: { line: 0, character: 1 } };
  const actions = await client.of<CodeAction[]>("codeAction", uri, {
    range,
    context: { diagnostics: [] },
  });
  expect(actions.map(({ title, isPreferred }) => ({ title, isPreferred }))).toEqual([
    { title: "Write it as final: prev: …", isPreferred: true },
  ]);
  expect(actions[0]?.edit?.changes?.[uri]?.map(({ newText }) => newText)).toEqual([
    "final: prev",
    "prev",
  ]);
});
