import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { PrivateStore } from "../build/private-store.ts";
import { nodeHasher } from "../host/node-hash.ts";
import { derivation } from "./derivation-show.ts";
import { pathInfo } from "./path-info.ts";
import { store } from "./store.ts";

const directory = fs.mkdtempSync(path.join(os.tmpdir(), "snowglobe-store-"));
const objects = path.join(directory, "nix/store");
const text = "/nix/store/ip2vzxfcc1fl15yh5dcnhb3n5plfmg90-text";
const user = "/nix/store/0c8vzgfd5ga9ip67q8r8v8rphvr9ngqx-user";

beforeAll(() => {
  fs.mkdirSync(objects, { recursive: true });
  fs.mkdirSync(path.join(directory, "info"));
  const known = new PrivateStore({ storeDir: "/nix/store", hasher: nodeHasher }, directory);
  for (const [at, references] of [
    [text, []],
    [user, [text]],
  ] as const) {
    fs.writeFileSync(directory + at, "hello\n");
    // The archive of that file.
    const narHash = {
      algo: "sha256",
      bytes: Buffer.from("1c37d01af40be2e80691de3cc3df44377a699afbb17c68f080964b2fd071fc13", "hex"),
    } as const;
    const rest = { deriver: undefined, signatures: [], contentAddress: undefined };
    known.register({ path: at, narHash, narSize: 120, references, ...rest });
  }
});
afterAll(() => fs.rmSync(directory, { recursive: true }));

function run(command: typeof store, ...argv: string[]) {
  let [stdout, stderr] = ["", ""];
  const status = command([...argv, "--store", directory], {
    stdout: (part) => {
      stdout += part;
    },
    stderr: (part) => {
      stderr += part;
    },
  });
  return { status, stdout, stderr };
}

test("path-info says hash, size and references", () => {
  expect(run(pathInfo, user, "-s", "-S").stdout).toBe(`${user}\t        120\t        240\n`);
  expect(JSON.parse(run(pathInfo, user, "--json").stdout)).toEqual({
    [user]: {
      ca: null,
      deriver: null,
      narHash: "sha256-HDfQGvQL4ugGkd48w99EN3ppmvuxfGjwgJZLL9Bx/BM=",
      narSize: 120,
      references: [text],
      signatures: [],
    },
  });
  expect(run(pathInfo, user, "-r").stdout).toBe(`${user}\n${text}\n`);
  const missing = text.replace("ip2", "ip3");
  expect(() => run(pathInfo, missing)).toThrow(`path '${missing}' is not valid`);
  expect(JSON.parse(run(pathInfo, missing, "--json").stdout)).toEqual({ [missing]: null });
});

test("store info counts", () => {
  const facts = JSON.parse(run(store, "info", "--json").stdout);
  expect(facts).toMatchObject({ root: directory, paths: 2, narSize: 240, exists: true });
});

test("store verify finds what was changed or is gone", () => {
  expect(run(store, "verify")).toEqual({ status: 0, stdout: "", stderr: "" });
  fs.writeFileSync(directory + user, "hellO\n");
  expect(run(store, "verify", "--no-contents").status).toBe(0);
  expect(run(store, "verify").stderr).toMatch(
    /^error: path '\S+-user' was modified! expected hash 'sha256:\w+', got 'sha256:\w+'\n$/,
  );
  fs.rmSync(directory + user);
  expect(run(store, "verify")).toMatchObject({
    status: 1,
    stderr: `error: path '${user}' disappeared\n`,
  });
});

test("derivation show", () => {
  const expression = `let d = derivation { name = "d"; system = "s"; builder = "/b"; outputs = [ "out" "dev" ]; };
    in derivation { name = "x"; system = "s"; builder = "/b\\n"; outputHash = "sha256-AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="; d = d.dev; }`;
  const shown = JSON.parse(run(derivation, "show", "-E", expression).stdout);
  const [[drvPath, drv]] = Object.entries(shown) as [[string, Record<string, unknown>]];
  expect(drvPath).toMatch(/-x\.drv$/);
  expect(drv).toMatchObject({
    args: [],
    builder: "/b\n",
    name: "x",
    outputs: { out: { hash: "0".repeat(64), hashAlgo: "sha256", method: "flat" } },
  });
  expect(Object.values(drv["inputDrvs"] as object)).toEqual([
    { dynamicOutputs: {}, outputs: ["dev"] },
  ]);
  expect(
    Object.keys(JSON.parse(run(derivation, "show", "-r", "-E", expression).stdout)),
  ).toHaveLength(2);
  expect(run(derivation, "show", "--aterm", "-E", expression).stdout).toMatch(/^Derive\(/);
});
