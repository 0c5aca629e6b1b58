/** Where derivations are: in the user's store, in a binary cache on loopback, nowhere. */
import { generateKeyPairSync, sign } from "node:crypto";
import * as fs from "node:fs";
import * as path from "node:path";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import type { CodeLens, InlayHint } from "vscode-languageserver/node";
import { PrivateStore } from "../../server/src/build/private-store.ts";
import { nodeHasher } from "../../server/src/host/node-hash.ts";
import { fingerprint, type PathInfo } from "../../server/src/store/path-info.ts";
import { type CacheServer, serveFolder } from "../build/cache-server.ts";
import { type ClientConfig, TestClient, WHOLE } from "./client.ts";
import { drv, makeWorkspace, type Workspace } from "./workspace.ts";

const { publicKey, privateKey } = generateKeyPairSync("ed25519");
const trustedKey = `test-1:${publicKey.export({ format: "der", type: "spki" }).subarray(12).toString("base64")}`;

const bash = (name: string, more = "") =>
  drv(name, `system = "x86_64-linux"; builder = "/b/bash"; ${more}`).replace(
    /system = "x86_64-linux"; builder = "\/bin\/sh"; /,
    "",
  );
const TEXT = `rec {
  here = ${bash("here")};
  cached = ${bash("cached")};
  nowhere = ${bash("nowhere")};
  shell = ${bash("shell", 'needs = "${here} ${cached} ${nowhere}";')};
}
`;

/** On a busy machine an answer takes longer than a second. */
const PATIENCE = { timeout: 20_000 };

let workspace: Workspace;
let cache: CacheServer;
let client: TestClient | undefined;
const cacheFolder = () => workspace.path("cache");

beforeAll(async () => {
  workspace = makeWorkspace({
    "default.nix": TEXT,
    "cache/nix-cache-info": "StoreDir: /nix/store\n",
  });
  cache = await serveFolder(cacheFolder());
});
afterEach(async () => {
  await client?.stop();
  client = undefined;
  cache.requests.length = 0;
});
afterAll(async () => {
  await cache.close();
  workspace.remove();
});

async function start(initializationOptions: object): Promise<TestClient> {
  const config: Partial<ClientConfig> = {
    folder: workspace.folder,
    capabilities: { workspace: { inlayHint: { refreshSupport: true } } },
    initializationOptions: { commandLinks: true, ...initializationOptions },
    environment: { NIX_CONF_DIR: workspace.folder },
  };
  client = await TestClient.start(config);
  await client.open(workspace.uri("default.nix"), TEXT);
  await client.status(workspace.uri("default.nix"), "ready");
  return client;
}

async function hints(): Promise<InlayHint[]> {
  const uri = workspace.uri("default.nix");
  return (await client?.of<InlayHint[] | null>("inlayHint", uri, WHOLE)) ?? [];
}

const labels = async () => (await hints()).map(({ label }) => String(label).slice(8));

/** The output that the tooltip of a hint names. */
async function outputOf(name: string): Promise<string> {
  const hint = (await hints()).find(({ label }) => String(label).includes(name));
  return /out: (\S+)/.exec(String(hint?.tooltip))?.[1] ?? "";
}

const infoOf = (at: string): PathInfo => ({
  path: at,
  narHash: { algo: "sha256", bytes: new Uint8Array(32) },
  narSize: 120,
  references: [],
  deriver: undefined,
  signatures: [],
  contentAddress: undefined,
});

function putInStore(at: string): void {
  const root = workspace.path(".local/share/snowglobe");
  fs.mkdirSync(path.join(root, "info"), { recursive: true });
  fs.mkdirSync(path.join(root, "nix/store"), { recursive: true });
  fs.writeFileSync(root + at, "");
  new PrivateStore({ storeDir: "/nix/store", hasher: nodeHasher }, root).register(infoOf(at));
}

function putInCache(at: string): void {
  const signature = sign(null, Buffer.from(fingerprint(infoOf(at))), privateKey).toString("base64");
  const hash = path.basename(at).slice(0, 32);
  fs.writeFileSync(
    path.join(cacheFolder(), `${hash}.narinfo`),
    `StorePath: ${at}
URL: nar/${hash}.nar
Compression: none
FileSize: 2500000
NarHash: sha256:${"0".repeat(52)}
NarSize: 120
References: 
Sig: test-1:${signature}
`,
  );
}

test("nothing is asked of caches unless the user wants it; what is built is marked", async () => {
  const server = await start({ substituters: [cache.address], trustedPublicKeys: [trustedKey] });
  expect(await labels()).toEqual(["here", "cached", "nowhere", "shell"]);
  putInStore(await outputOf("here"));
  await server.until("a refresh", () => server.hintRefreshes > 0);
  await expect.poll(labels, PATIENCE).toEqual(["here ✓", "cached", "nowhere", "shell"]);
  expect(cache.requests).toEqual([]);
});

test("with caches: what is in one, and what is to be built", async () => {
  const server = await start({ substituters: [] });
  // Without caches that is known at once.
  await expect.poll(labels, PATIENCE).toEqual(["here ✓", "cached ⚒", "nowhere ⚒", "shell ⚒"]);
  putInCache(await outputOf("cached"));
  const settings = {
    snowglobe: {
      substituters: [cache.address],
      trustedPublicKeys: [trustedKey],
      hints: { askCaches: true },
    },
  };
  await server.connection.sendNotification("workspace/didChangeConfiguration", { settings });
  await expect.poll(labels, PATIENCE).toEqual(["here ✓", "cached ↓", "nowhere ⚒", "shell ⚒"]);
  const lenses = async () =>
    ((await server.of<CodeLens[] | null>("codeLens", workspace.uri("default.nix"))) ?? [])
      .map(({ command }) => command?.title ?? "")
      .filter((title) => title.startsWith("Enter"));
  await expect.poll(lenses, PATIENCE).toContain("Enter dev shell (1 ✓ · 1 ↓ 2.5 MB · 2 ⚒)");
});

test("a cache that does not answer makes no mark", async () => {
  await start({
    substituters: ["http://127.0.0.1:9"],
    hints: { askCaches: true },
  });
  await expect.poll(labels, PATIENCE).toEqual(["here ✓", "cached", "nowhere", "shell"]);
  await new Promise((resolve) => setTimeout(resolve, 2000));
  expect(await labels()).toEqual(["here ✓", "cached", "nowhere", "shell"]);
});
