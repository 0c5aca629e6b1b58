/** Values of bindings as hints, which a setting turns on, over the built server. */
import { afterAll, beforeAll, expect, test } from "vitest";
import type { InlayHint } from "vscode-languageserver/node";
import { TestClient, WHOLE } from "./client.ts";
import { drv, makeWorkspace, type Workspace } from "./workspace.ts";

let client: TestClient;
let workspace: Workspace;

beforeAll(async () => {
  workspace = makeWorkspace();
  client = await TestClient.start({
    folder: workspace.folder,
    initializationOptions: { hints: { values: true, derivations: false } },
  });
});
afterAll(async () => {
  await client.stop();
  workspace.remove();
});

async function labels(uri: string): Promise<string[]> {
  const found = await client.of<InlayHint[] | null>("inlayHint", uri, WHOLE);
  return (found ?? []).map(({ position, label }) => `${position.line}: ${label}`);
}

test("values stand behind bindings, versions behind packages, and stay with a syntax error", async () => {
  const text = `let
  n = 1 + 2;
in
{
  pkg = ${drv("tool-1.5")};
  s = "n is \${toString n}";
}
`;
  const uri = workspace.write("default.nix", text);
  await client.open(uri, text);
  await client.status(uri, "ready");
  expect(await labels(uri)).toEqual(["1: = 3", "4: 1.5", '5: = "n is 3"']);
  await client.change(uri, "4", [1, 10, 1, 11]);
  expect(await labels(uri)).toEqual(["1: = 5", "4: 1.5", '5: = "n is 5"']);
  await client.change(uri, "  broken = ;\n", [4, 0, 4, 0]);
  expect(await labels(uri)).toEqual(["1: = 5", "5: 1.5", '6: = "n is 5"']);
});
