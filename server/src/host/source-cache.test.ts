import * as crypto from "node:crypto";
import * as fs from "node:fs";
import * as http from "node:http";
import type { AddressInfo } from "node:net";
import * as os from "node:os";
import * as path from "node:path";
import { gzipSync } from "node:zlib";
import * as tar from "tar-stream";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import type { FetchRequest } from "../eval/host.ts";
import { SourceCache } from "./source-cache.ts";

type Handler = (request: http.IncomingMessage, response: http.ServerResponse) => void;

const scratch = fs.mkdtempSync(path.join(os.tmpdir(), "snowglobe-sources-"));
let answer: Handler = (_, response) => response.writeHead(404).end();
const server = http.createServer((request, response) => answer(request, response));
let base = "";
let cache: SourceCache;
let directory = "";

beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
  fs.rmSync(scratch, { recursive: true });
});
beforeEach(() => {
  directory = fs.mkdtempSync(path.join(scratch, "cache-"));
  cache = new SourceCache(directory);
});

const file = (name: string, expected: Uint8Array | null = null): FetchRequest => ({
  kind: "file",
  url: `${base}/${name}`,
  expected,
});
const archive = (name: string): FetchRequest => ({
  kind: "tarball",
  url: `${base}/${name}`,
  expected: null,
});
const sha256 = (data: string | Buffer) => crypto.createHash("sha256").update(data).digest();

/** Fetches what the cache says it waits for. */
async function get(request: FetchRequest) {
  const waiting = cache.answer(request);
  if (waiting.ok === "pending") await cache.fulfil(waiting.key);
  const found = cache.answer(request);
  if (found.ok !== true) throw new Error("still not there");
  return found.value;
}

/** Files of the cache that are parts or locks. */
const remains = () => {
  const names = fs.readdirSync(path.join(directory, "sources"));
  return names.filter((name) => !["files", "trees", "urls"].includes(name));
};

type Entry = Partial<tar.Header> & { name: string; text?: string };

async function packed(entries: readonly Entry[]): Promise<Buffer> {
  const pack = tar.pack();
  for (const { text = "", ...header } of entries) pack.entry(header, text);
  pack.finalize();
  const chunks: Buffer[] = [];
  for await (const chunk of pack) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

test("a file is kept by its hash, and fetched once", async () => {
  let requests = 0;
  answer = (_, response) => {
    requests++;
    response.end("hello");
  };
  const first = await get(file("a", sha256("hello")));
  expect(fs.readFileSync(first.path, "utf8")).toBe("hello");
  expect(first.sha256).toEqual(sha256("hello"));
  await get(file("a"));
  await get(file("elsewhere", sha256("hello")));
  expect(requests).toBe(1);
  expect(remains()).toEqual([]);
});

test("another hash than the expected one is an error; what came is kept under its own", async () => {
  answer = (_, response) => response.end("other");
  const request = file("a", sha256("hello"));
  await expect(get(request)).rejects.toThrow(
    /^hash mismatch in file downloaded from '.*\/a':\n {2}specified: sha256:\w{52}\n {2}got: {7}sha256:\w{52}$/,
  );
  expect(cache.find(request)).toBeNull();
  expect(cache.find(file("a"))).toBeNull();
  expect(cache.find(file("a", sha256("other")))?.sha256).toEqual(sha256("other"));
});

test("an error of the server is told; redirects are followed", async () => {
  answer = ({ url }, response) => {
    if (url === "/moved") response.writeHead(302, { location: "/there" }).end();
    else if (url === "/there") response.end("found");
    else response.writeHead(404).end();
  };
  await expect(get(file("nope"))).rejects.toThrow(/unable to download '.*\/nope': HTTP error 404/);
  expect((await get(file("moved"))).sha256).toEqual(sha256("found"));
});

test("a cut connection is taken up where it broke", async () => {
  const body = crypto.randomBytes(300_000);
  const ranges: (string | undefined)[] = [];
  answer = (request, response) => {
    const { range } = request.headers;
    ranges.push(range);
    const start = Number(/^bytes=(\d+)-$/.exec(range ?? "")?.[1] ?? 0);
    const headers = { etag: '"1"', "content-length": body.length - start };
    if (range === undefined) response.writeHead(200, headers);
    else
      response.writeHead(206, {
        ...headers,
        "content-range": `bytes ${start}-${body.length - 1}/*`,
      });
    if (ranges.length > 1) response.end(body.subarray(start));
    else response.write(body.subarray(0, 100_000), () => setTimeout(() => response.destroy(), 50));
  };
  const found = await get(file("big", sha256(body)));
  expect(fs.readFileSync(found.path).equals(body)).toBe(true);
  expect(ranges).toHaveLength(2);
  expect(ranges[1]).toMatch(/^bytes=\d+-$/);
});

test("what an earlier process has of it is gone on with, unless it has changed", async () => {
  const body = "0123456789".repeat(1000);
  for (const tag of ['"same"', '"changed"']) {
    const request = file(`part-${tag === '"same"'}`);
    const waiting = cache.answer(request);
    if (waiting.ok !== "pending") throw new Error("there already");
    const name = crypto.createHash("sha256").update(waiting.key).digest("hex");
    const part = path.join(directory, "sources", `${name}.part`);
    fs.mkdirSync(path.dirname(part), { recursive: true });
    fs.writeFileSync(part, body.slice(0, 4000));
    fs.writeFileSync(`${part}.etag`, '"same"');
    let sent = 0;
    answer = ({ headers }, response) => {
      const goesOn = headers["if-range"] === tag;
      const rest = goesOn ? body.slice(4000) : body.toUpperCase();
      sent += rest.length;
      response.writeHead(goesOn ? 206 : 200, {
        etag: tag,
        ...(goesOn ? { "content-range": `bytes 4000-9999/10000` } : {}),
      });
      response.end(rest);
    };
    expect((await get(request)).sha256).toEqual(sha256(body));
    if (tag === '"same"') expect(sent).toBe(6000);
  }
});

test("an archive loses its one top directory; modes, links and dates", async () => {
  const data = await packed([
    { name: "top", type: "directory", mtime: new Date(5000) },
    { name: "top/run", mode: 0o755, text: "run", mtime: new Date(9000) },
    { name: "top/sub/text", text: "text", mtime: new Date(1000) },
    { name: "top/link", type: "symlink", linkname: "/anywhere/at/all", mtime: new Date(0) },
    { name: "top/hard", type: "link", linkname: "top/sub/text", mtime: new Date(0) },
  ]);
  answer = (_, response) => response.end(gzipSync(data));
  const found = await get(archive("a.tar.gz"));
  expect(fs.readdirSync(found.path).sort()).toEqual(["hard", "link", "run", "sub"]);
  expect(fs.readFileSync(`${found.path}/hard`, "utf8")).toBe("text");
  expect(fs.readlinkSync(`${found.path}/link`)).toBe("/anywhere/at/all");
  expect(fs.statSync(`${found.path}/run`).mode & 0o100).toBe(0o100);
  expect(found.lastModified).toBe(9);
});

test.each<[string, Entry[]]>([
  ["a name that leads out", [{ name: "r/../../evil", text: "x" }]],
  ["an absolute name", [{ name: "/tmp/snowglobe-evil", text: "x" }]],
  [
    "a file written through a link",
    [
      { name: "r/out", type: "symlink", linkname: "/tmp" },
      { name: "r/out/snowglobe-evil", text: "x" },
    ],
  ],
  [
    "a hard link to a file outside",
    [{ name: "r/a", type: "link", linkname: "../../../etc/passwd" }],
  ],
  [
    "a hard link through a link",
    [
      { name: "r/etc", type: "symlink", linkname: "/etc" },
      { name: "r/a", type: "link", linkname: "r/etc/passwd" },
    ],
  ],
  ["a device", [{ name: "r/a", type: "character-device" }]],
  ["a pipe", [{ name: "r/a", type: "fifo" }]],
])("an archive with %s is refused", async (_, entries) => {
  const data = await packed(entries);
  answer = (__, response) => response.end(data);
  await expect(get(archive("evil.tar"))).rejects.toThrow(/^cannot unpack '.*evil.tar': /);
  expect(fs.existsSync("/tmp/snowglobe-evil")).toBe(false);
  expect(remains()).toEqual([]);
});

test("a damaged archive, and formats that are not known", async () => {
  const data = gzipSync(await packed([{ name: "r/a", text: "x".repeat(5000) }]));
  for (const bad of [
    data.subarray(0, data.length / 2),
    Buffer.from("PK\x03\x04rest"),
    Buffer.from("BZh9rest"),
  ]) {
    answer = (_, response) => response.end(bad);
    await expect(get(archive("bad"))).rejects.toThrow(/^cannot unpack /);
  }
});
