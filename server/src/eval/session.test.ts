import { expect, test } from "vitest";
import { MemoryHost, memoryStore, TEST_SETTINGS } from "../testing/memory-host.ts";
import { Interruption } from "./errors.ts";
import type { Answer, FileStat } from "./host.ts";
import { RestrictedHost } from "./restricted-host.ts";
import { EvaluationSession } from "./session.ts";

const PACKAGES = `
{ config ? { } }:
let
  make = name: args: derivation ({ inherit name; system = "x"; builder = "/bin/sh"; } // args);
  pkgs = {
    hello = builtins.trace "hello is evaluated" (make "hello-2.10" { });
    curl = make "curl-8" { dep = pkgs.hello; };
    mkShell = args: make "shell" args;
  };
in
pkgs
`;
const SHELL = `{ pkgs ? import ./packages.nix { } }:
pkgs.mkShell {
  buildInputs = [ pkgs.hello pkgs.curl ];
  hook = "echo 1";
}
`;

function session(host: MemoryHost) {
  const s = new EvaluationSession(host, memoryStore(), TEST_SETTINGS);
  const show = (path = "/w/shell.nix") => {
    const report = s.evaluateRoot(path);
    return {
      error: report.error,
      derivations: (report.derivations.get(path) ?? []).map(
        (each) => `${each.name} ${each.drvPath}`,
      ),
    };
  };
  return { s, show };
}

function world(extra: Record<string, string> = {}) {
  return new MemoryHost({ "/w/packages.nix": PACKAGES, "/w/shell.nix": SHELL, ...extra });
}

test("derivations are found at bindings, list elements and the result", () => {
  const { s, show } = session(world());
  s.setDocument("/w/shell.nix", SHELL);
  const names = show().derivations.map((line) => line.split(" ")[0]);
  expect(names.sort()).toEqual(["curl-8", "hello-2.10", "shell"]);
});

test("an edit gives what a fresh evaluation gives, and the packages are not evaluated again", () => {
  const host = world();
  const { s, show } = session(host);
  s.setDocument("/w/shell.nix", SHELL);
  const before = show();
  const edited = SHELL.replace("echo 1", "echo 2");
  s.setDocument("/w/shell.nix", edited);
  const after = show();
  expect(after.derivations).not.toEqual(before.derivations);
  expect(host.messages).toEqual(["trace: hello is evaluated"]);
  const fresh = session(world({ "/w/shell.nix": edited }));
  fresh.s.setDocument("/w/shell.nix", edited);
  expect(fresh.show()).toEqual(after);
});

test("a change of an imported file reaches everything that needs it", () => {
  const { s, show } = session(world());
  s.setDocument("/w/shell.nix", SHELL);
  const before = show();
  s.setDocument("/w/packages.nix", PACKAGES.replace("hello-2.10", "hello-2.11"));
  const after = show();
  expect(after.derivations.some((line) => line.startsWith("hello-2.11"))).toBe(true);
  expect(after.derivations).not.toEqual(before.derivations);
});

test("what a file read as data changes its value", () => {
  const host = world({
    "/w/shell.nix": 'derivation { name = builtins.readFile ./name; system = "x"; builder = "b"; }',
    "/w/name": "one",
  });
  const { s, show } = session(host);
  s.setDocument("/w/shell.nix", host.files.get("/w/shell.nix") as string);
  expect(show().derivations[0]).toContain("one ");
  s.setDocument("/w/name", "two");
  expect(show().derivations[0]).toContain("two ");
});

test("an error is reported where it is, and the next good text is evaluated again", () => {
  const { s, show } = session(world());
  s.setDocument("/w/shell.nix", SHELL.replace("pkgs.curl", "pkgs.crul"));
  const { error } = show();
  expect(error).toMatchObject({
    code: "missing-attribute",
    message: "attribute 'crul' missing",
    suggestions: ["curl"],
  });
  expect(error?.at).toMatchObject({ file: "/w/shell.nix", line: 3 });
  s.setDocument("/w/shell.nix", SHELL);
  expect(show().error).toBeNull();
});

test("values of expressions and attributes of values can be asked for", () => {
  const { s, show } = session(world());
  s.setDocument("/w/shell.nix", SHELL);
  show();
  const echo = SHELL.indexOf('"echo 1"');
  expect(
    s.valueAt({ path: "/w/shell.nix", start: echo, end: echo + 8, names: null }),
  ).toMatchObject({
    text: '"echo 1"',
    type: "string",
  });
  const list = SHELL.indexOf("[ pkgs");
  const end = SHELL.indexOf("]", list) + 1;
  expect(s.valueAt({ path: "/w/shell.nix", start: list, end: end, names: null })?.text).toContain(
    "derivation hello",
  );
  const at = SHELL.indexOf("pkgs.hello");
  expect(
    s
      .attributesOf({ path: "/w/shell.nix", start: at, end: at + 4, names: null })
      ?.map((each) => each.name),
  ).toEqual(["curl", "hello", "mkShell"]);
});

test("a function that needs arguments is no root and no error", () => {
  const { s, show } = session(world({ "/w/shell.nix": "{ stdenv }: stdenv" }));
  s.setDocument("/w/shell.nix", "{ stdenv }: stdenv");
  expect(show().error).toBeNull();
  expect(s.evaluateRoot("/w/shell.nix").isRoot).toBe(false);
});

test("a host that must wait for everything once leads to the same derivations", () => {
  class SlowHost extends MemoryHost {
    readonly asked = new Set<string>();
    once<T>(key: string, answer: Answer<T>): Answer<T> {
      if (this.asked.has(key)) return answer;
      this.asked.add(key);
      return { ok: "pending", key };
    }
    override stat(path: string): Answer<FileStat | null> {
      return this.once(`stat ${path}`, super.stat(path));
    }
    override readFile(path: string) {
      return this.once(`read ${path}`, super.readFile(path));
    }
  }
  const slow = new SlowHost({ "/w/packages.nix": PACKAGES, "/w/shell.nix": SHELL });
  const { s, show } = session(slow);
  s.setDocument("/w/shell.nix", SHELL);
  let waits = 0;
  const result = (() => {
    for (;;) {
      try {
        return show();
      } catch (error) {
        if (!(error instanceof Interruption)) throw error;
        waits++;
      }
    }
  })();
  const quick = session(world());
  quick.s.setDocument("/w/shell.nix", SHELL);
  expect(result).toEqual(quick.show());
  expect(waits).toBe(3);
});

test("cancelling at any moment leaves nothing behind", () => {
  const quick = session(world());
  quick.s.setDocument("/w/shell.nix", SHELL);
  const expected = quick.show();
  for (let k = 1; k < 40; k++) {
    const { s, show } = session(world());
    s.setDocument("/w/shell.nix", SHELL);
    let left = k;
    const enter = s.ev.enter.bind(s.ev);
    s.ev.enter = (pos) => {
      if (--left === 0) throw new Interruption("cancelled");
      enter(pos);
    };
    try {
      show();
    } catch (error) {
      expect(error).toBeInstanceOf(Interruption);
    }
    s.ev.enter = enter;
    expect(show()).toEqual(expected);
  }
});

test("an untrusted workspace is evaluated without one read outside of it", () => {
  class Fenced extends MemoryHost {
    check(path: string): void {
      if (path !== "/w" && !path.startsWith("/w/")) throw new Error(`read outside: ${path}`);
    }
    override stat(path: string) {
      this.check(path);
      return super.stat(path);
    }
    override readFile(path: string) {
      this.check(path);
      return super.readFile(path);
    }
    override readLink(path: string) {
      this.check(path);
      return super.readLink(path);
    }
    override readDirectory(path: string) {
      this.check(path);
      return super.readDirectory(path);
    }
  }
  const files = {
    "/w/packages.nix": PACKAGES,
    "/w/shell.nix": SHELL,
    "/w/out.nix": { link: "/etc/passwd.nix" },
    "/w/dir": { link: "../etc" },
    "/etc/passwd.nix": '"secret"',
  };
  const host = new RestrictedHost(new Fenced(files), ["/w"]);
  const s = new EvaluationSession(host, memoryStore(), TEST_SETTINGS);
  s.setDocument("/w/shell.nix", SHELL);
  expect(s.evaluateRoot("/w/shell.nix").error).toBeNull();
  const refused = (text: string) => {
    s.setDocument("/w/shell.nix", text);
    return s.evaluateRoot("/w/shell.nix").error?.code ?? null;
  };
  expect(refused("import ./out.nix")).toBe("restricted");
  expect(refused("import ./dir/passwd.nix")).toBe("restricted");
  expect(refused("builtins.readFile /etc/passwd.nix")).toBe("restricted");
  expect(refused("builtins.readDir ./dir")).toBe("restricted");
  expect(refused('{ a = builtins.pathExists /etc; b = builtins.getEnv "HOME"; }')).toBeNull();
});

const NIXPKGS = `{ overlays ? [ ] }:
let
  make = name: derivation { inherit name; system = "x"; builder = "/bin/sh"; };
  fix = f: let x = f x; in x;
  base = final: {
    inherit make;
    hello = make "hello";
    callPackage = f: args:
      let function = if builtins.isFunction f then f else import f; in
      function (builtins.intersectAttrs (builtins.functionArgs function) final // args);
  };
  apply = f: overlay: final: let prev = f final; in prev // overlay final prev;
in
fix (builtins.foldl' apply base overlays)
`;
const EVAL_CONFIG = `{ system, modules }: {
  config =
    let
      pkgs = import ../../default.nix { };
      own = (import (builtins.head modules)) { inherit pkgs; config = own; };
    in own;
}
`;

function roleSession(files: Record<string, string>, open: string) {
  const host = new MemoryHost({
    "/nixpkgs/default.nix": NIXPKGS,
    "/nixpkgs/nixos/lib/eval-config.nix": EVAL_CONFIG,
    ...files,
  });
  const settings = { ...TEST_SETTINGS, searchPath: [{ prefix: "nixpkgs", path: "/nixpkgs" }] };
  const s = new EvaluationSession(host, memoryStore(), settings);
  s.setDocument(open, files[open] as string);
  const report = s.evaluateRoot(open);
  const names = (report.derivations.get(open) ?? []).map(
    ({ name, start, end }) => `${name}: ${files[open]?.slice(start, end)}`,
  );
  const { role, through, isRoot, error } = report;
  return { role, through, isRoot, error: error?.message ?? null, names };
}

test("a package is called with the packages of nixpkgs", () => {
  const files = { "/w/p.nix": '{ make, name ? "mine" }: make name' };
  expect(roleSession(files, "/w/p.nix")).toEqual({
    role: "package",
    through: null,
    isRoot: true,
    error: null,
    names: ["mine: make name"],
  });
  const unknown = { "/w/p.nix": "{ make, elsewhere }: make elsewhere" };
  expect(roleSession(unknown, "/w/p.nix")).toMatchObject({ isRoot: false, error: null });
});

test("a package that another file calls is evaluated through that one", () => {
  const files = {
    "/w/pkgs/p.nix": '{ make, name ? "mine" }: make name',
    "/w/default.nix":
      'let p = import <nixpkgs> { }; in { a = p.callPackage ./pkgs/p.nix { name = "given"; }; }',
  };
  expect(roleSession(files, "/w/pkgs/p.nix")).toEqual({
    role: "package",
    through: "/w/default.nix",
    isRoot: true,
    error: null,
    names: ["given: make name"],
  });
});

test("the attributes of an overlay are those of the packages that it is applied to", () => {
  const files = { "/w/o.nix": 'final: prev: { hello = prev.make "hello2"; b = final.hello; }' };
  expect(roleSession(files, "/w/o.nix")).toMatchObject({
    role: "overlay",
    error: null,
    names: ['hello2: prev.make "hello2"', "hello2: final.hello"],
  });
});

test("a module is evaluated in a configuration", () => {
  const module =
    "{ config, pkgs, ... }: { environment.packages = [ pkgs.hello ]; a = config.b; b = 1; }";
  expect(roleSession({ "/w/m.nix": module }, "/w/m.nix")).toMatchObject({
    role: "module",
    error: null,
    names: ["hello: pkgs.hello"],
  });
  const wrong = { "/w/m.nix": "{ config, ... }: { a = config.nothing; }" };
  expect(roleSession(wrong, "/w/m.nix").error).toBe("attribute 'nothing' missing");
});

test("a module of home-manager is evaluated by it", () => {
  const home =
    "{ config, pkgs, ... }: { home.packages = [ pkgs.hello ]; b = config.home.username; }";
  const manager = `{ pkgs, configuration }:
    let
      call = f: (import f) { inherit pkgs; config = own; };
      own = configuration // call (builtins.head configuration.imports) // { home = configuration.home // (call (builtins.head configuration.imports)).home; };
    in { config = own; }`;
  const host = new MemoryHost({
    "/nixpkgs/default.nix": `args: (${NIXPKGS}) args // { lib.mkOverride = _: x: x; }`,
    "/hm/modules/default.nix": manager,
    "/w/home.nix": home,
  });
  const searchPath = [
    { prefix: "nixpkgs", path: "/nixpkgs" },
    { prefix: "home-manager", path: "/hm" },
  ];
  const s = new EvaluationSession(host, memoryStore(), { ...TEST_SETTINGS, searchPath });
  s.setDocument("/w/home.nix", home);
  const report = s.evaluateRoot("/w/home.nix");
  expect(report.error).toBe(null);
  expect(report.role).toBe("home");
  expect(report.derivations.get("/w/home.nix")?.map(({ name }) => name)).toEqual(["hello"]);
  // Without it the file is only looked at.
  expect(roleSession({ "/w/home.nix": home }, "/w/home.nix")).toMatchObject({
    role: "home",
    isRoot: false,
    error: null,
  });
});

test("of a package that is called several times that is shown which its root needs most directly", () => {
  const files = {
    "/w/p.nix":
      '{ name, dep ? "" }: let part = make "part-of-${name}"; make = name: derivation { inherit name dep; system = "x"; builder = "b"; }; in make name',
    "/w/default.nix": `let call = import ./p.nix; in
      derivation { name = "root"; system = "x"; builder = "b"; dep = call { name = "last"; dep = call { name = "first"; }; }; }`,
  };
  const { through, names } = roleSession(files, "/w/p.nix");
  expect(through).toBe("/w/default.nix");
  expect(names).toContain("last: make name");
});

test("a module of a nixpkgs is evaluated with that one", () => {
  const files = {
    "/w/nixpkgs/default.nix": NIXPKGS.replace('make "hello"', 'make "mine"'),
    "/w/nixpkgs/nixos/lib/eval-config.nix": EVAL_CONFIG,
    "/w/nixpkgs/nixos/modules/m.nix": "{ config, pkgs, ... }: { services.a = pkgs.hello; }",
  };
  const { role, names } = roleSession(files, "/w/nixpkgs/nixos/modules/m.nix");
  expect({ role, names }).toEqual({ role: "module", names: ["mine: pkgs.hello"] });
});

test("each machine of a network is a configuration", () => {
  const network = `{
  network.description = "n";
  web = { pkgs, config, ... }: { environment.packages = [ pkgs.hello ]; };
  db = { pkgs, ... }: { bad = pkgs.missing; };
}`;
  // One that takes functions, as the real one does.
  const evalConfig = EVAL_CONFIG.replace(
    "(import (builtins.head modules))",
    "(builtins.head modules)",
  );
  const files = { "/w/net.nix": network, "/nixpkgs/nixos/lib/eval-config.nix": evalConfig };
  expect(roleSession(files, "/w/net.nix")).toEqual({
    role: "network",
    through: null,
    isRoot: true,
    error: "attribute 'missing' missing",
    names: ["hello: pkgs.hello"],
  });
});

test("an error elsewhere is placed at the expression that has it", () => {
  const files = {
    "/w/lib.nix": '{ bad = throw "no"; good = 1; }',
    "/w/s.nix": "let l = import ./lib.nix; in [ l.good l.bad ]",
  };
  const host = new MemoryHost(files);
  const s = new EvaluationSession(host, memoryStore(), TEST_SETTINGS);
  s.setDocument("/w/s.nix", files["/w/s.nix"]);
  const { error } = s.evaluateRoot("/w/s.nix");
  expect(error?.trace.find(({ file }) => file === "/w/s.nix")).toMatchObject({ line: 1 });
});

test("a name is found where the text has changed since, and says what its value is about", () => {
  const lib = `{
  /* Adds one. */
  inc = { by ? 1, x }: x + by;
  pkg = derivation { name = "p"; system = "x"; builder = "b"; } // {
    version = "1"; meta = { description = "d"; license = { fullName = "MIT"; }; position = "/p.nix:7"; };
  };
}
`;
  const text = "let l = import ./lib.nix; in with l; [ l.pkg (inc { x = 1; }) ]";
  const host = new MemoryHost({ "/w/lib.nix": lib, "/w/a.nix": text });
  const s = new EvaluationSession(host, memoryStore(), TEST_SETTINGS);
  s.setDocument("/w/a.nix", text, true);
  s.evaluateRoot("/w/a.nix");
  s.setDocument("/w/a.nix", `${text} broken`, true);
  s.evaluateRoot("/w/a.nix");
  const named = (...names: string[]) =>
    s.valueAt({ path: "/w/a.nix", start: 900, end: 900, names });
  expect(named("l", "pkg")).toMatchObject({
    type: "derivation",
    details: { meta: { version: "1", description: "d", licence: "MIT", position: "/p.nix:7" } },
    definition: { file: "/w/lib.nix", line: 4 },
  });
  expect(named("inc")).toMatchObject({
    details: { doc: "/* Adds one. */", formals: [{ name: "by", fallback: "1" }, { name: "x" }] },
    definition: { file: "/w/lib.nix", line: 3 },
  });
  expect(named("l", "nothing")).toBeNull();
  const target = { path: "/w/a.nix", start: 900, end: 900, names: ["l"] };
  expect(s.attributesOf(target)?.map(({ name }) => name)).toEqual(["inc", "pkg"]);
});

test("derivations in sets that are written in the result are members, and what fails there is no error", () => {
  const derivation = (name: string) =>
    `derivation { name = "${name}"; system = "x"; builder = "b"; }`;
  const text = `{ a = ${derivation("a")}; b.c = { d = ${derivation("d")}; e = throw "e"; }; f = { type = throw "f"; }; }`;
  const host = new MemoryHost({ "/w/default.nix": text });
  const one = new EvaluationSession(host, memoryStore(), TEST_SETTINGS);
  const { members, error, others } = one.evaluateRoot("/w/default.nix");
  expect([...members.keys()]).toEqual(["a", "b.c.d"]);
  expect([error?.message, others]).toEqual(["f", []]);
});

test("what was known of a value stays known while the text is wrong, fails or is being evaluated", () => {
  const path = "/w/value.nix";
  const text = 'let f = n: n + 1; slow = "x"; in { inherit slow; c = [ (f 41) ]; }';
  const host = world({ [path]: text });
  const { s, show } = session(host);
  const asked = (now: string, part: string) => {
    const start = now.indexOf(part);
    const value = s.valueAt({ path, start, end: start + part.length, names: null });
    return value && [value.text, value.isStale];
  };
  const change = (now: string) => {
    s.setDocument(path, now);
    return now;
  };
  change(text);
  show(path);
  expect(asked(text, "n + 1")).toEqual(["42", false]);
  const broken = change(text.replace('"x"', '"longer'));
  expect(asked(broken, "n + 1")).toEqual(["42", true]);
  const failing = change(
    text.replace('"x"', '"longer" + throw "no"').replace("c =", "c = slow ++"),
  );
  show(path);
  expect(asked(failing, "n + 1")).toEqual(["42", true]);
  expect(asked(failing, "slow ++")).toBeNull();
  const under = change(text.replace('"x"', "builtins.foldl' (n: i: n + i) 0 [ 1 2 3 ]"));
  s.ev.pollMask = 0;
  let left = 2;
  s.ev.poll = () => {
    if (--left === 0) throw new Interruption("cancelled");
  };
  expect(() => show(path)).toThrow(Interruption);
  s.ev.poll = null;
  expect(asked(under, "n + 1")).toEqual(["42", true]);
  show(path);
  expect(asked(under, "n + 1")).toEqual(["42", false]);
});

test("the trace of what is used again leads to where its text now is", () => {
  const path = "/w/own.nix";
  const host = new MemoryHost({
    "/w/lib.nix": '{ name = throw "no name"; }',
    "/w/made.nix": "{ label }: { inherit label; }",
  });
  const { s } = session(host);
  const text = `let
  lib = import ./lib.nix;
  made = import ./made.nix { label = lib.name; };
in
{ a = made.label; }
`;
  const lines = () => {
    const { error } = s.evaluateRoot(path);
    return error?.trace.flatMap(({ file, line }) => (file === path ? [line] : []));
  };
  s.setDocument(path, text, true);
  const before = lines();
  expect(before).toContain(3);
  for (const above of ["# a comment\n", "\n\n\n"]) {
    s.setDocument(path, above + text, true);
    const added = above.split("\n").length - 1;
    expect(lines()).toEqual(before?.map((line) => line + added));
  }
});

test("what is known of options is still that of a module as it is when another time has been evaluated", () => {
  const path = "/nixpkgs/m.nix";
  const host = new MemoryHost({
    "/nixpkgs/nixos/lib/eval-config.nix": `{ system, modules }: {
  options.a = { _type = "option"; };
  config = import (builtins.head modules) { config = { }; pkgs = { }; };
}`,
    [path]: "{ config, pkgs, ... }: { a = import ./value.nix; }",
    "/nixpkgs/value.nix": "2",
  });
  const session = new EvaluationSession(host, memoryStore(), TEST_SETTINGS);
  session.setDocument(path, null, true);
  const past = new Map([["/nixpkgs/value.nix", "1"]]);
  const value = () => session.optionAt(path, ["a"])?.value;
  session.evaluateRoot(path, "module");
  expect(value()).toBe("2");
  session.evaluatePast(path, "module", past);
  expect(value()).toBe("2");
});

test("which call of an open file is shown is told by the root that is evaluated, though it is another file", () => {
  const library = `name: rec { made = derivation { inherit name; system = "s"; builder = "b"; }; }\n`;
  const session = new EvaluationSession(
    new MemoryHost({
      "/default.nix": 'let f = import ./f.nix; in builtins.seq (f "first").made (f "second").made',
      "/f.nix": library,
    }),
    memoryStore(),
    TEST_SETTINGS,
  );
  session.setDocument("/f.nix", null, true);
  session.setDocument("/default.nix", null, true);
  const shown = () =>
    session
      .evaluateRoot("/default.nix")
      .derivations.get("/f.nix")
      ?.map(({ name }) => name);
  expect(shown()).toEqual(["second"]);
});

test("what is taken back in an overlay is not evaluated again, and shown as before", () => {
  const root = (n: number) => `(import ./set.nix { overlay = set: set // {
    one = set.make "n${n}"; }; }).one`;
  const host = new MemoryHost({
    "/default.nix": root(0),
    "/set.nix": `{ overlay }: builtins.trace "made" (overlay {
      make = name: derivation { inherit name; system = "s"; builder = "b"; };
    })`,
  });
  const session = new EvaluationSession(host, memoryStore(), TEST_SETTINGS);
  for (const n of [0, 1, 0, 1, 2, 1, 0]) {
    session.setDocument("/default.nix", root(n), true);
    const found = session.evaluateRoot("/default.nix").derivations.get("/default.nix") ?? [];
    expect(found.map(({ start, name }) => [start > 10, name])).toEqual([
      [false, `n${n}`],
      [true, `n${n}`],
    ]);
  }
  expect(host.messages).toEqual(Array(3).fill("trace: made"));
});

test("of a function that every evaluation calls anew the last call is shown, however many there were", () => {
  const root = (n: number) => `(import ./f.nix) "n${n}"`;
  const session = new EvaluationSession(
    new MemoryHost({
      "/default.nix": root(0),
      "/f.nix": `name: { made = derivation { inherit name; system = "s"; builder = "b"; }; }.made\n`,
    }),
    memoryStore(),
    TEST_SETTINGS,
  );
  session.setDocument("/f.nix", null, true);
  for (let n = 0; n < 50; n++) {
    session.setDocument("/default.nix", root(n), true);
    const found = session.evaluateRoot("/default.nix").derivations.get("/f.nix") ?? [];
    expect(new Set(found.map(({ name }) => name))).toEqual(new Set([`n${n}`]));
  }
});
