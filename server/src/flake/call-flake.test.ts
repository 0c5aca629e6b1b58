import { describe, expect, test } from "vitest";
import { NixError } from "../eval/errors.ts";
import { Evaluator } from "../eval/evaluator.ts";
import { call } from "../eval/runtime.ts";
import { toJson } from "../eval/to-json.ts";
import { MemoryHost, memoryStore, TEST_SETTINGS } from "../testing/memory-host.ts";
import { flakeBuiltins } from "./builtins.ts";
import { callFlake } from "./call-flake.ts";
import { parseFlakeRef } from "./flake-ref.ts";
import { lockFlake } from "./lock-flake.ts";

function evaluator(files: Record<string, string>): Evaluator {
  const settings = {
    ...TEST_SETTINGS,
    pureEval: true,
    features: new Set(["flakes", "fetch-tree"]),
  };
  return new Evaluator(
    new MemoryHost(files),
    memoryStore(),
    settings,
    flakeBuiltins(settings.features),
  );
}

/** The output `x` of the flake in /f, as JSON. */
function output(files: Record<string, string>): unknown {
  const ev = evaluator(files);
  try {
    const flake = callFlake(ev, lockFlake(ev, parseFlakeRef("path:/f")));
    const select = ev.evaluateText("f: f.x", "test", "/");
    return JSON.parse(toJson(ev, call(ev, select, flake, 0), 0).text);
  } catch (error) {
    if (error instanceof NixError) return error.message;
    throw error;
  }
}

const B = '{ outputs = { self }: { name = "b"; }; }';

describe("a flake without a lock", () => {
  test("whose inputs are here is locked in memory", () => {
    const flake = `{
      inputs.b.url = "path:/b";
      inputs.c = { url = "path:/c"; flake = false; };
      outputs = { self, b, c }: { x = [ b.name (builtins.readFile "\${c}/text") (self ? rev) ]; };
    }`;
    expect(output({ "/f/flake.nix": flake, "/b/flake.nix": B, "/c/text": "t" })).toEqual([
      "b",
      "t",
      false,
    ]);
  });

  test("that follows: an input's input is replaced", () => {
    const files = {
      "/f/flake.nix": `{
        inputs.b.url = "path:/b"; inputs.c.url = "path:/c"; inputs.c.inputs.b.follows = "b";
        outputs = { self, b, c }: { x = [ c.name (c.inputs.b.outPath == b.outPath) ]; };
      }`,
      "/b/flake.nix": B,
      "/c/flake.nix": `{
        inputs.b.url = "github:not/here"; outputs = { self, b }: { name = "c of \${b.name}"; };
      }`,
    };
    expect(output(files)).toEqual(["c of b", true]);
  });

  test("relative inputs are in the tree of the flake", () => {
    const files = {
      "/f/flake.nix": `{
        inputs.sub.url = "./sub"; outputs = { self, sub }: { x = "\${sub}" == "\${self}/sub"; };
      }`,
      "/f/sub/flake.nix": B,
    };
    expect(output(files)).toBe(true);
  });

  test("whose inputs are elsewhere says what to lock", () => {
    const flake = `{ inputs.b.url = "github:o/r"; outputs = { self, b }: { x = 1; }; }`;
    expect(output({ "/f/flake.nix": flake })).toMatch(
      /^flake.lock has no entry for the input 'b' \(github:o\/r\), and '[^']*' has not been fetched$/,
    );
  });
});

describe("a flake with a lock", () => {
  const narHash = "sha256-9/u+sifkP2cPSphlTuF5Ae6WQZW66EnueOrKz0DsjP0=";
  const lock = (locked: object) =>
    JSON.stringify({
      version: 7,
      root: "root",
      nodes: {
        root: { inputs: { b: "b" } },
        b: { locked, original: { type: "github", owner: "o", repo: "r" } },
      },
    });
  const flake = (body: string) =>
    `{ inputs.b.url = "github:o/r"; outputs = { self, b }: { ${body} }; }`;

  test("needs an input only when its value is needed", () => {
    const files = {
      "/f/flake.nix": flake("x = 1;"),
      "/f/flake.lock": lock({
        type: "github",
        owner: "o",
        repo: "r",
        rev: "0".repeat(40),
        narHash,
      }),
    };
    expect(output(files)).toBe(1);
    expect(output({ ...files, "/f/flake.nix": flake("x = b.name;") })).toMatch(
      /^'https:\/\/github.com\/o\/r\/archive\/0{40}.tar.gz' has not been fetched$/,
    );
  });

  test("finds a locked input in the store by its hash alone", () => {
    const files = {
      "/f/flake.nix": flake("x = [ b.name b.rev b.lastModifiedDate ];"),
      "/f/flake.lock": lock({
        ...{ type: "github", owner: "o", repo: "r", rev: "1".repeat(40) },
        ...{ narHash, lastModified: 1_700_000_000 },
      }),
      "/nix/store/44fsa1iw6cbrkg70crjpi5n3iq2fz5sp-source/flake.nix": B,
    };
    expect(output(files)).toEqual(["b", "1".repeat(40), "20231114221320"]);
  });

  test("a path that is not as it was locked is refused", () => {
    const files = {
      "/f/flake.nix": `{ inputs.b.url = "path:/b"; outputs = { self, b }: { x = b.name; }; }`,
      "/f/flake.lock": JSON.stringify({
        version: 7,
        root: "root",
        nodes: {
          root: { inputs: { b: "b" } },
          b: {
            locked: { type: "path", path: "/b", narHash },
            original: { type: "path", path: "/b" },
          },
        },
      }),
      "/b/flake.nix": B,
    };
    expect(output(files)).toMatch(/^NAR hash mismatch in input 'path:\/b\?narHash=/);
  });

  test("of a version that is not known is refused", () => {
    const files = { "/f/flake.nix": flake("x = 1;"), "/f/flake.lock": '{"version":8}' };
    expect(output(files)).toMatch(/unsupported version 8$/);
  });
});

test("evaluation of a flake is pure", () => {
  const at = (body: string) =>
    output({ "/f/flake.nix": `{ outputs = { self }: { ${body} }; }`, "/etc/x": "" });
  expect(at("x = builtins ? currentSystem;")).toBe(false);
  expect(at("x = builtins.readFile /etc/x;")).toMatch(/forbidden in pure evaluation mode/);
  expect(at('x = builtins.fetchTree { type = "path"; path = "/etc"; };')).toBe(
    "in pure evaluation mode, 'fetchTree' doesn't fetch unlocked input 'path:/etc'",
  );
});

test("parts of a flake that are added to the store by themselves are read there", () => {
  const x = `rec {
    sub = "\${./sub}";
    some = builtins.filterSource (path: type: baseNameOf path != "q") ./.;
    of = builtins.path { path = "\${some}/sub"; name = "of"; };
    x = {
      imported = import "\${sub}/a.nix";
      listed = builtins.attrNames (builtins.readDir sub);
      some = builtins.attrNames (builtins.readDir "\${some}/sub");
      has = builtins.pathExists "\${some}/q";
      of = [ (import "\${of}/a.nix") (builtins.attrNames (builtins.readDir of)) ];
    };
  }`;
  const files = {
    "/f/flake.nix": `{ outputs = { self }: ${x}; }`,
    "/f/sub/a.nix": "7",
    "/f/sub/q": "",
    "/f/q": "",
  };
  expect(output(files)).toEqual({
    imported: 7,
    listed: ["a.nix", "q"],
    some: ["a.nix"],
    has: false,
    of: [7, ["a.nix"]],
  });
});
