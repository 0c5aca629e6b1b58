/** Downloads in the editor, over the built server and a web server on this machine. */
import { createHash } from "node:crypto";
import { readdirSync } from "node:fs";
import * as http from "node:http";
import type { AddressInfo } from "node:net";
import { gzipSync } from "node:zlib";
import * as tar from "tar-stream";
import { afterEach, expect, test } from "vitest";
import type { CodeAction } from "vscode-languageserver/node";
import { TestClient } from "./client.ts";
import { drv, makeWorkspace, type Workspace } from "./workspace.ts";

type Handler = (request: http.IncomingMessage, response: http.ServerResponse) => void;

let workspace: Workspace;
let client: TestClient;
let server: http.Server;
let base: string;
let answer: Handler;
/** Paths that were asked for. */
let asked: string[];

afterEach(async () => {
  await client.stop();
  workspace.remove();
  server.closeAllConnections();
  server.close();
});

async function start(options: Record<string, unknown> = {}): Promise<void> {
  asked = [];
  answer = (_, response) => response.writeHead(404).end();
  server = http.createServer((request, response) => {
    asked.push(request.url ?? "");
    answer(request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  workspace = makeWorkspace();
  client = await TestClient.start({
    folder: workspace.folder,
    capabilities: { window: { workDoneProgress: true } },
    initializationOptions: options,
    environment: {
      XDG_CACHE_HOME: workspace.path("cache"),
      SNOWGLOBE_MIRRORS: `https://api.github.com/=${base}/api/ https://github.com/=${base}/forge/`,
    },
  });
}

async function open(text: string, name = "default.nix"): Promise<string> {
  const uri = workspace.write(name, text);
  await client.open(uri, text);
  return uri;
}

/** Waits until nothing is wrong with the file. */
const isWell = (uri: string) =>
  client.until(`${uri} to be well`, () => {
    const known = client.diagnostics.get(uri);
    return known !== undefined && known.diagnostics.length === 0;
  });
const failing = (uri: string, code: string) =>
  client.until(`${code} in ${uri}`, () =>
    client.diagnostics.get(uri)?.diagnostics.find((each) => each.code === code),
  );

async function fixes(uri: string): Promise<CodeAction[]> {
  const [problem] = client.diagnostics.get(uri)?.diagnostics ?? [];
  const context = { diagnostics: [] };
  return (await client.of("codeAction", uri, { range: problem?.range, context })) ?? [];
}

/** Does what the quick fix says, as an editor would. */
async function fetchByFix(uri: string): Promise<unknown> {
  const command = (await fixes(uri)).find(({ title }) => title.startsWith("Fetch"))?.command;
  return client.request("workspace/executeCommand", command);
}

/** A tree as the archives of forges have it. */
async function archive(files: Record<string, string>): Promise<Buffer> {
  const pack = tar.pack();
  for (const [name, text] of Object.entries(files)) pack.entry({ name: `top-1/${name}` }, text);
  pack.finalize();
  const chunks: Buffer[] = [];
  for await (const chunk of pack) chunks.push(chunk as Buffer);
  return gzipSync(Buffer.concat(chunks));
}

const sha256 = (text: string) => createHash("sha256").update(text).digest("hex");
const cached = () => readdirSync(workspace.path("cache/snowglobe/sources")).sort();

test("what is missing is a diagnostic at its place, fetched only when asked for, one after another", async () => {
  await start();
  const inner = await archive({ "default.nix": drv("inner") });
  const outer = await archive({ "default.nix": `import (fetchTarball "${base}/inner.tar.gz")` });
  answer = ({ url }, response) => response.end(url === "/outer.tar.gz" ? outer : inner);
  const uri = await open(`{\n  a = import (fetchTarball "${base}/outer.tar.gz");\n}\n`);
  const problem = await failing(uri, "not-fetched");
  expect(problem.range).toEqual({
    start: { line: 1, character: 14 },
    end: { line: 1, character: 14 + `fetchTarball "${base}/outer.tar.gz"`.length },
  });
  const host = base.slice("http://".length);
  expect(problem.message).toBe(
    `'${base}/outer.tar.gz' has not been fetched\nThe command Fetch downloads it from ${host}; no hash says what it has to be.`,
  );
  expect((await fixes(uri)).map(({ title, isPreferred }) => [title, isPreferred])).toEqual([
    [`Fetch from ${host}`, true],
  ]);
  expect(asked).toEqual([]);
  expect(await fetchByFix(uri)).toBe(true);
  expect(asked).toEqual(["/outer.tar.gz", "/inner.tar.gz"]);
  const { derivations } = await client.status(uri, "ready");
  expect(derivations).toBe(1);
  await isWell(uri);
  const [begin, first] = client.work;
  expect(begin).toMatchObject({ kind: "begin", title: "Snowglobe: Fetch", cancellable: true });
  expect(first).toMatchObject({ kind: "report", message: `${base}/outer.tar.gz` });
  expect(client.work.at(-1)?.kind).toBe("end");
  expect(cached()).toEqual(["trees", "urls"]);
});

test("a wrong hash is told at the place, and it can be tried again or mended", async () => {
  await start();
  answer = (_, response) => response.end("tampered");
  const uri = await open(
    `builtins.readFile (builtins.fetchurl { url = "${base}/a"; sha256 = "${sha256("right")}"; })`,
  );
  expect((await failing(uri, "not-fetched")).message).toMatch(/it is checked against its hash\.$/);
  expect(await fetchByFix(uri)).toBe(false);
  const failed = await failing(uri, "fetch-failed");
  expect(failed.message).toMatch(
    /^hash mismatch in file downloaded from '.*\/a':\n {2}specified: sha256:\w{52}\n {2}got: {7}sha256:\w{52}$/,
  );
  expect(client.shown).toEqual([failed.message]);
  expect((await fixes(uri)).map(({ title }) => title)).toEqual([
    "Take the hash of what was downloaded",
    `Fetch from ${base.slice("http://".length)} again`,
  ]);
  answer = (_, response) => response.end("right");
  expect(await fetchByFix(uri)).toBe(true);
  await client.status(uri, "ready");
  await isWell(uri);
});

test("a connection that is cut again and again is told; what has come is not thrown away", async () => {
  await start();
  const body = "x".repeat(100_000);
  let isCut = true;
  answer = ({ headers }, response) => {
    const begin = Number(/^bytes=(\d+)-/.exec(headers.range ?? "")?.[1] ?? 0);
    const rest = body.slice(begin);
    response.writeHead(begin === 0 ? 200 : 206, {
      etag: '"1"',
      "content-length": rest.length,
      ...(begin === 0 ? {} : { "content-range": `bytes ${begin}-${body.length - 1}/*` }),
    });
    if (!isCut) response.end(rest);
    else response.write(rest.slice(0, 1000), () => setTimeout(() => response.destroy(), 20));
  };
  const uri = await open(
    `builtins.stringLength (builtins.readFile (builtins.fetchurl "${base}/a"))`,
  );
  await failing(uri, "not-fetched");
  expect(await fetchByFix(uri)).toBe(false);
  expect((await failing(uri, "fetch-failed")).message).toMatch(/^unable to download '.*\/a'/);
  expect(cached().some((name) => name.endsWith(".part"))).toBe(true);
  isCut = false;
  expect(await fetchByFix(uri)).toBe(true);
  await client.status(uri, "ready");
});

test("cancelling ends the download, and the file is as it was", async () => {
  await start();
  answer = (_, response) => {
    response.writeHead(200, { etag: '"1"', "content-length": 1000 });
    response.write("some");
  };
  const uri = await open(`builtins.readFile (builtins.fetchurl "${base}/a")`);
  await failing(uri, "not-fetched");
  const fetching = fetchByFix(uri);
  await client.until("the download to begin", () => asked.length > 0);
  const { token } = await client.until("progress", () => client.work[0]);
  await client.connection.sendNotification("window/workDoneProgress/cancel", { token });
  expect(await fetching).toBe(false);
  expect(client.work.at(-1)?.kind).toBe("end");
  await failing(uri, "not-fetched");
  expect(client.shown).toEqual([]);
});

test("nothing is downloaded in a workspace that is not trusted", async () => {
  await start({ trusted: false, fetch: { locked: true } });
  const uri = await open(
    `builtins.readFile (builtins.fetchurl { url = "${base}/a"; sha256 = "${sha256("a")}"; })`,
  );
  expect((await failing(uri, "restricted")).message).toMatch(/the workspace is not trusted$/);
  expect(await fixes(uri)).toEqual([]);
  const command = { command: "snowglobe.fetch", arguments: [uri] };
  expect(await client.request("workspace/executeCommand", command)).toBe(false);
  expect(client.shown).toEqual(["Nothing is downloaded in a workspace that is not trusted."]);
  expect(asked).toEqual([]);
});

test("by a setting, what has a hash is fetched without being asked for, and nothing else", async () => {
  await start({ fetch: { locked: true } });
  answer = (_, response) => response.end("a");
  const locked = (name: string) =>
    `builtins.readFile (builtins.fetchurl { url = "${base}/${name}"; sha256 = "${sha256("a")}"; })`;
  const uri = await open(`${locked("a")} + builtins.readFile (builtins.fetchurl "${base}/b")`);
  await client.until("the other to be missed", () =>
    client.diagnostics.get(uri)?.diagnostics.some(({ message }) => String(message).includes("/b'")),
  );
  expect(asked).toEqual(["/a"]);
  // What failed is not tried again and again.
  const wrong = await open(locked("c").replace(sha256("a"), sha256("c")), "wrong.nix");
  await failing(wrong, "fetch-failed");
  await client.change(wrong, `${locked("c").replace(sha256("a"), sha256("c"))} `);
  await client.problems(wrong, 2);
  expect(asked).toEqual(["/a", "/c"]);
});

test("an archive on the lookup path is fetched too", async () => {
  await start();
  const data = await archive({ "default.nix": `{ }: { hello = ${drv("hello")}; }` });
  answer = (_, response) => response.end(data);
  const settings = { snowglobe: { nixPath: [`nixpkgs=${base}/nixpkgs.tar.gz`] } };
  await client.connection.sendNotification("workspace/didChangeConfiguration", { settings });
  const uri = await open("(import <nixpkgs> { }).hello");
  expect((await failing(uri, "not-fetched")).message).toContain("/nixpkgs.tar.gz'");
  expect(await fetchByFix(uri)).toBe(true);
  const { derivations } = await client.status(uri, "ready");
  expect(derivations).toBe(1);
});

test("inputs of a flake are fetched by their lock", async () => {
  await start({ commandLinks: true });
  const data = await archive({ "flake.nix": `{ outputs = _: { it = ${drv("it")}; }; }` });
  answer = (_, response) => response.end(data);
  const url = `${base}/input.tar.gz`;
  const text = `{
  inputs.dep.url = "${url}";
  outputs = { self, dep }: { packages.x86_64-linux.default = dep.it; };
}
`;
  const entry = { lastModified: 1, type: "tarball", url };
  const narHash = "sha256-JxKWXA407wThxNBkIYu/EM8sNO98uaBLhNl4RHa4cOM=";
  const lock = {
    nodes: {
      dep: { locked: { ...entry, narHash }, original: { type: "tarball", url } },
      root: { inputs: { dep: "dep" } },
    },
    root: "root",
    version: 7,
  };
  workspace.write("flake.lock", JSON.stringify(lock));
  const uri = await open(text, "flake.nix");
  await failing(uri, "not-fetched");
  const [fix] = await fixes(uri);
  expect(fix?.command).toMatchObject({ command: "snowglobe.fetch", arguments: [uri] });
  expect(await fetchByFix(uri)).toBe(true);
  await client.status(uri, "ready");
  await isWell(uri);
});

test("nixpkgs is pinned: the newest commit of a branch, its archive, the archive's hash", async () => {
  await start();
  const data = await archive({ "default.nix": `{ }: { hello = ${drv("hello")}; }` });
  const commit = "0123456789abcdef0123456789abcdef01234567";
  answer = ({ url }, response) => {
    if (url === "/api/repos/NixOS/nixpkgs/commits/nixos-unstable")
      response.end(JSON.stringify({ sha: commit, commit: { tree: { sha: "f".repeat(40) } } }));
    else if (url === `/forge/NixOS/nixpkgs/archive/${commit}.tar.gz`) response.end(data);
    else response.writeHead(404).end();
  };
  const text = "(import <nixpkgs> { }).hello\n";
  const uri = await open(text);
  await failing(uri, "missing-nixpkgs");
  const offered = await fixes(uri);
  // One more lets the user choose, which a client without commands of its own cannot.
  expect(offered.map(({ title }) => title)).toEqual([
    "Pin nixpkgs to nixos-26.05 (stable)",
    "Pin nixpkgs to nixos-unstable (the newest, tested)",
  ]);
  expect(asked).toEqual([]);
  const run = (action: CodeAction | undefined) =>
    client.request("workspace/executeCommand", action?.command);
  // A branch that is not there.
  expect(await run(offered[0])).toBe(false);
  expect(client.shown).toEqual([
    "unable to download 'https://api.github.com/repos/NixOS/nixpkgs/commits/nixos-26.05': HTTP error 404",
  ]);
  expect(await run(offered[1])).toBe(true);
  const [edit] = client.edits.flatMap(({ changes }) => changes?.[uri] ?? []);
  const [, sha256] = /sha256 = "(\w{52})";/.exec(edit?.newText ?? "") ?? [];
  expect(edit).toEqual({
    range: { start: { line: 0, character: 8 }, end: { line: 0, character: 17 } },
    newText: `(fetchTarball {
  url = "https://github.com/NixOS/nixpkgs/archive/${commit}.tar.gz"; # nixos-unstable
  sha256 = "${sha256}";
})`,
  });
  // What has been downloaded for the hash is there for the evaluation.
  await client.change(uri, edit?.newText ?? "", [0, 8, 0, 17]);
  const { derivations } = await client.status(uri, "ready");
  expect(derivations).toBe(1);
});
