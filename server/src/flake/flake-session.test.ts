import { expect, test } from "vitest";
import { MemoryHost, memoryStore, TEST_SETTINGS } from "../testing/memory-host.ts";
import { flakeSession } from "./flake-session.ts";

const PATH = "/w/flake.nix";
const DERIVATION = (name: string) =>
  `derivation { name = "${name}"; system = "x86_64-linux"; builder = "/bin/sh"; src = ./src; }`;
const FLAKE = `{
  inputs.lib = { url = "path:/lib"; flake = false; };
  outputs = { self, lib }: {
    packages.x86_64-linux = { a = ${DERIVATION("a")}; b = import ./b.nix; };
    packages.aarch64-linux.other = throw "not for this system";
    devShells.x86_64-linux.default = ${DERIVATION("shell")};
    nixosConfigurations.box.config.system.build.toplevel = import lib "box";
  };
}`;

function session(flake: string) {
  const host = new MemoryHost({
    [PATH]: flake,
    "/w/b.nix": DERIVATION("b"),
    "/w/src": "text",
    "/lib/default.nix": `name: derivation { inherit name; system = "x"; builder = "b"; }`,
  });
  const one = flakeSession(host, memoryStore(), TEST_SETTINGS);
  one.setDocument(PATH, null, true);
  return one;
}

const found = (one: ReturnType<typeof session>, text: string) =>
  one
    .evaluateRoot(PATH, "flake")
    .derivations.get(PATH)
    ?.map(({ name, start, end, drvPath }) => ({ name, text: text.slice(start, end), drvPath }));

test("the outputs of this system are found at their places in flake.nix", () => {
  const one = session(FLAKE);
  const report = one.evaluateRoot(PATH, "flake");
  expect(report.error).toBeNull();
  expect(found(one, FLAKE)?.map(({ name, text }) => [name, text])).toEqual([
    ["a", DERIVATION("a")],
    ["b", "import ./b.nix"],
    ["shell", DERIVATION("shell")],
    ["box", 'import lib "box"'],
  ]);
});

test("an edit gives what a fresh evaluation gives", () => {
  const one = session(FLAKE);
  const before = found(one, FLAKE);
  const edited = FLAKE.replace('name = "shell"', 'name = "other"');
  one.setDocument(PATH, edited);
  const after = found(one, edited);
  expect(after).toEqual(found(session(edited), edited));
  expect(after?.map(({ name }) => name)).toEqual(["a", "b", "other", "box"]);
  one.setDocument(PATH, null, true);
  expect(found(one, FLAKE)).toEqual(before);
});

test("what an edit does not reach is not evaluated again, though the flake has another store path", () => {
  const flake = (shell: string) => `{
    inputs.pkgs = { url = "path:/pkgs"; flake = false; };
    outputs = { self, pkgs }: let set = import pkgs { system = "x"; config.allow = name: name == "a"; }; in {
      devShells.x86_64-linux.default = derivation { name = "${shell}"; inherit (set) system builder; };
    };
  }`;
  const host = new MemoryHost({
    [PATH]: flake("a"),
    "/pkgs/default.nix": `{ system, config }: builtins.trace "made" { inherit system; builder = config.allow "a"; }`,
  });
  const one = flakeSession(host, memoryStore(), TEST_SETTINGS);
  const drvPaths = ["a", "b", "c"].map((shell) => {
    one.setDocument(PATH, flake(shell));
    return found(one, flake(shell))?.map(({ drvPath }) => drvPath);
  });
  expect(new Set(drvPaths.flat()).size).toBe(3);
  expect(host.messages).toEqual(["trace: made"]);
});

test("a file of the flake that an edit does not reach is kept, and what depends on the hash is not", () => {
  const flake = (shell: string) => `{
    outputs = { self }: let lib = import ./lib.nix; in {
      devShells.x86_64-linux.default = derivation {
        name = "${shell}"; system = "s"; inherit (lib) builder here;
      };
    };
  }`;
  const host = new MemoryHost({
    [PATH]: flake("a"),
    "/w/lib.nix": `builtins.trace "read" {
      builder = builtins.trace "made" "b";
      here = builtins.trace "asked" (toString ./lib.nix);
    }`,
  });
  const one = flakeSession(host, memoryStore(), TEST_SETTINGS);
  const places = ["a", "b", "c"].map((shell) => {
    one.setDocument(PATH, flake(shell));
    const [drv] = [...one.evaluateRoot(PATH, "flake").members.values()];
    return one.ev.store.readDerivation(drv?.drvPath ?? "").env.get("here");
  });
  expect(new Set(places).size).toBe(3);
  for (const place of places) expect(place).toMatch(/^\/nix\/store\/\w{32}-source\/lib\.nix$/);
  const asked = Array<string>(3).fill("trace: asked");
  expect([...host.messages].sort()).toEqual([...asked, "trace: made", "trace: read"]);
});

test("a package set with overlays of the flake and of its inputs is kept, whatever is edited beside them", () => {
  const flake = (shell: string) => `{
    inputs.pkgs = { url = "path:/pkgs"; flake = false; };
    inputs.over.url = "path:/over";
    outputs = { self, pkgs, over }@inputs: let
      set = import pkgs { overlays = [ self.overlays.default inputs.over.overlays.default ]; };
    in {
      overlays.default = import ./overlay.nix;
      packages.x86_64-linux.a = derivation { name = "a"; system = "s"; builder = set.one; src = ./.; };
      devShells.x86_64-linux.default = derivation { name = "${shell}"; system = "s"; builder = set.two; };
    };
  }`;
  const host = new MemoryHost({
    [PATH]: flake("a"),
    "/w/overlay.nix": `set: builtins.trace "own" (set // { one = "1"; })`,
    "/over/flake.nix": `{ outputs = { self }: { overlays.default = set: builtins.trace "other" (set // { two = "2"; }); }; }`,
    "/pkgs/default.nix": `{ overlays }: builtins.trace "made" (builtins.foldl' (set: f: f set) { } overlays)`,
  });
  const one = flakeSession(host, memoryStore(), TEST_SETTINGS);
  const evaluate = () => [...one.evaluateRoot(PATH, "flake").members.values()];
  const all = ["a", "b", "c"].map((shell) => {
    one.setDocument(PATH, flake(shell));
    return evaluate().map(({ drvPath }) => drvPath);
  });
  expect(new Set(all.flat()).size).toBe(6);
  expect([...host.messages].sort()).toEqual(["trace: made", "trace: other", "trace: own"]);
  one.setDocument("/w/overlay.nix", `set: set // { one = "3"; }`);
  const builders = evaluate().map(({ drvPath }) => one.ev.store.readDerivation(drvPath).builder);
  expect(builders).toEqual(["3", "2"]);
});

test("of an overlay that is opened later it is shown what it makes", () => {
  const overlay = "set: set // { one = set.made; }";
  const host = new MemoryHost({
    [PATH]: `{
      inputs.pkgs = { url = "path:/pkgs"; flake = false; };
      outputs = { self, pkgs }: {
        overlays.default = import ./overlay.nix;
        packages.x86_64-linux.a = (builtins.seq self.overlays.default (import pkgs { overlays = [ self.overlays.default ]; })).one;
      };
    }`,
    "/w/overlay.nix": overlay,
    "/pkgs/default.nix": `{ overlays }: builtins.foldl' (set: f: f set) { made = ${DERIVATION("a")}; } overlays`,
    "/pkgs/src": "text",
  });
  const one = flakeSession(host, memoryStore(), TEST_SETTINGS);
  one.setDocument(PATH, null, true);
  one.evaluateRoot(PATH, "flake");
  one.setDocument("/w/overlay.nix", null, true);
  one.evaluateRoot(PATH, "flake");
  const start = overlay.indexOf("set.made");
  const made = { path: "/w/overlay.nix", start, end: start + 8, names: null };
  expect(one.valueAt(made)?.derivation?.name).toBe("a");
});

test("a file is evaluated once, by whatever path it is imported", () => {
  const host = new MemoryHost({
    [PATH]: `{ outputs = { self }: { packages.x86_64-linux.a = derivation {
      name = import ./lib.nix; system = import "\${self}/lib.nix"; builder = import (self + "/lib.nix");
    }; }; }`,
    "/w/lib.nix": `builtins.trace "read" "lib"`,
  });
  const one = flakeSession(host, memoryStore(), TEST_SETTINGS);
  one.setDocument(PATH, null, true);
  expect(one.evaluateRoot(PATH, "flake").error).toBeNull();
  expect(host.messages).toEqual(["trace: read"]);
});

test("a tree whose hash nothing asks for is not read", () => {
  class CountingHost extends MemoryHost {
    readonly read: string[] = [];
    override readFile(path: string) {
      this.read.push(path);
      return super.readFile(path);
    }
  }
  const flake = (value: string) =>
    `{ outputs = { self }: { packages.x86_64-linux.a = derivation { name = "a"; system = "s"; builder = ${value}; }; }; }`;
  const host = new CountingHost({ [PATH]: flake("./src"), "/w/src": "text", "/w/large": "data" });
  const one = flakeSession(host, memoryStore(), TEST_SETTINGS);
  one.setDocument(PATH, null, true);
  expect(one.evaluateRoot(PATH, "flake").error).toBeNull();
  expect(host.read).toContain("/w/src");
  expect(host.read).not.toContain("/w/large");
  one.setDocument(PATH, flake("self.narHash"));
  expect(one.evaluateRoot(PATH, "flake").error).toBeNull();
  expect(host.read).toContain("/w/large");
});

test("when too much depends on the hash to know all of it, an edit still changes it", () => {
  const flake = (value: number) => `{
    outputs = { self }: let lib = import ./lib.nix; in {
      packages.x86_64-linux.a = derivation {
        name = "a"; system = "s"; builder = "b"; here = lib.here; sum = lib.sum; value = ${value};
      };
    };
  }`;
  const host = new MemoryHost({
    [PATH]: flake(0),
    "/w/lib.nix": `rec {
      here = toString ./.;
      many = builtins.genList (n: "\${here}\${toString n}") 60000;
      sum = builtins.foldl' (sum: text: sum + builtins.stringLength text) 0 many;
    }`,
  });
  const one = flakeSession(host, memoryStore(), TEST_SETTINGS);
  const places = [1, 2, 3].map((value) => {
    one.setDocument(PATH, flake(value));
    const [drv] = [...one.evaluateRoot(PATH, "flake").members.values()];
    return one.ev.store.readDerivation(drv?.drvPath ?? "").env.get("here");
  });
  expect(new Set(places).size).toBe(3);
});

test("what a user reads of a flake that is edited has its path in the store", () => {
  const host = new MemoryHost({
    [PATH]: `{ outputs = { self }: { packages.x86_64-linux.a = builtins.trace ./src (builtins.trace (x: x) (import ./none.nix)); }; }`,
  });
  const one = flakeSession(host, memoryStore(), TEST_SETTINGS);
  one.setDocument(PATH, null, true);
  const { error } = one.evaluateRoot(PATH, "flake");
  const tree = one.ev.liveTrees.ofDirectory("/w")?.storePath;
  expect(error?.message).toBe(`path '${tree}/none.nix' does not exist`);
  expect(host.messages.join()).toContain(`${tree}/src`);
  expect(host.messages.join()).toContain(`${tree}/flake.nix:1`);
});

test("inputs that follow others are kept between edits, until what they follow is another", () => {
  const flake = (shell: string, pkgs = "/pkgs") => `{
    inputs.pkgs = { url = "path:${pkgs}"; flake = false; };
    inputs.a = { url = "path:/a"; inputs.pkgs.follows = "pkgs"; };
    outputs = { self, pkgs, a }: {
      devShells.x86_64-linux.default = derivation { name = "${shell}"; inherit (a.set) system builder; };
    };
  }`;
  const host = new MemoryHost({
    [PATH]: flake("a"),
    "/a/flake.nix": `{
      inputs.pkgs.url = "path:/none";
      outputs = { self, pkgs }: { set = builtins.trace "made" (import pkgs); };
    }`,
    "/pkgs/default.nix": `{ system = "x"; builder = "b"; }`,
    "/others/default.nix": `{ system = "x"; builder = "c"; }`,
  });
  const one = flakeSession(host, memoryStore(), TEST_SETTINGS);
  const evaluate = (text: string) => {
    one.setDocument(PATH, text);
    return found(one, text)?.map(({ drvPath }) => drvPath);
  };
  const made = () => host.messages.filter((message) => message.includes("made")).length;
  for (const shell of ["a", "b", "c"]) evaluate(flake(shell));
  expect(made()).toBe(1);
  const others = evaluate(flake("c", "/others"));
  expect(made()).toBe(2);
  expect(others).not.toEqual(evaluate(flake("c")));
});

test("an error is where it can be mended, and does not hide other outputs", () => {
  const text = FLAKE.replace("import ./b.nix", "1 + { }");
  const one = session(text);
  const { error, derivations } = one.evaluateRoot(PATH, "flake");
  expect(error?.at).toMatchObject({ file: PATH, line: 4 });
  expect(derivations.get(PATH)?.map(({ name }) => name)).toEqual(["a", "shell", "box"]);
});

test("what is missing is said at once, at the input that lacks it", () => {
  const text = `{ inputs.x.url = "github:o/r"; outputs = { self, x }: { }; }`;
  const { error } = session(text).evaluateRoot(PATH, "flake");
  expect(error?.message).toMatch(/^flake.lock has no entry for the input 'x'/);
  expect(error?.at).toMatchObject({ file: PATH, line: 1, column: 3 });
});

test("a file that is saved, opened again or opened later is shown as before", () => {
  const one = session(FLAKE);
  const before = found(one, FLAKE);
  one.setDocument(PATH, FLAKE);
  one.setDocument(PATH, null, true);
  expect(found(one, FLAKE)).toEqual(before);
  // An edit that is undone before anything is evaluated.
  one.setDocument(PATH, FLAKE.replace("shell", "other"));
  one.setDocument(PATH, FLAKE);
  expect(found(one, FLAKE)).toEqual(before);
  one.setDocument(PATH, null, false);
  one.evaluateRoot(PATH, "flake");
  one.setDocument(PATH, null, true);
  expect(found(one, FLAKE)).toEqual(before);
  one.setDocument("/w/b.nix", null, true);
  const { derivations } = one.evaluateRoot(PATH, "flake");
  expect(derivations.get("/w/b.nix")?.map(({ name }) => name)).toEqual(["b"]);
});

/** Configurations whose options are what one module says. */
const MODULES = `{
  outputs = { self }: let
    make = name: derivation { inherit name; system = "x86_64-linux"; builder = "b"; };
  in {
    packages.x86_64-linux = { other = throw "not this one"; tool = import ./tool.nix { inherit make; }; };
    nixosConfigurations = {
      one = { config = import ./one.nix { config = { }; inherit make; }; };
      two = { config = import ./two.nix { config = { }; inherit make; }; };
    };
    homeConfigurations.me = { config = import ./home.nix { config = { }; inherit make; }; activationPackage = throw "long"; };
  };
}`;

test("that a flake does not use a file is found out once", () => {
  const flake = (name: string) =>
    `{ outputs = { self }: { packages.x86_64-linux.a = builtins.trace "made" (import ./${name}.nix); }; }`;
  const host = new MemoryHost({
    "/w/flake.nix": flake("a"),
    "/w/a.nix": DERIVATION("a"),
    "/w/b.nix": `{ make }: make "b"`,
    "/w/src": "text",
  });
  const one = flakeSession(host, memoryStore(), TEST_SETTINGS);
  const through = (text: string) => {
    one.setDocument("/w/b.nix", text, true);
    const written = one.ev.parse(text, "/w/b.nix", "/w/b.nix", "/w").expr;
    return one.evaluateThroughFlake("/w/b.nix", "package", written)?.through ?? null;
  };
  expect(through(`{ make }: make "b"`)).toBeNull();
  expect(through(`{ make }: make "c"`)).toBeNull();
  expect(host.messages).toEqual(["trace: made"]);
  one.setDocument("/w/flake.nix", flake("b"));
  expect(through(`{ make }: make "d"`)).toBe("/w/flake.nix");
});

test("a file is evaluated through the output of the flake that imports it", () => {
  const host = new MemoryHost({
    "/w/flake.nix": MODULES,
    "/w/one.nix": `{ config, make, ... }: { services.a = throw "one"; top = make "one"; }`,
    "/w/two.nix": `{ config, make, ... }: { services.a = make "two"; services.b = throw "two"; }`,
    "/w/home.nix": `{ config, make, ... }: { home.packages = [ (make "mine") ]; }`,
    "/w/tool.nix": `{ make }: make "tool"`,
    "/w/unused.nix": `{ make }: make "unused"`,
  });
  const one = flakeSession(host, memoryStore(), TEST_SETTINGS);
  const through = (name: string, role: "module" | "home" | "package") => {
    const path = `/w/${name}.nix`;
    one.setDocument(path, null, true);
    const written = one.ev.parse(host.files.get(path) as string, path, path, "/w").expr;
    const report = one.evaluateThroughFlake(path, role, written);
    return (
      report && {
        part: one.useOf(path)?.part,
        error: report.error?.message ?? null,
        names: report.derivations.get(path)?.map(({ name }) => name),
      }
    );
  };
  const two = { part: "nixosConfigurations.two", error: "two", names: ["two"] };
  expect(through("two", "module")).toEqual(two);
  // The second time nothing is new, and the answer the same.
  expect(through("two", "module")).toEqual(two);
  expect(through("home", "home")).toEqual({
    part: "homeConfigurations.me",
    error: null,
    names: ["mine"],
  });
  expect(through("tool", "package")).toEqual({
    part: "packages.tool",
    error: null,
    names: ["tool"],
  });
  expect(through("unused", "package")).toBeNull();
});
