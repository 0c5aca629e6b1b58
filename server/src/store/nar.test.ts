import fc from "fast-check";
import { expect, test } from "vitest";
import { bytesFromUint8Array, bytesToUint8Array } from "../base/bytes.ts";
import { nodeHasher } from "../host/node-hash.ts";
import { dumpNar, hashNar, type NarFilter, type NarSource, narOfFile } from "./nar.ts";
import { createNarParser, type NarEvents } from "./nar-parse.ts";
import { makeSourcePath } from "./store-path.ts";

type Tree =
  | { type: "regular"; executable: boolean; contents: string }
  | { type: "directory"; entries: Map<string, Tree> }
  | { type: "symlink"; target: string }
  | { type: "unknown" };

const file = (contents: string, executable = false): Tree => ({
  type: "regular",
  executable,
  contents,
});
const directory = (entries: Record<string, Tree>): Tree => ({
  type: "directory",
  entries: new Map(Object.entries(entries)),
});

/** The tree as the files below `/root`. */
function sourceOf(root: Tree): NarSource {
  const at = (path: string): Tree => {
    let tree = root;
    for (const name of path.split("/").slice(2)) {
      if (tree.type !== "directory") throw new Error(`no directory above ${path}`);
      tree = tree.entries.get(name) as Tree;
    }
    return tree;
  };
  const as = <Type extends Tree["type"]>(path: string, type: Type) => {
    const tree = at(path);
    if (tree.type !== type) throw new Error(`${path} is no ${type}`);
    return tree as Tree & { type: Type };
  };
  return {
    lstat: (path) => at(path),
    readDir: (path) => [...as(path, "directory").entries.keys()],
    readFile: (path) => {
      const { contents } = as(path, "regular");
      return contents.length % 2 === 0 ? contents : bytesToUint8Array(contents);
    },
    readLink: (path) => as(path, "symlink").target,
  };
}

function dump(tree: Tree, filter?: NarFilter): string {
  let out = "";
  const sink = (chunk: string | Uint8Array) => {
    out += typeof chunk === "string" ? chunk : bytesFromUint8Array(chunk);
  };
  dumpNar(sourceOf(tree), "/root", sink, filter);
  return out;
}

/** The tree that an archive holds, given in pieces of some size. */
function parse(nar: string, piece: number): Tree {
  const root: Tree & { type: "directory" } = { type: "directory", entries: new Map() };
  const open: (Tree & { type: "directory" })[] = [root];
  const add = (path: string, tree: Tree) =>
    open.at(-1)?.entries.set(path.slice(path.lastIndexOf("/") + 1), tree);
  let size = 0;
  let contents = "";
  let executable = false;
  const events: NarEvents = {
    directory(path) {
      const tree = { type: "directory" as const, entries: new Map() };
      add(path, tree);
      open.push(tree);
    },
    endDirectory: () => open.pop(),
    file(_path, isExecutable, bytes) {
      [executable, size, contents] = [isExecutable, bytes, ""];
    },
    contents(chunk) {
      contents += bytesFromUint8Array(chunk);
    },
    endFile(path) {
      expect(contents.length).toBe(size);
      add(path, file(contents, executable));
    },
    symlink: (path, target) => add(path, { type: "symlink", target }),
  };
  const parser = createNarParser(events);
  const bytes = bytesToUint8Array(nar);
  for (let i = 0; i < bytes.length; i += piece) parser.push(bytes.subarray(i, i + piece));
  parser.end();
  return root.entries.get("") as Tree;
}

test("a file, byte for byte, and its path", () => {
  const field = (text: string) =>
    `${String.fromCharCode(text.length)}\0\0\0\0\0\0\0${text}${"\0".repeat((8 - (text.length % 8)) % 8)}`;
  const nar = ["nix-archive-1", "(", "type", "regular", "contents", "x\n", ")"].map(field).join("");
  expect(dump(file("x\n"))).toBe(nar);
  expect(narOfFile("x\n")).toBe(nar);
  const { digest, size } = hashNar(nodeHasher, "sha256", sourceOf(file("x\n")), "/root");
  expect(size).toBe(nar.length);
  expect(makeSourcePath({ storeDir: "/nix/store", hasher: nodeHasher }, "s.nix", digest)).toBe(
    "/nix/store/dh1nslas740qljpdlcciv6m0lkm7n8ca-s.nix",
  );
});

test("a tree with every kind of entry has the hash that nix-hash gives", () => {
  const tree = directory({
    b: file("#!/bin/sh\n", true),
    a: directory({ empty: directory({}), "\xc3\xa9": file("") }),
    B: { type: "symlink", target: "../x" },
    "a.b": file("y".repeat(20_001)),
  });
  const { digest } = hashNar(nodeHasher, "sha256", sourceOf(tree), "/root");
  expect(Buffer.from(digest).toString("hex")).toBe(
    "4d87b5088928832271c317879e8d3e36cfacf1e1f056d30f4910964c5329af83",
  );
});

const tree: fc.Arbitrary<Tree> = fc.letrec<{ tree: Tree }>((tie) => ({
  tree: fc.oneof(
    { maxDepth: 4 },
    fc.record({
      type: fc.constant("regular" as const),
      executable: fc.boolean(),
      contents: fc.uint8Array({ maxLength: 40 }).map(bytesFromUint8Array),
    }),
    fc.record({
      type: fc.constant("symlink" as const),
      target: fc.string({ unit: "grapheme-ascii", minLength: 1 }),
    }),
    fc
      .dictionary(
        fc.string({ unit: fc.constantFrom(..."abAB.-~\xff"), minLength: 1, maxLength: 4 }),
        tie("tree"),
        {
          noNullPrototype: true,
        },
      )
      .map((entries) => {
        for (const name of [".", ".."]) delete entries[name];
        return directory(entries);
      }),
  ),
})).tree;

test("any tree survives the way through its archive, in pieces of any size", () => {
  fc.assert(
    fc.property(tree, fc.integer({ min: 1, max: 100 }), (root, piece) => {
      expect(parse(dump(root), piece)).toEqual(root);
    }),
  );
});

test("what the filter refuses is not there, and not looked into", () => {
  const root = directory({ a: file("1"), b: { type: "unknown" }, c: directory({ d: file("2") }) });
  const asked: string[] = [];
  const filtered = dump(root, (path, stat) => {
    asked.push(`${path} ${stat.type}`);
    return path !== "/root/b" && path !== "/root/c";
  });
  expect(asked).toEqual(["/root/a regular", "/root/b unknown", "/root/c directory"]);
  expect(parse(filtered, 64)).toEqual(directory({ a: file("1") }));
  expect(() => dump(root)).toThrow("file '/root/b' has an unsupported type");
});

test("bad archives are refused", () => {
  const good = dump(directory({ a: file("1", true), b: file("2") }));
  const refuse = (nar: string, message: string) =>
    expect(() => parse(nar, 7)).toThrow(
      expect.objectContaining({ message: `bad archive: ${message}` }),
    );
  refuse("x".repeat(100), "input doesn't look like a Nix archive");
  refuse(good.slice(0, -1), "unexpected end of the archive");
  refuse(`${good}\0`, "data after the end of the archive");
  refuse(good.replace("contents", "contentz"), "expected tag 'contents', got 'contentz'");
  refuse(good.replace("regular", "regulax"), "unknown file type 'regulax'");
  refuse(good.replace("a\0", "b\0"), "NAR directory is not sorted");
  refuse(good.replace("a\0", "/\0"), "NAR contains invalid file name '/'");
  refuse(good.replace("a\0\0", "a\0x"), "non-zero padding");
  let deep = file("");
  for (let i = 0; i < 64; i++) deep = directory({ d: deep });
  refuse(dump(deep), "NAR directory nesting exceeds maximum depth of 64");
});
