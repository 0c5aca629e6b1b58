import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Worker } from "node:worker_threads";
import { afterAll, afterEach, expect, test } from "vitest";
import { daemonRelease } from "./daemon-version.ts";
import { installedNixVersion } from "./installed-nix.ts";

const folder = mkdtempSync(join(tmpdir(), "snowglobe-daemon-"));
const socket = join(folder, "socket");
const env = { PATH: "/nowhere", NIX_DAEMON_SOCKET_PATH: socket };
let daemon: Worker | null = null;

afterEach(async () => {
  await daemon?.terminate();
  daemon = null;
});
afterAll(() => rmSync(folder, { recursive: true }));

/** A daemon's side of the greeting, in a thread of its own because asking waits. */
const DAEMON = `
const { parentPort, workerData: { socket, protocol, release } } = require("node:worker_threads");
const numbers = (...all) => Buffer.from(new BigUint64Array(all.map(BigInt)).buffer);
const server = require("node:net").createServer((client) => {
  let asked = Buffer.alloc(0);
  client.on("error", () => {});
  client.on("data", (more) => {
    const before = asked.length;
    asked = Buffer.concat([asked, more]);
    if (before < 8 && asked.length >= 8) client.write(numbers(0x6478696f, protocol));
    if (asked.length < 32 || release === null) return;
    const padded = Buffer.alloc(Math.ceil(release.length / 8) * 8);
    padded.write(release);
    // In two pieces, as a network may.
    client.write(Buffer.concat([numbers(release.length), padded.subarray(0, 2)]));
    setTimeout(() => client.write(padded.subarray(2)), 20);
  });
});
server.listen(socket, () => parentPort.postMessage("listening"));
`;

function start(protocol: number, release: string | null): Promise<void> {
  rmSync(socket, { force: true });
  const worker = new Worker(DAEMON, { eval: true, workerData: { socket, protocol, release } });
  daemon = worker;
  return new Promise((resolve) => worker.once("message", () => resolve()));
}

test("a daemon says which Nix it is", async () => {
  await start(0x126, "2.26.3");
  expect(daemonRelease(env)).toBe("2.26.3");
  expect(installedNixVersion(env)).toBe("2.26");
});

test("an old one does not, and is known by its protocol", async () => {
  await start(0x115, null);
  expect(installedNixVersion(env)).toBe("2.8");
});

test("a socket without a daemon, and something else behind it", async () => {
  expect(daemonRelease({ ...env, NIX_DAEMON_SOCKET_PATH: join(folder, "none") })).toBeNull();
  await start(0x126, "2.26.3");
  await daemon?.terminate();
  expect(daemonRelease(env)).toBeNull();
});
