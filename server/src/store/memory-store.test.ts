import { expect, test } from "vitest";
import { nodeHasher } from "../host/node-hash.ts";
import { MemoryStore, type StoreBehind } from "./memory-store.ts";
import { storeClosure } from "./store.ts";
import { makeTextPath } from "./store-path.ts";

const context = { storeDir: "/nix/store", hasher: nodeHasher };
const DRV_PATH = "/nix/store/arhvjaf6zmlyn8vh8fgn55rpwnxq0n7l-a.drv";
const OUT = "/nix/store/s6glliw064sgl7vix22p91cxsx7ml1rf-a";
const TEXT = `Derive([("out","${OUT}","","")],[],[],"c","b",[],[("builder","b"),("name","a"),("out","${OUT}"),("system","c")])`;
const MISSING = "/nix/store/vmg5na96ajnh1v932j9jdzfc3022vbh9-a";

test("a copy that has the path of what it is copied from is read where that is", () => {
  const store = new MemoryStore(context);
  const hash = (text: string) => ({ algo: "sha256", bytes: nodeHasher("sha256", text) }) as const;
  const add = (name: string, text: string, origin: string) =>
    store.addSource(name, { method: "nar", hash: hash(text), origin });
  const source = add("source", "a", "/home/a");
  const renamed = add("other", "a", source);
  const inside = add("inside", "b", `${source}/b`);
  expect(add("source", "a", source)).toBe(source);
  expect(add("source", "a", renamed)).toBe(source);
  const origins = [...store.objects()].map(([path, object]) => [
    path,
    object.kind === "source" && object.source.origin,
  ]);
  expect(origins).toEqual([
    [source, "/home/a"],
    [renamed, source],
    [inside, `${source}/b`],
  ]);
  add("source", "a", "/home/moved");
  expect(store.object(source)).toMatchObject({ source: { origin: "/home/moved" } });
});

test("texts, sources and what they refer to", () => {
  const store = new MemoryStore(context);
  const hash = { algo: "sha256", bytes: nodeHasher("sha256", "x") } as const;
  const source = store.addSource("s", { method: "flat", hash, origin: "/home/s" });
  const copy = store.addSource("s", { method: "nar", hash, origin: "/s", references: [source] });
  const b = store.addText("b", "x", [copy]);
  const a = store.addText("a", "y", [b, source, b]);
  expect(store.references(a)).toEqual([b, source].sort());
  expect(storeClosure(store, a)).toEqual([a, b, source, copy].sort());
  expect(store.object(source)).toMatchObject({ kind: "source", source: { origin: "/home/s" } });
  expect([...store.objects()].map(([path]) => path)).toEqual([source, copy, b, a]);
  expect(store.isValidPath(a)).toBe(true);
  expect(store.isValidPath(MISSING)).toBe(false);
  for (const ask of [
    () => store.references(MISSING),
    () => storeClosure(store, MISSING),
    () => store.readDerivation(DRV_PATH),
    () => store.hashModulo(DRV_PATH),
  ]) {
    expect(ask).toThrow(/^path '\/nix\/store\/[a-z0-9]{32}-a(\.drv)?' is not valid$/);
  }
});

test("a derivation that was added as a text is read from it", () => {
  const store = new MemoryStore(context);
  expect(store.addText("a.drv", TEXT, [])).toBe(DRV_PATH);
  expect(store.readDerivation(DRV_PATH).outputs.get("out")).toEqual({
    kind: "input-addressed",
    path: OUT,
  });
});

test("a store that was there before is asked for what was not added", () => {
  const reads: string[] = [];
  const behind: StoreBehind = {
    isValidPath: (path) => path === DRV_PATH,
    readDerivationText: (path) => {
      reads.push(path);
      return TEXT;
    },
    references: () => [MISSING],
  };
  const store = new MemoryStore(context, behind);
  expect(store.isValidPath(DRV_PATH)).toBe(true);
  expect(store.references(DRV_PATH)).toEqual([MISSING]);
  const user = store.addDerivation({
    name: "u",
    system: "c",
    builder: OUT,
    args: [],
    env: new Map(),
    outputs: { kind: "input-addressed", names: ["out"] },
    inputSrcs: [],
    inputDrvs: new Map([[DRV_PATH, ["out"]]]),
  });
  expect(user.modulo.kind).toBe("regular");
  expect(store.readDerivation(DRV_PATH).name).toBe("a");
  expect(reads).toEqual([DRV_PATH]);
  expect(store.object(DRV_PATH)).toBeUndefined();
  expect(makeTextPath(context, "a.drv", TEXT, [])).toBe(DRV_PATH);
});
