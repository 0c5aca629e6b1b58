/** Hints, values and errors of evaluations, over the built server and its real Worker. */
import { rmSync } from "node:fs";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import type { Hover, InlayHint, MarkupContent } from "vscode-languageserver/node";
import { TestClient, WHOLE } from "./client.ts";
import { drv, makeWorkspace, type Workspace } from "./workspace.ts";

let client: TestClient;
let workspace: Workspace;
const opened: string[] = [];

beforeAll(async () => {
  workspace = makeWorkspace();
  client = await TestClient.start({
    folder: workspace.folder,
    capabilities: { workspace: { inlayHint: { refreshSupport: true } } },
    initializationOptions: { evaluation: { timeLimit: 5, memoryLimit: 400 } },
  });
});
afterEach(async () => {
  for (const uri of opened.splice(0)) await client.close(uri);
});
afterAll(async () => {
  await client.stop();
  workspace.remove();
  expect(client.exitCode).toBe(0);
});

async function open(name: string, text: string): Promise<string> {
  const uri = workspace.write(name, text);
  await client.open(uri, text);
  opened.push(uri);
  return uri;
}

/** Labels with their lines, once there are any of the newest text. */
async function hints(uri: string): Promise<string[]> {
  const found = await client.of<InlayHint[] | null>("inlayHint", uri, WHOLE);
  return (found ?? [])
    .sort((a, b) => a.position.line - b.position.line)
    .map(({ position, label }) => `${position.line}: ${label}`);
}

async function hoverText(uri: string, line: number, character: number): Promise<string | null> {
  const found = await client.at<Hover | null>("hover", uri, line, character);
  return found && (found.contents as MarkupContent).value;
}

test("bindings, list elements and the result have hints, and an edit changes them", async () => {
  const text = `let
  a = ${drv("a")};
in
{
  b = ${drv("b")};
  list = [ a ];
}
`;
  const uri = await open("default.nix", text);
  await client.status(uri, "ready");
  const before = await hints(uri);
  expect(before.map((hint) => hint.replace(/ [0-9a-z]{7} /, " HASH "))).toEqual([
    "1: HASH a",
    "4: HASH b",
    "5: HASH a",
  ]);
  const [first] = (await client.of<InlayHint[]>("inlayHint", uri, WHOLE)) ?? [];
  expect(first?.kind).toBeUndefined();
  expect(first?.tooltip).toMatch(
    /^\/nix\/store\/[0-9a-z]{32}-a\.drv\nout: \/nix\/store\/[0-9a-z]{32}-a$/,
  );
  // Another builder for `a`: its two hints change, the other one does not.
  const at = text.split("\n")[1]?.indexOf("/bin/sh") ?? 0;
  await client.change(uri, "/bin/bash", [1, at, 1, at + 7]);
  const after = await hints(uri);
  expect(after).toHaveLength(3);
  expect(after[0]).not.toBe(before[0]);
  expect(after[1]).toBe(before[1]);
  expect(after[2]).not.toBe(before[2]);
});

test("a text that does not parse keeps its last hints, moved along", async () => {
  const uri = await open("keep.nix", `{\n  a = ${drv("keep")};\n}\n`);
  await client.status(uri, "ready");
  const [before] = await hints(uri);
  await client.change(uri, "  b = ;\n", [1, 0, 1, 0]);
  expect(await client.problems(uri, 2)).toEqual(["syntax error, unexpected ';'"]);
  expect(await hints(uri)).toEqual([before?.replace("1:", "2:")]);
});

test("the world is as if every open document were saved", async () => {
  const library = await open("lib.nix", `{ name = "one"; }`);
  const uri = await open("user.nix", drv("x").replace('"x"', "(import ./lib.nix).name"));
  await client.status(uri, "ready");
  expect(await hints(uri)).toEqual([expect.stringMatching(/ one$/)]);
  const refreshes = client.hintRefreshes;
  await client.change(library, "two", [0, 10, 0, 13]);
  await client.until("a refresh of hints", () => client.hintRefreshes > refreshes);
  expect(await hints(uri)).toEqual([expect.stringMatching(/ two$/)]);
});

test("a function shows what the open document that calls it made of it", async () => {
  const called = await open("function.nix", `{ name }:\n${drv("x").replace('"x"', "name")}\n`);
  expect((await client.status(called, "idle")).root).toBeNull();
  const uri = await open("caller.nix", `import ./function.nix { name = "called"; }`);
  await client.status(uri, "ready");
  expect((await client.status(called, "ready")).root).toBe(uri);
  const [hint] = await hints(called);
  expect(hint).toMatch(/^1: \w{7} called$/);
  await client.change(called, "  ", [1, 11, 1, 11]);
  expect(await hints(called)).toEqual([hint]);
  expect(await hoverText(called, 0, 2)).toContain('"called"');
});

test("hover shows what is known while an evaluation takes its time, and waits for the first", async () => {
  const text = (thousands: number) => `let
  f = n: n + 1;
  list = builtins.genList (i: i);
  slow = builtins.foldl' (a: b: builtins.foldl' (c: d: c + 1) a (list 1000)) 0 (list ${thousands});
in
builtins.seq slow (f 41)
`;
  const uri = await open("slow.nix", text(100));
  const hovered = async () => (await hoverText(uri, 1, 9))?.split("\n---\n")[0]?.trim();
  const known = "```nix\n41\n```\n\n*int*";
  expect(await hovered()).toBe(known);
  // Longer than the test may take.
  await client.change(uri, text(1_000_000));
  expect(await hovered()).toBe(`${known}\n\n*before the last change*`);
  await client.change(uri, text(2));
  expect(await hovered()).toBe(known);
});

test("hover shows values, types and paths", async () => {
  const text = `let\n  a = 1 + 2;\n  d = ${drv("hovered")};\nin\n[ a d "x\${toString a}" ]\n`;
  const uri = await open("hover.nix", text);
  await client.status(uri, "ready");
  expect(await hoverText(uri, 1, 2)).toMatch(/^```nix\n3\n```\n\n\*int\*/);
  expect(await hoverText(uri, 4, 2)).toMatch(/^```nix\n3\n```/);
  expect(await hoverText(uri, 4, 4)).toMatch(
    /^\*\*hovered\*\* \*derivation\*\n\n`\/nix\/store\/\w{32}-hovered\.drv`\n\n- out: `\/nix\/store\/\w{32}-hovered`/,
  );
  expect(await hoverText(uri, 4, 7)).toContain('"x3"');
});

test("completion knows attributes that only an evaluation can", async () => {
  const text = 'let\n  s = builtins.listToAttrs [ { name = "made"; value = 1; } ];\nin\ns.m\n';
  const uri = await open("complete.nix", text.replace("s.m", "s.made"));
  await client.status(uri, "ready");
  await client.change(uri, text);
  const list = await client.at<{ items: { label: string }[] } | null>("completion", uri, 3, 3);
  expect(list?.items.map(({ label }) => label)).toEqual(["made"]);
});

test("completion behind a dot is answered also when typing goes on", async () => {
  const text = 'let\n  s = builtins.listToAttrs [ { name = "made"; value = 1; } ];\nin\ns\n';
  const uri = await open("typing.nix", text);
  await client.status(uri, "ready");
  await client.change(uri, ".", [3, 1, 3, 1]);
  const asked = client.at<{ items: { label: string }[] } | null>("completion", uri, 3, 2);
  await client.change(uri, "m", [3, 2, 3, 2]);
  await client.change(uri, "a", [3, 3, 3, 3]);
  expect((await asked)?.items.map(({ label }) => label)).toEqual(["made"]);
});

test("completion does not wait for an evaluation that takes its time", async () => {
  const text = (name: string, result: string) => `let
  s = builtins.listToAttrs [ { name = "made"; value = 1; } ];
  slow = ${name};
in
${result}
`;
  const uri = await open("slow-set.nix", text("1", "s"));
  await client.status(uri, "ready");
  await client.change(uri, text(ENDLESS, "builtins.seq (builtins.length slow) s.m"));
  await client.status(uri, "evaluating");
  const list = await client.at<{ items: { label: string }[] } | null>("completion", uri, 4, 39);
  expect(list?.items.map(({ label }) => label)).toEqual(["made"]);
  expect(client.statuses.get(uri)?.state).toBe("evaluating");
  await client.change(uri, text("1", "s"));
});

test("an error stands at the user's own place, with its trace", async () => {
  await open("fail.nix", "x: x.missing");
  const uri = await open(
    "error.nix",
    `rec {\n  a = import ./fail.nix { missign = 1; };\n  b = a + 1;\n}\n`,
  );
  await client.status(uri, "error");
  const { diagnostics } = await client.until("the error", () => {
    const known = client.diagnostics.get(uri);
    return known && known.diagnostics.length > 0 && known;
  });
  const [error] = diagnostics;
  expect(error?.message).toBe("attribute 'missing' missing\nDid you mean missign?");
  expect(error?.source).toBe("snowglobe");
  expect(error?.code).toBe("missing-attribute");
  expect(error?.range.start.line).toBe(1);
  expect(error?.relatedInformation?.[0]?.location.uri).toBe(workspace.uri("fail.nix"));
});

test("throw and infinite recursion", async () => {
  const thrown = await open("throw.nix", `{ a = throw "no"; }`);
  expect((await client.status(thrown, "error")).error).toBe("no");
  const uri = await open("loop.nix", "let x = x + 1; in { a = x; }");
  expect((await client.status(uri, "error")).error).toMatch(/^infinite recursion encountered/);
});

test("a missing import", async () => {
  const uri = await open("import.nix", "{\n  a = import ./none.nix;\n}\n");
  expect((await client.status(uri, "error")).error).toMatch(
    /none\.nix.*No such file|does not exist/,
  );
  const { diagnostics } = await client.until("the error", () => {
    const known = client.diagnostics.get(uri);
    return known && known.diagnostics.length > 0 && known;
  });
  expect(diagnostics[0]?.range.start.line).toBe(1);
});

const ENDLESS =
  "builtins.genericClosure { startSet = [ { key = 0; } ]; operator = x: [ { key = x.key + 1; } ]; }";

const DOUBLING =
  "{ a = builtins.length (builtins.foldl' (l: i: l ++ l) [ 1 ] (builtins.genList (x: x) 40)); }";

test("endless work, deep recursion and lack of memory are reported, and the server goes on", async () => {
  const deep = await open("deep.nix", "let f = n: 1 + f (n + 1); in { a = f 0; }");
  expect((await client.status(deep, "error")).error).toMatch(/^stack overflow/);
  const endless = await open("endless.nix", `{ a = ${ENDLESS}; }`);
  expect((await client.status(endless, "error")).error).toMatch(/longer|memory/);
  const large = await open("memory.nix", DOUBLING);
  // Collecting garbage in a full memory takes a slow machine longer than it may.
  expect((await client.status(large, "error")).error).toMatch(/memory|longer/);
  const uri = await open("after.nix", drv("after"));
  await client.status(uri, "ready");
  expect(await hints(uri)).toHaveLength(1);
});

test("while something slow runs, what needs no values is answered, and an edit ends it", async () => {
  const uri = await open("slow.nix", `{ a = ${ENDLESS}; }`);
  await client.status(uri, "evaluating");
  const start = performance.now();
  await client.of("documentSymbol", uri);
  await client.of("foldingRange", uri);
  await client.of("semanticTokens/full", uri);
  expect(client.statuses.get(uri)?.state).toBe("evaluating");
  await client.change(uri, drv("fast"));
  await client.status(uri, "ready");
  // Sooner than its own time limit would have ended it.
  expect(performance.now() - start).toBeLessThan(5000);
});

test("a file deleted while it is open", async () => {
  const uri = await open("deleted.nix", drv("deleted"));
  await client.status(uri, "ready");
  const before = await hints(uri);
  rmSync(workspace.path("deleted.nix"));
  await client.connection.sendNotification("workspace/didChangeWatchedFiles", {
    changes: [{ uri, type: 3 }],
  });
  await client.change(uri, " ", [0, 0, 0, 0]);
  await client.status(uri, "ready");
  expect(await hints(uri)).toEqual(before);
});

test("derivations of a document, and the text of one", async () => {
  const uri = await open("list.nix", `[ (${drv("first")}) (${drv("second")}) ]`);
  await client.status(uri, "ready");
  const all = await client.request<{ name: string; drvPath: string }[]>("snowglobe/derivations", {
    uri,
  });
  expect(all.map(({ name }) => name)).toEqual(["first", "second"]);
  const one = await client.request<unknown[]>("snowglobe/derivations", {
    uri,
    position: { line: 0, character: 5 },
  });
  expect(one).toEqual([all[0]]);
  const shown = await client.request<{ text: string } | null>("snowglobe/derivation", {
    drvPath: all[0]?.drvPath,
  });
  expect(shown?.text).toContain("/bin/sh");
  const unknown = { drvPath: "/nix/store/00000000000000000000000000000000-x.drv" };
  expect(await client.request("snowglobe/derivation", unknown)).toBeNull();
});

test("definitions, hovers and completions know what the evaluation found", async () => {
  workspace.write(
    "packages.nix",
    `{
  tool = ${drv("tool")} // { meta.description = "A tool"; version = "1.2"; };
  function = { first, second ? 2 }: first;
}
`,
  );
  const text = `let p = import ./packages.nix; in with p; [ tool (p.function { first = 1; }) ]\n`;
  const uri = await open("by-value.nix", text);
  await client.status(uri, "ready");
  const [link] = await client.at<{ uri: string; range: { start: { line: number } } }[]>(
    "definition",
    uri,
    0,
    text.indexOf("tool") + 1,
  );
  expect(link?.uri).toBe(workspace.uri("packages.nix"));
  expect(link?.range.start.line).toBe(1);
  expect(await hoverText(uri, 0, text.indexOf("tool") + 1)).toMatch(/A tool\n\nversion 1\.2/);
  const at = text.indexOf("[ tool") + 2;
  await client.change(uri, "to ", [0, at, 0, at]);
  type Item = { label: string; detail?: string; data?: unknown };
  const list = await client.at<{ items: Item[] } | null>("completion", uri, 0, at + 2);
  const item = list?.items.find(({ label }) => label === "tool");
  expect(item).toBeDefined();
  const resolved = await client.request<Item & { documentation?: MarkupContent }>(
    "completionItem/resolve",
    item,
  );
  expect(resolved.detail).toBe("1.2");
  expect(resolved.documentation?.value).toContain("A tool");
});

test("an evaluation that takes long says what it does, and can be stopped", async () => {
  const endless = "let f = n: if n == 0 then 0 else f (n - 1); g = n: f 5000 + g (n + 1); in g 0\n";
  const uri = await open("stopped.nix", endless);
  await client.until("progress", () => client.statuses.get(uri)?.progress);
  await client.connection.sendNotification("snowglobe/stop", { uri });
  expect((await client.status(uri, "error")).error).toMatch(/was stopped/);
  await client.change(uri, drv("finished"));
  await client.status(uri, "ready");
});

test("what is being hashed is named", async () => {
  workspace.write("hashed/a.txt", "a");
  workspace.write("hashed/b.txt", "b");
  const slow = "let f = n: if n == 0 then true else f (n - 1); g = n: f 5000 && g (n + 1); in g 0";
  const filter = `path: type: baseNameOf path == "a.txt" || (${slow})`;
  const uri = await open(
    "hashes.nix",
    `"\${builtins.path { path = ./hashed; filter = ${filter}; }}"\n`,
  );
  const hashing = () => client.statuses.get(uri)?.progress?.hashing;
  expect(await client.until("progress", hashing)).toEqual({ path: "./hashed", files: 1 });
  await client.connection.sendNotification("snowglobe/stop", { uri });
  await client.status(uri, "error");
});

test("all of a value, by the command that every client can send", async () => {
  const text = "let s = { a = 1; b = [ s.a 2 ]; }; in s";
  const uri = await open("expanded.nix", text);
  await client.status(uri, "ready");
  const place = { uri, position: { line: 0, character: 4 } };
  const params = { command: "snowglobe.expandedValue", arguments: [place] };
  const result = await client.request<{ text: string }>("workspace/executeCommand", params);
  expect(result.text).toBe("{\n  a = 1;\n  b = [\n    1\n    2\n  ];\n}\n");
  const wrong = { command: "snowglobe.expandedValue", arguments: [{ uri }] };
  expect(await client.request("workspace/executeCommand", wrong)).toBe(null);
});

test("every output that fails is underlined, and a file that is not open has its error", async () => {
  const lib = workspace.write("lib.nix", '{\n  fails = throw "in lib";\n}\n');
  const text = "let lib = import ./lib.nix; in {\n  a = lib.fails;\n  b = { }.missing;\n}\n";
  const uri = await open("several.nix", text);
  await client.status(uri, "error");
  const lines = (of: string, count: number) =>
    client.until(`${count} problems of ${of}`, () => {
      const found = client.diagnostics.get(of)?.diagnostics;
      if (found?.length !== count) return null;
      return found.map(({ range, message }) => `${range.start.line}: ${message}`);
    });
  expect(await lines(uri, 2)).toEqual(["1: in lib", "2: attribute 'missing' missing"]);
  expect(await lines(lib, 1)).toEqual(["1: in lib"]);
  await client.change(uri, "1", [1, 6, 1, 15]);
  expect(await lines(uri, 1)).toEqual(["2: attribute 'missing' missing"]);
  expect(await lines(lib, 0)).toEqual([]);
});

test("with a syntax error the last good values stay, marked, and what is before it completes", async () => {
  const text = `let\n  set = { alpha = 1; };\n  x = ${drv("x")};\nin [\n  set.alpha\n  x\n]\n`;
  const uri = await open("stale.nix", text);
  const ready = await client.status(uri, "ready");
  expect(ready.stale).toBe(undefined);
  const before = await hints(uri);
  await client.change(uri, "  x =\n", [5, 0, 6, 0]);
  const broken = await client.status(uri, "error");
  expect(broken).toMatchObject({ stale: true, derivations: before.length - 1 });
  expect(await hints(uri)).toEqual(before.slice(0, 1));
  const items = await client.at<{ items: { label: string }[] }>("completion", uri, 4, 6);
  expect(items.items.map(({ label }) => label)).toContain("alpha");
  await client.change(uri, "  x\n", [5, 0, 6, 0]);
  expect((await client.status(uri, "ready")).stale).toBe(undefined);
});
