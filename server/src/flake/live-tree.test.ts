/**
 * The tree of an open flake is read at a place of its own while it is edited. After any sequence of edits
 * that says what an evaluation says which reads it at its store path, as the command line does.
 */
import { expect, test } from "vitest";
import { Attrs } from "../eval/attrs.ts";
import { Interruption, NixError } from "../eval/errors.ts";
import { Evaluator } from "../eval/evaluator.ts";
import { coerceToString, force, PLAIN } from "../eval/runtime.ts";
import type { EvaluationSession } from "../eval/session.ts";
import { EditedFiles } from "../testing/edited-files.ts";
import { MemoryHost, memoryStore, TEST_SETTINGS } from "../testing/memory-host.ts";
import { Random, type Write } from "../testing/random.ts";
import { flakeBuiltins } from "./builtins.ts";
import { flakeSession } from "./flake-session.ts";
import { lockFlake } from "./lock-flake.ts";
import { outputMembers } from "./output-members.ts";

const FEATURES = new Set(["nix-command", "flakes", "fetch-tree", "pipe-operators"]);
const PURE = { ...TEST_SETTINGS, features: FEATURES, pureEval: true };

const number: Write = (random) => String(random.below(4));
const comment: Write = (random) => random.pick(["", "# a\n", "\n\n", "/* b */ "]);

/** Of files that an edit of another one leaves as they are. */
const keptValue: Write = (random) =>
  random.pick([
    "lib.text",
    "lib.sources",
    "lib.where",
    '(lib.made "src")',
    "p.mine",
    "p.mine.v",
    "p.one",
  ]);

const value: Write = (random) => (random.below(2) === 0 ? keptValue : ownValue)(random);

const ownValue: Write = (random) =>
  random.pick([
    "./src",
    "./.",
    "self",
    '"${self}/src/a"',
    '"${./src}"',
    '"${./.}"',
    '"${./src/a}"',
    "self.narHash",
    "self.outPath",
    "toString self.lastModified",
    "toString ./src",
    "toString ./.",
    "builtins.baseNameOf ./.",
    "toString (dirOf ./src/a)",
    "toString (dirOf ./.)",
    '"${dirOf ./src/a}"',
    'toString (./. + "/src")',
    'toString (./. + "more")',
    'toString ./${builtins.concatStringsSep "/" [ "src" "a" ]}',
    'builtins.path { path = ./src; name = "x"; filter = path: type: baseNameOf path != "b"; }',
    "builtins.filterSource (path: type: path != toString ./src/b) ./src",
    'builtins.filterSource (path: type: dirOf path == toString ./. || type == "directory") ./.',
    'builtins.path { path = "${self}/src"; }',
    'builtins.path { path = ./.; name = "source"; filter = path: type: true; }',
    "__curPos.file",
    '(builtins.unsafeGetAttrPos "a" { a = 1; }).file',
    "builtins.readFile ./data.txt",
    'builtins.readFile "${self}/data.txt"',
    'builtins.readFile (self + "/data.txt")',
    "builtins.attrNames (builtins.readDir ./src)",
    'builtins.attrNames (builtins.readDir "${self}/src")',
    "if builtins.pathExists ./src/b then 1 else 2",
    'if builtins.pathExists "${self}/src/b" then 1 else 2',
    'builtins.hashFile "sha256" ./data.txt',
    "if ./. == /. + toString ./. then 1 else 2",
    "if /. + toString ./src/a == ./src/a then 1 else 2",
    "if ./src < ./src/a then 1 else 2",
    "if ./src < /nix/store then 1 else 2",
    "builtins.toJSON ./src",
    "builtins.toJSON { a = ./.; }",
    "builtins.toXML [ ./src (x: x) ]",
    "map (each: toString each.key) (builtins.genericClosure { startSet = [ { key = ./src; } ]; operator = each: [ { key = ./.; } { key = /. + toString ./src; } ]; })",
    'builtins.attrNames (builtins.getContext "${./.}")',
    'builtins.unsafeDiscardStringContext "${self}"',
    'builtins.toFile "t" "${toString (import ./lib.nix).one}"',
    'builtins.scopedImport { more = "1"; } ./scoped.nix',
    "(import ./lib.nix).one",
    "(import ./lib.nix).name",
    "(import ./lib.nix).where",
    "(import ./lib.nix).path",
    'toString (import "${self}/lib.nix").one',
    'toString (import (self + "/lib.nix")).one',
    'toString (import (./. + "/lib.nix")).path',
    'if (import ./lib.nix).same == (import "${self}/lib.nix").same then 1 else 2',
    "(builtins.tryEval (import ./lib.nix).bad).success",
    "p.mine",
    "p.plain.v",
    "p.one",
    "sub.value",
    "toString sub.file",
    "self.packages.x86_64-linux.a.name",
    'self.rev or "none"',
    "builtins.attrNames self",
    "self.inputs.sub.outPath",
  ]);

const failing: Write = (random) =>
  random.pick([
    "(import ./lib.nix).bad",
    "builtins.readFile ./none",
    "import ./none.nix",
    'import "${self}/none.nix"',
    "1 + ./src",
    'throw "at ${toString ./.}"',
    "throw (builtins.toJSON self.narHash)",
    "assert ./src == 1; 1",
    "(x: x) ./src 1",
    "builtins.readDir ./data.txt",
    "./src.x",
    "p.missing",
    "import ./broken.nix",
    '/. + "${./src}"',
    '/etc/passwd + "" == builtins.readFile /etc/passwd',
    "sub.missing",
  ]);

const derivationOf: Write = (random) => {
  const wrong = random.below(8) === 0;
  return `make "${random.pick(["a", "b", "c"])}" { v = ${(wrong ? failing : value)(random)}; w = [ (${value(random)}) ]; }`;
};

const flake: Write = (random) => `${comment(random)}{
  inputs.pkgs = { url = "path:/pkgs"; flake = false; };
  inputs.sub.url = "path:./sub";
  inputs.over.url = "path:/over";
  outputs = { self, pkgs, sub, over }: let
    make = name: more: derivation ({ inherit name; system = "s"; builder = "b"; } // more);
    note = "${number(random)}";
    lib = import ./lib.nix;
    p = import pkgs { overlays = [
      ${random.pick(["", "(import ./overlay.nix)", '(import (self + "/overlay.nix"))', "self.overlays.default", "self.overlays.other"])}
      ${random.pick(["", "over.overlays.default", "(import over)", "(final: prev: over.more)"])}
      ${random.pick(["", '(final: prev: { one = prev.make "inline" { inherit note; }; })', '(final: prev: { one = prev.make "inline" { src = ./src; }; })', '(final: prev: { one = prev.make "inline" { n = self.narHash; t = lib.text; }; })'])}
    ]; };
  in {
    overlays.default = ${random.pick(["import ./overlay.nix", 'final: prev: { plain = prev.make "own" { inherit note; }; }'])};
    overlays.other = final: prev: { mine = prev.make "other" { n = "${number(random)}"; src = ${random.pick(["./src", "./.", "self"])}; }; };
    packages.x86_64-linux = {
      a = ${derivationOf(random)};
      ${comment(random)}b = ${derivationOf(random)};
      c = ${random.pick(["p.mine", "p.plain", "p.one", "import ./package.nix { inherit make; }"])};
    };
    devShells.x86_64-linux.default = ${derivationOf(random)};
  };
}
`;

const library: Write = (random) => `${comment(random)}{
  one = ${number(random)};
  name = ${random.pick(['"lib"', "builtins.readFile ./data.txt", "toString ./src"])};
  where = ${random.pick(["__curPos.line", "__curPos.file", '(builtins.unsafeGetAttrPos "b" { a = 1; b = 2; }).column'])};
  path = ${random.pick(["./.", "./src", "./src/a"])};
  same = x: x;
  text = ${random.pick(["toString ./src", 'builtins.concatStringsSep "," [ (toString ./.) ]', "builtins.toJSON ./src", "builtins.toXML ./src"])};
  sources = [ ${random.pick(["./.", "./src", '"${./src}"', 'builtins.path { path = ./.; name = "n"; }'])} ];
  made = name: toString ${random.pick(["./.", "__curPos.file"])} + name;
  bad = ${random.pick(['throw "bad"', '1 + "x"', "{ }.x", "builtins.readFile ./none"])};
}
`;

const overlay: Write = (random) => `${comment(random)}final: prev: {
  mine = prev.make "mine" { v = ${random.pick([number(random), "./src", "toString ./.", "toString ./src", "final.plain"])}; };
  ${random.pick(["", 'plain = prev.make "over" { v = 1; };'])}
}
`;

const FILES: Record<string, Write> = {
  "/w/flake.nix": flake,
  "/w/lib.nix": library,
  "/w/overlay.nix": overlay,
  "/w/package.nix": (random) =>
    `${comment(random)}{ make }: make "package" { src = ${random.pick(["./.", "./src", "./package.nix"])}; n = ${number(random)}; }\n`,
  "/w/scoped.nix": (random) => `more + "${number(random)}" + toString ./src\n`,
  "/w/broken.nix": () => "{ a = \n",
  "/w/data.txt": (random) => `text${number(random)}`,
  "/w/src/a": number,
  "/w/sub/flake.nix": (random) =>
    `{ outputs = { self }: { value = ${number(random)}; file = ${random.pick(["./flake.nix", "../data.txt"])}; }; }`,
};
/** May come and go. */
const OPTIONAL: Record<string, Write> = {
  "/w/src/b": number,
  "/w/none": number,
  "/w/none.nix": number,
  "/w/data.txt": (random) => `text${number(random)}`,
};
const FLAKE = "/w/flake.nix";
const PACKAGES = `{ overlays ? [ ] }:
let
  base = final: {
    make = name: more: derivation ({ inherit name; system = "s"; builder = "b"; } // more);
    plain = final.make "plain" { v = 0; };
    one = final.make "one" { dep = final.plain; };
    mine = final.plain;
  };
  apply = f: overlay: final: let prev = f final; in prev // overlay final prev;
  fix = f: let x = f x; in x;
in
fix (builtins.foldl' apply base overlays)
`;

interface Said {
  readonly members: Record<string, string>;
  readonly error: { readonly message: string; readonly trace: readonly string[] } | null;
}

/** What the command line says. */
function atStorePath(host: MemoryHost): Said {
  const ev = new Evaluator(host, memoryStore(), PURE, flakeBuiltins(FEATURES));
  const members: Record<string, string> = {};
  let error: Said["error"] = null;
  const attempt = (run: () => void) => {
    ev.depth = 0;
    try {
      run();
    } catch (reason) {
      if (!(reason instanceof NixError)) throw reason;
      const trace = reason.frames.flatMap(({ pos, text }) => {
        const place = ev.positions.find(pos);
        if (place === null) return [];
        const { line, column } = ev.positions.lineColumn(place);
        return [
          `${place.file.path === null ? null : ev.files.physical(place.file.path)}:${line}:${column}: ${text}`,
        ];
      });
      error ??= { message: reason.message, trace };
    }
  };
  attempt(() => {
    const ref = new Map([
      ["type", "path"],
      ["path", "/w"],
    ]);
    for (const { name, slot } of outputMembers(ev, lockFlake(ev, ref))) {
      attempt(() => {
        const drv = force(slot);
        if (!(drv instanceof Attrs)) return;
        members[name] = String(
          ev.show(coerceToString(ev, drv.get("drvPath") ?? null, 0, "", PLAIN)),
        );
      });
    }
  });
  return { members, error };
}

function atItsPlace(session: EvaluationSession): Said {
  const { members, error } = session.evaluateRoot(FLAKE, "flake");
  const all = [...members].map(([name, { drvPath }]) => [name, `"${drvPath}"`]);
  if (error === null) return { members: Object.fromEntries(all), error };
  const trace = error.trace.map(
    ({ file, line, column, text }) => `${file}:${line}:${column}: ${text}`,
  );
  return { members: Object.fromEntries(all), error: { message: error.message, trace } };
}

function run(seed: number, steps: number): void {
  const random = new Random(seed);
  const host = new MemoryHost({
    "/pkgs/default.nix": PACKAGES,
    "/over/flake.nix": `{ outputs = { self }: { overlays.default = import ./.; more.one = "more"; }; }`,
    "/over/default.nix": `final: prev: { plain = prev.make "over" { p = prev.plain; }; }`,
  });
  for (const [path, write] of Object.entries(FILES)) host.files.set(path, write(random));
  const kept = flakeSession(host, memoryStore(), TEST_SETTINGS);
  kept.ev.pollMask = 0;
  const edited = new EditedFiles(host, kept);
  const { open, log } = edited;
  edited.edit(FLAKE, host.files.get(FLAKE) as string);
  for (let step = 0; step < steps; step++) {
    const kind = random.below(10);
    if (kind < 7) {
      const path = random.pick(Object.keys(FILES));
      const before = edited.text(path) ?? "";
      const text =
        random.below(2) === 0
          ? random.pick([`${before}\n`, `# x\n${before}`, before.replace(/[0-3]/, number(random))])
          : (FILES[path] as Write)(random);
      edited.change(path, text, random);
    } else if (kind < 9) {
      const path = random.pick([...Object.keys(OPTIONAL), ...open.keys()]);
      if (path === FLAKE) continue;
      edited.closeOrToggle(path, OPTIONAL[path], random);
    }
    if (random.below(3) === 0) {
      let left = random.below(100);
      kept.ev.poll = () => {
        if (--left < 0) throw new Interruption("cancelled");
      };
      try {
        atItsPlace(kept);
      } catch (error) {
        if (!(error instanceof Interruption)) throw error;
        log.push("cancelled");
      }
      kept.ev.poll = null;
    }
    const files = { ...Object.fromEntries(host.files), ...Object.fromEntries(open) };
    const expected = atStorePath(new MemoryHost(files));
    const actual = atItsPlace(kept);
    expect(actual, `seed ${seed}, step ${step}\n${log.slice(-6).join("\n---\n")}`).toEqual(
      expected,
    );
  }
}

for (let seed = 1; seed <= 12; seed++) {
  test(`random edits of a flake, seed ${seed}`, () => run(seed, 40));
}
