/** What is said of inputs that an evaluation has locked in memory only, over the built server. */
import { execFileSync } from "node:child_process";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type CodeAction, type Diagnostic, DiagnosticSeverity } from "vscode-languageserver/node";
import { program } from "../command-line.ts";
import { TestClient } from "./client.ts";
import { drv, makeWorkspace, type Workspace } from "./workspace.ts";

let client: TestClient;
let workspace: Workspace;

const FLAKE = `{
  inputs.lib = { url = "path:./lib"; };
  inputs.other.url = "path:./other";
  outputs = { self, lib, other }: {
    packages.x86_64-linux.a = ${drv("a", "lib = lib.it; other = other.it;")};
  };
}
`;

beforeAll(async () => {
  workspace = makeWorkspace({
    "flake.nix": FLAKE,
    "lib/flake.nix": "{ outputs = _: { it = 1; }; }",
    "other/flake.nix": "{ outputs = _: { it = 1; }; }",
  });
  client = await TestClient.start({
    folder: workspace.folder,
    initializationOptions: { commandLinks: true, system: "x86_64-linux" },
  });
});
afterAll(async () => {
  await client.stop();
  workspace.remove();
});

const problems = (): readonly Diagnostic[] =>
  client.diagnostics.get(workspace.uri("flake.nix"))?.diagnostics ?? [];

test("an input without an entry is marked, and locking is offered", async () => {
  const uri = workspace.uri("flake.nix");
  await client.open(uri, FLAKE);
  await client.until("the inputs to be marked", () => problems().length === 2);
  expect(problems().map(({ range, severity, code }) => [range.start.line, severity, code])).toEqual(
    [
      [1, DiagnosticSeverity.Information, "lock-not-written"],
      [2, DiagnosticSeverity.Information, "lock-not-written"],
    ],
  );
  const range = problems()[0]?.range;
  const actions = await client.of<CodeAction[]>("codeAction", uri, {
    range,
    context: { diagnostics: [] },
  });
  expect(actions.map(({ command }) => command?.command)).toEqual(["snowglobe.lockFlake"]);
});

test("what is locked is marked no more", async () => {
  execFileSync(process.execPath, [program, "flake", "lock", workspace.folder], {
    env: { PATH: process.env["PATH"], HOME: workspace.folder },
  });
  await client.connection.sendNotification("workspace/didChangeWatchedFiles", {
    changes: [{ uri: workspace.uri("flake.lock"), type: 1 }],
  });
  await client.until("nothing to be marked", () => problems().length === 0);
});
