/** Binary caches made and signed by a real Nix, served on loopback, honestly and not. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import * as fs from "node:fs";
import * as path from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { prepareWorld } from "../world/prepare-world.ts";
import { type CacheServer, serveFolder } from "./cache-server.ts";
import { realNix } from "./real-nix.ts";
import { command, environment, remove, scratch } from "./snowglobe.ts";
import { users } from "./users.ts";

// The last of them is the one with the fewest rights.
const user = users.at(-1);
if (user === undefined) throw new Error("no user");

const top = scratch(user);
const world = path.join(top, "world");
const folder = (name: string) => path.join(top, "caches", name);
const COMPRESSIONS = ["xz", "zstd", "gzip", "none", "br"];
let key = "";
/** A path that refers to another. */
let python = "";
let server: CacheServer;
let home = "";

beforeAll(async () => {
  prepareWorld(world);
  const nix = realNix(top);
  const [secret, open] = [path.join(top, "secret"), path.join(top, "public")];
  nix.run("nix-store", "--generate-binary-cache-key", "test-1", secret, open);
  key = fs.readFileSync(open, "utf8").trim();
  python = nix.run("nix-build", world, "-A", "python311", "--no-out-link").trim();
  for (const compression of COMPRESSIONS) {
    const to = `file://${folder(compression)}?compression=${compression}&secret-key=${secret}`;
    nix.run("nix", "copy", "--to", to, python);
  }
});
afterAll(() => remove(top));
beforeEach(async () => {
  home = scratch(user);
  server = await serveFolder(folder("zstd"));
});
afterEach(async () => {
  await server.close();
  remove(home);
});

/** Not the synchronous one: the server is in this process. */
async function build(...args: string[]) {
  const all = ["build", "--no-link", "-f", world, "python311", "--print-out-paths", ...args];
  const [file, rest] = command(user as (typeof users)[0], ...all);
  const config = `substituters = ${server.address}\ntrusted-public-keys = ${key}\nmax-jobs = 2`;
  const child = spawn(file, rest, {
    cwd: home,
    env: { ...environment(home), NIX_CONFIG: config },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let [stdout, stderr] = ["", ""];
  child.stdout.on("data", (data) => {
    stdout += data;
  });
  child.stderr.on("data", (data) => {
    stderr += data;
  });
  const [status] = await once(child, "close");
  return { stdout, stderr, status };
}

const inStore = (file: string) => path.join(home, ".local/share/snowglobe", file);

function expectFetched(result: { stdout: string; stderr: string }) {
  expect(result.stdout, result.stderr).toBe(`${python}\n`);
  expect(result.stderr).toContain(`copying path '${python}' from '${server.address}'...\n`);
  expect(result.stderr).not.toContain("building '");
  expect(fs.statSync(inStore(`${python}/bin/python3.11`))).toMatchObject({
    mode: 0o100555,
    mtimeMs: 1000,
  });
}

function expectNothingLeft() {
  for (const place of ["partial", "locks"]) expect(fs.readdirSync(inStore(place))).toEqual([]);
  const valid = fs.readdirSync(inStore("info")).map((name) => name.split(".")[0]);
  const there = fs.readdirSync(inStore("nix/store")).map((name) => name.slice(0, 32));
  expect(there.sort()).toEqual(valid.sort());
}

describe.each(COMPRESSIONS)("compressed with %s", (compression) => {
  test("a signed path is fetched with all that it needs", async () => {
    await server.close();
    server = await serveFolder(folder(compression));
    const plan = await build("--dry-run");
    expect(plan.stderr).toMatch(
      /^(?:this path|these \d+ paths) will be fetched \(\d+\.\d\d MiB download, \d+\.\d\d MiB unpacked\):\n(?: {2}\/nix\/store\/\S+\n)+$/,
    );
    expectFetched(await build());
    expectNothingLeft();
  });
});

test("a folder is a cache as well", async () => {
  const result = await build("--option", "substituters", `file://${folder("xz")}`);
  expect(result.stderr).toContain(`from 'file://${folder("xz")}'...\n`);
  expect(result.stdout).toBe(`${python}\n`);
});

test("caches and keys by option, in the place of the others or beside them", async () => {
  const more = `file://${folder("xz")}?priority=1`;
  const first = await build("--extra-substituters", more);
  expect(first.stderr).toContain(`copying path '${python}' from 'file://${folder("xz")}'...\n`);
  const other = ["--store", path.join(home, "other"), "--dry-run"];
  const fetched = /paths? will be fetched/;
  expect((await build(...other, "--no-substitute")).stderr).not.toMatch(fetched);
  expect((await build(...other, "--substituters", "")).stderr).not.toMatch(fetched);
  const keys = ["--trusted-public-keys", "", "--extra-trusted-public-keys"];
  expect((await build(...other, ...keys, key)).stderr).toMatch(fetched);
});

test("a path that no trusted key signed is built instead", async () => {
  const other = "test-1:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=";
  const result = await build("--option", "trusted-public-keys", other);
  expect(result.stderr).toContain("as it's not signed by any of the keys in 'trusted-public-keys'");
  expect(result.stderr).toContain("building '");
  expect(result.stdout).toBe(`${python}\n`);
});

test("a cut connection goes on where it broke off", async () => {
  let cuts = 0;
  server.misbehave = (request, response, file) => {
    if (!request.url?.startsWith("/nar/") || cuts >= 3 || file.length < 1000) return false;
    cuts++;
    const start = Number(/^bytes=(\d+)-$/.exec(request.headers.range ?? "")?.[1] ?? 0);
    response.writeHead(start > 0 ? 206 : 200, {
      "content-length": file.length - start,
      ...(start > 0 ? { "content-range": `bytes ${start}-${file.length - 1}/${file.length}` } : {}),
    });
    response.write(file.subarray(start, start + 500), () => response.destroy());
    return true;
  };
  expectFetched(await build());
  expect(cuts).toBe(3);
});

test("a server that is busy is asked again, one that refuses is not", async () => {
  let busy = 0;
  server.misbehave = (_, response) => {
    if (busy++ >= 2) return false;
    response.writeHead(503).end();
    return true;
  };
  expectFetched(await build());
  server.misbehave = (_, response) => {
    response.writeHead(401).end();
    return true;
  };
  server.requests.length = 0;
  const refused = await build("--dry-run", "--store", path.join(home, "other"));
  expect(refused.stderr).toContain(
    `warning: binary cache '${server.address}' is not used: unable to download '${server.address}/nix-cache-info': HTTP error 401\n`,
  );
  expect(server.requests).toEqual(["nix-cache-info"]);
});

/** What a hostile or broken cache changes: where, and to what. */
const LIES: [what: string, file: RegExp, change: (text: Buffer) => Buffer, said: RegExp][] = [
  [
    "a byte of an archive",
    /^nar\//,
    flipped,
    /hash mismatch|cannot unpack|has the hash|bad archive/,
  ],
  [
    "a shorter archive",
    /^nar\//,
    (file) => file.subarray(0, file.length / 2),
    /has the hash|cannot unpack|bad archive/,
  ],
  ["a longer archive", /^nar\//, (file) => Buffer.concat([file, file]), /is larger than \d+ bytes/],
  ["another size", /narinfo$/, edit(/NarSize: \d+/, "NarSize: 12345"), /not signed by any/],
  ["other references", /narinfo$/, edit(/References: .*/, "References: "), /not signed by any/],
  [
    "an address outside",
    /narinfo$/,
    edit(/URL: .*/, "URL: ../../etc/passwd"),
    /'URL' does not stay in the cache/,
  ],
  [
    "another host",
    /narinfo$/,
    edit(/URL: .*/, "URL: http://169.254.169.254/x"),
    /'URL' does not stay/,
  ],
  ["a field twice", /narinfo$/, edit(/(NarSize: \d+)/, "$1\n$1"), /'NarSize' comes twice/],
  [
    "an unknown compression",
    /narinfo$/,
    edit(/Compression: .*/, "Compression: rot13"),
    /'rot13' is not supported/,
  ],
  ["no narinfo at all", /narinfo$/, () => Buffer.from("<html>"), /a line is not 'Name: value'/],
  ["too large a narinfo", /narinfo$/, () => Buffer.alloc(1 << 21, "a"), /larger than/],
];

test.each(LIES)("%s is refused, and the path is built instead", async (_, file, change, said) => {
  server.misbehave = (request, response, contents) => {
    if (!file.test(request.url?.slice(1) ?? "")) return false;
    response.end(change(contents));
    return true;
  };
  // What a narinfo says wrong is seen before anything is fetched.
  if (file.test(".narinfo")) {
    const plan = await build("--dry-run");
    expect(plan.stderr).toMatch(said);
    expect(plan.stderr).toMatch(/will be built:\n(?: {2}\S+\n)*(?: {2}\S+-python3-3.11.9.drv\n)/);
    return;
  }
  const result = await build("--fallback");
  expect(result.stderr).toMatch(said);
  expect(result.stderr).toContain("building '");
  expect(result.stdout).toBe(`${python}\n`);
  expectNothingLeft();
});

test("without --fallback a broken download is a failure", async () => {
  server.misbehave = (request, response, contents) => {
    if (!request.url?.startsWith("/nar/")) return false;
    response.end(flipped(contents));
    return true;
  };
  const result = await build();
  expect(result).toMatchObject({ status: 1, stdout: "" });
  expect(result.stderr).toMatch(/error: /);
  expectNothingLeft();
});

function flipped(file: Buffer): Buffer {
  const copy = Buffer.from(file);
  const middle = Math.floor(copy.length / 2);
  copy[middle] = (copy[middle] as number) ^ 0x55;
  return copy;
}

function edit(pattern: RegExp, to: string): (file: Buffer) => Buffer {
  return (file) => Buffer.from(file.toString("latin1").replace(pattern, to), "latin1");
}
