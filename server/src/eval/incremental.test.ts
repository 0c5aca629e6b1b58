/**
 * After any sequence of edits an evaluation that has kept what it could says what a fresh one says:
 * derivations, errors, traces. With evaluations that are cancelled or must wait in between, and questions
 * in the middle of them.
 */
import { expect, test } from "vitest";
import { EditedFiles } from "../testing/edited-files.ts";
import { MemoryHost, memoryStore, TEST_SETTINGS } from "../testing/memory-host.ts";
import { Random, type Write } from "../testing/random.ts";
import { Interruption } from "./errors.ts";
import { EvaluationSession, type RootReport } from "./session.ts";

const number: Write = (random) => String(random.below(4));
const comment: Write = (random) => random.pick(["", "# a\n", "\n\n", "/* b */ "]);

/** A package set with an overlay fixpoint, memoised and made in stages as nixpkgs is. */
const packages: Write = (
  random,
) => `${comment(random)}{ overlays ? [ ], config ? { }, label ? "l" }:
let
  make = name: more: derivation ({ inherit name; system = "s"; builder = "b"; } // more);
  base = before: final: {
    inherit make;
    hello = make "hello" { v = "${number(random)}"; tool = before.hello.out or null; };
    curl = make "curl" { dep = final.hello; inherit label; };
    checked = if config.allow or (p: false) final.hello then final.curl else throw "refused ${number(random)}";
  };
  apply = f: overlay: final: let prev = f final; in prev // overlay final prev;
  fix = f: let x = f x; in x;
  stage = before: fix (builtins.foldl' apply (base before) overlays);
in
stage (stage ${random.pick(["{ }", "(stage { })"])})
`;

const library: Write = (random) => `${comment(random)}rec {
  one = ${number(random)};
  name = ${random.pick(['"lib"', "builtins.readFile ./data.txt", "toString (one + 1)"])};
  hasData = builtins.pathExists ./data.txt;
  entries = builtins.concatStringsSep "-" (builtins.attrNames (builtins.readDir ./src));
  where = ${random.pick(["__curPos.line", '(builtins.unsafeGetAttrPos "b" { a = 1; b = 2; }).column'])};
  twice = f: x: f (f x);
  bad = ${random.pick(['throw "bad"', '1 + "x"', "one.two", "missingName or 1".replace("missingName or 1", "{ }.x or 1")])};
}
`;

const expression: Write = (random) =>
  random.pick([
    "p.hello",
    "p.curl",
    "p.own or p.hello",
    'p.make "shell" { own = (p.own or p.curl).out; }',
    "p.checked",
    'p.make "own" { src = ./src; }',
    'p.make "self" { src = ./.; }',
    'p.make "read" { text = builtins.readFile ./data.txt; }',
    'p.make "named" { n = lib.name; w = toString lib.where; }',
    'p.make "entries" { inherit (lib) entries; }',
    'if lib.hasData then p.hello else p.make "nodata" { }',
    'if builtins.pathExists (toString ./. + "/new.nix") then import ./new.nix else p.hello',
    "(import ./function.nix { inherit p; })",
    "(import ./function.nix { inherit p; more = lib.one; })",
    'p.make "twice" { n = toString (lib.twice (x: x + 1) 1); }',
    'p.make "bad" { b = lib.bad; }',
    "p.curll",
    'p.make "file" { f = builtins.toFile "t" "${toString lib.one}"; }',
    'p.make "path" { f = "${./data.txt}"; }',
    'p.make "try" { t = (builtins.tryEval lib.bad).success; }',
    "(import /t { }).one",
    "(import /t { config = { }; }).either",
    "(import /t { }).rest.two",
    "(builtins.elemAt (import /t { }).all 1)",
    'p.make "tree" { t = map (pkg: pkg.v) (import /t { }).all; }',
  ]);

const root: Write = (random) => `${comment(random)}let
  lib = import ./lib.nix;
  note = "${number(random)}";
  p = import ./packages.nix {
    ${random.pick(["", 'label = "m";', "label = lib.name;"])}
    ${random.pick(["", "config = { allow = pkg: true; };", "config = { allow = pkg: lib.one > 1; };"])}
    ${random.pick(["", 'overlays = [ (final: prev: { hello = prev.make "hello2" { inherit note; }; }) ];', 'overlays = [ (final: prev: { own = final.make "own" { dep = prev.hello; n = lib.name; }; }) ];', "overlays = [ (import ./overlay.nix) ];"])}
  };
in
{
  a = ${expression(random)};
  b = [ (${expression(random)}) ];
  ${comment(random)}c = ${expression(random)};
}
`;

const overlay: Write = (random) =>
  `${comment(random)}final: prev: { curl = prev.curl // { extra = ${number(random)}; }; hello = prev.make "over" { n = "${number(random)}"; }; }\n`;

const called: Write = (random) =>
  `${comment(random)}{ p, more ? 1 }:\np.make "called" { m = toString more; c = "${number(random)}"; dep = ${random.pick(["p.hello", "p.curl"])}; }\n`;

/** A tree of packages, each a file that is called with the others. */
const tree: Write = (random) => `${comment(random)}{ config ? { } }:
let
  lib = import ../w/lib.nix;
  make = name: more: derivation ({ inherit name; system = "s"; builder = "b"; } // more);
  call = file: more:
    let f = import file; in f (builtins.intersectAttrs (builtins.functionArgs f) pkgs // more);
  pkgs = {
    inherit make;
    one = call ./pkgs/first { };
    two = call ./pkgs/second { };
    three = call ./pkgs/third.nix { ${random.pick(["", 'label = "t";'])} };
    four = make "four" { n = lib.name; };
    five = make "five" { v = toString lib.one; };
    either = if (builtins.tryEval pkgs.one.v).success then pkgs.two else pkgs.three;
    all = [ pkgs.one pkgs.two ];
    rest = removeAttrs pkgs [ ${random.pick(['"one"', '"two" "three"'])} ];
  };
in
pkgs
`;

/** @param name of the package @param others that it may use */
const packageFile =
  (name: string, others: readonly string[]): Write =>
  (random) =>
    `${comment(random)}{ make, ${others.join(", ")}, label ? "l" }:
${random.pick(["", `assert ${random.pick(others)} ? v;\n`])}make "${name}" {
  v = ${random.pick([`"${number(random)}"`, `"${number(random)}"`, 'throw "none"', "label"])};
  ${random.pick(["", `dep = ${random.pick(others)};`, `dep = [ ${others.join(" ")} ];`])}
  ${random.pick(["", `n = "\${${random.pick(others)}.v or "?"}";`, "where = __curPos.line;"])}
  ${random.pick(["", `chosen = if ${random.pick(others)} ? n then ${others[0]} else ${others[1]};`])}
}
`;

const data: Write = (random) => `text${number(random)}`;

const PACKAGES: Record<string, Write> = {
  "/t/pkgs/first/default.nix": packageFile("one", ["two", "three"]),
  "/t/pkgs/second/default.nix": packageFile("two", ["three", "four"]),
  "/t/pkgs/third.nix": packageFile("three", ["four", "five"]),
};

const FILES: Record<string, Write> = {
  "/w/default.nix": root,
  "/w/shell.nix": root,
  "/w/lib.nix": library,
  "/w/packages.nix": packages,
  "/w/overlay.nix": overlay,
  "/w/function.nix": called,
  "/w/data.txt": data,
  "/w/src/a": data,
  "/t/default.nix": tree,
  ...PACKAGES,
};
/** May come and go. */
const OPTIONAL: Record<string, Write> = {
  "/w/data.txt": data,
  "/w/src/b": data,
  "/w/new.nix": (random) =>
    `derivation { name = "new${number(random)}"; system = "s"; builder = "b"; }`,
  "/w/overlay.nix": overlay,
  "/w/lib.nix": library,
  ...PACKAGES,
};
const ROOTS = ["/w/default.nix", "/w/shell.nix"];

/** Waits now and then: every so many questions one is answered with `pending`. */
class WaitingHost extends MemoryHost {
  patience = Number.POSITIVE_INFINITY;
  override readFile(path: string): ReturnType<MemoryHost["readFile"]> {
    if (--this.patience < 0) {
      this.patience = Number.POSITIVE_INFINITY;
      return { ok: "pending", key: path };
    }
    return super.readFile(path);
  }
}

interface Said extends Pick<RootReport, "error" | "through"> {
  derivations: [string, unknown][];
  members: [string, unknown][];
}

function said(session: EvaluationSession, path: string): Said {
  const { derivations, members, error, through } = session.evaluateRoot(path);
  const sorted = [...derivations].sort(([a], [b]) => (a < b ? -1 : 1));
  return { derivations: sorted, members: [...members], error, through };
}

function run(seed: number, steps: number): void {
  const random = new Random(seed);
  const host = new WaitingHost();
  for (const [path, write] of Object.entries(FILES)) host.files.set(path, write(random));
  const kept = new EvaluationSession(host, memoryStore(), TEST_SETTINGS);
  kept.ev.pollMask = 0;
  const edited = new EditedFiles(host, kept);
  const { open, log } = edited;
  for (const path of ROOTS) edited.edit(path, host.files.get(path) as string);
  for (let step = 0; step < steps; step++) {
    const kind = random.below(10);
    if (kind < 5) {
      const path = random.pick(Object.keys(FILES));
      const before = edited.text(path);
      const text =
        random.below(3) === 0 && before !== undefined
          ? random.pick([
              `${before}\n`,
              `# x\n${before}`,
              before.replace(/[0-9]/, (n) => String((Number(n) + 1) % 4)),
              `${before} }`,
            ])
          : (FILES[path] as Write)(random);
      edited.change(path, text, random);
    } else if (kind < 8) {
      const path = random.pick(Object.keys(OPTIONAL));
      edited.closeOrToggle(path, OPTIONAL[path], random);
    }
    const roots = [...ROOTS, ...Object.keys(PACKAGES).filter((each) => open.has(each))];
    const path = random.pick(roots);
    const interruption = random.below(4);
    if (interruption < 2) {
      let left = random.below(60);
      if (interruption === 0) host.patience = random.below(8);
      else {
        kept.ev.poll = () => {
          if (--left < 0) throw new Interruption("cancelled");
        };
      }
      try {
        said(kept, path);
      } catch (error) {
        if (!(error instanceof Interruption)) throw error;
        log.push(`${error.reason} ${path}`);
      }
      host.patience = Number.POSITIVE_INFINITY;
      kept.ev.poll = null;
    }
    const fresh = new EvaluationSession(
      new MemoryHost(Object.fromEntries(host.files)),
      memoryStore(),
      TEST_SETTINGS,
    );
    for (const [document, text] of open) fresh.setDocument(document, text, true);
    // What has been evaluated before makes no difference.
    if (random.below(2) === 0) said(fresh, random.pick(roots));
    const expected = own(said(fresh, path), path);
    if (random.below(2) === 0) kept.ev.poll = askNowAndThen(kept, random);
    const actual = own(said(kept, path), path);
    kept.ev.poll = null;
    // Through what a package has been used is still known when that is broken.
    if (path in PACKAGES && expected.through === null) continue;
    expect(actual, `seed ${seed}, step ${step}, ${path}\n${log.slice(-6).join("\n---\n")}`).toEqual(
      expected,
    );
  }
}

/** Questions of the editor in the middle of an evaluation, which change nothing. */
function askNowAndThen(session: EvaluationSession, random: Random): () => void {
  let left = random.below(40);
  const asks = [["p"], ["p", "hello"], ["p", "curl"], ["lib"], ["lib", "bad"], ["final", "hello"]];
  return () => {
    if (--left >= 0) return;
    left = random.below(40);
    session.ev.poll = null;
    const path = random.pick(Object.keys(FILES));
    const start = random.below(200);
    const target = { path, start, end: start + random.below(10), names: random.pick(asks) };
    try {
      session.ev.meanwhile(() => [session.valueAt(target), session.attributesOf(target)]);
    } catch (error) {
      if (!(error instanceof Interruption)) throw error;
    }
    session.ev.poll = askNowAndThen(session, random);
  };
}

/** Of other open files the last values stay until they are evaluated again. */
function own({ derivations, ...rest }: Said, path: string): Said {
  return { derivations: derivations.filter(([file]) => file === path), ...rest };
}

for (let seed = 1; seed <= 16; seed++) {
  test(`random edits, seed ${seed}`, () => run(seed, 40));
}
