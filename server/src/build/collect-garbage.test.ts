import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { nodeHasher } from "../host/node-hash.ts";
import { findGarbage, removeGarbage } from "./collect-garbage.ts";
import { LastBuilds } from "./last-builds.ts";
import { PrivateStore } from "./private-store.ts";

const text = "/nix/store/ip2vzxfcc1fl15yh5dcnhb3n5plfmg90-text";
const user = "/nix/store/0c8vzgfd5ga9ip67q8r8v8rphvr9ngqx-user";
const other = "/nix/store/1c8vzgfd5ga9ip67q8r8v8rphvr9ngqx-other";

let root: string;
let store: PrivateStore;

beforeEach(() => {
  root = fs.mkdtempSync(path.join(os.tmpdir(), "snowglobe-garbage-"));
  for (const folder of ["info", "roots", "nix/store", "proc/7/fd"])
    fs.mkdirSync(path.join(root, folder), { recursive: true });
  store = new PrivateStore({ storeDir: "/nix/store", hasher: nodeHasher }, root);
  for (const [at, references] of [
    [text, []],
    [user, [text]],
    [other, [other]],
  ] as const) {
    fs.mkdirSync(root + at);
    fs.writeFileSync(`${root}${at}/file`, "");
    fs.chmodSync(root + at, 0o555);
    const narHash = { algo: "sha256", bytes: new Uint8Array(32) } as const;
    const rest = { deriver: undefined, signatures: [], contentAddress: undefined };
    store.register({ path: at, narHash, narSize: 100, references, ...rest });
  }
});
afterEach(() => fs.rmSync(root, { recursive: true, force: true }));

const garbage = () => findGarbage(store, path.join(root, "proc"));

test("what links name is kept with all that it needs", () => {
  const link = path.join(root, "result");
  fs.symlinkSync(user, link);
  fs.symlinkSync(link, path.join(root, "roots/1"));
  expect(garbage()).toEqual({ paths: [other], narSize: 100 });
  fs.rmSync(link);
  expect(garbage().paths).toEqual([user, other, text].sort());
});

test("what processes name is kept", () => {
  const proc = (name: string) => path.join(root, "proc/7", name);
  fs.writeFileSync(proc("environ"), `A=1\0PATH=${text}/bin:/bin\0`);
  fs.symlinkSync(`${other}/bin/program`, proc("fd/3"));
  expect(garbage().paths).toEqual([user]);
});

test("the derivations of what was last built of a file are kept for as long as there is the file", () => {
  const file = path.join(root, "shell.nix");
  fs.writeFileSync(file, "");
  const builds = new LastBuilds(store);
  builds.add(file, { "": { name: "user", drvPath: user } });
  builds.add(path.join(root, "gone.nix"), { "": { name: "other", drvPath: other } });
  expect(garbage().paths).toEqual([other]);
  removeGarbage(store, garbage());
  expect(store.validPaths()).toEqual([user, text].sort());
  expect(fs.readdirSync(path.join(root, "last-builds"))).toHaveLength(1);
  expect(builds.of(file)).toEqual({ "": { name: "user", drvPath: user } });
  fs.rmSync(file);
  expect(garbage().paths).toEqual([user, text].sort());
});

test("what is removed is gone, and everything else is whole", () => {
  fs.writeFileSync(path.join(root, "proc/7/cmdline"), `${other}\0`);
  removeGarbage(store, garbage());
  expect(store.validPaths()).toEqual([other]);
  expect(fs.readdirSync(path.join(root, "nix/store"))).toEqual([path.basename(other)]);
  expect(fs.readdirSync(path.join(root, "info"))).toHaveLength(1);
});
