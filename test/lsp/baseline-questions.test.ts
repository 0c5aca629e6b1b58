/** Questions while a file is evaluated as it was in the last commit, which may take long. */
import { afterEach, expect, test } from "vitest";
import type { Hover, InlayHint } from "vscode-languageserver/node";
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

async function start(files: Record<string, string>): Promise<void> {
  workspace = makeWorkspace(files);
  commitAll(workspace.folder);
  client = await TestClient.start({
    folder: workspace.folder,
    initializationOptions: { commandLinks: true, system: "x86_64-linux" },
  });
}

/** It ends at the time limit. */
const ENDLESS = `let f = n: if n == 0 then 0 else f (n - 1);
  again = k: f: builtins.foldl' (_: f) 0 (builtins.genList (n: n) k);
in toString (again 1000000 (_: f 5000))`;

/** Changes a file, whose evaluation as it was does not end, and asks what a name in it is. */
async function askMeanwhile(file: string, text: string): Promise<void> {
  workspace.write(file, text);
  const uri = workspace.uri(file);
  await client.open(uri, text);
  await client.status(uri, "ready");
  const lines = text.split("\n");
  const line = lines.findIndex((each) => each.includes("answer"));
  const character = (lines[line] ?? "").indexOf("answer") + 1;
  for (let i = 0; i < 3; i++) {
    await new Promise((resolve) => setTimeout(resolve, 300));
    const hover = await client.at<Hover | null>("hover", uri, line, character);
    expect(JSON.stringify(hover?.contents)).toContain("42");
  }
}

test("of a file, which is evaluated as it was once more after that", async () => {
  const text = (word: string) =>
    `rec {\n  answer = 40 + 2;\n  a = ${drv("a", `b = ${word};`)};\n}\n`;
  await start({ "default.nix": text(ENDLESS) });
  await askMeanwhile("default.nix", text("toString answer"));
});

test("of a flake, whose tree is another than it was", async () => {
  const text = (word: string) => `{
  outputs = { self }: {
    packages.x86_64-linux = rec {
      answer = 40 + 2;
      a = ${drv("a", `b = ${word};`)};
    };
  };
}
`;
  await start({ "flake.nix": text(ENDLESS) });
  await askMeanwhile("flake.nix", text("toString answer"));
});

test("what is compared with is known in the end", async () => {
  const slow = "toString (builtins.foldl' (a: b: a + b) 0 (builtins.genList (n: n) 3000000))";
  const text = (word: string) =>
    `rec {\n  answer = 40 + 2;\n  a = ${drv("a", `b = ${word};`)};\n}\n`;
  await start({ "default.nix": text(slow) });
  await askMeanwhile("default.nix", text("toString answer"));
  const hints = async () => {
    const uri = workspace.uri("default.nix");
    const found = await client.of<InlayHint[] | null>("inlayHint", uri, WHOLE);
    return (found ?? []).map(({ label }) => String(label).slice(8));
  };
  await expectEventually(hints, ["a ≠"]);
});
