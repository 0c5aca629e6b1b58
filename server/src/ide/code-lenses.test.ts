import { expect, test } from "vitest";
import { analyze } from "../testing/analysis-fixture.ts";
import { counterpart, type LensChange } from "./code-lenses.ts";
import type { BuildState, DerivationHint, ShellPlan } from "./evaluation-view.ts";

/** Lenses of a text in which everything called `drv` is a derivation. */
function lenses(source: string): string[] {
  const { host, id, text } = analyze(source);
  const written = host.analysis().file(id)?.source ?? "";
  const derivations = [...written.matchAll(/\bdrv\b/g)].map(({ index }): DerivationHint => {
    const drvPath = `/nix/store/${index}-drv.drv`;
    return { start: index, end: index + 3, name: "drv", drvPath, outputs: [] };
  });
  return host
    .analysis()
    .codeLenses(id, derivations)
    .map((lens) => `${text(lens)}| ${lens.title} ${lens.arguments.map(plain)}`);
}

/** A target as its file and its attribute path. */
function plain(argument: unknown): string {
  if (typeof argument === "string") return argument;
  const { file, attributePath } = argument as { file: string; attributePath: string[] };
  return [file, ...attributePath].join(" ");
}

test("the result of a file, through functions and lets", () => {
  expect(lenses("{ a ? 1 }: let drv = a; in drv")).toEqual([
    "drv| Enter dev shell /default.nix",
    "drv| Build /default.nix",
    "drv| Show derivation /nix/store/27-drv.drv",
  ]);
});

test("the attributes of a set, also in sets inside it", () => {
  expect(lenses("{ a = drv; b.c = { d = drv; }; e = [ drv ]; }")).toEqual([
    "a = | Enter dev shell /default.nix a",
    "a = | Build /default.nix a",
    "a = | Show derivation /nix/store/6-drv.drv",
    "d = | Enter dev shell /default.nix b c d",
    "d = | Build /default.nix b c d",
    "d = | Show derivation /nix/store/23-drv.drv",
  ]);
});

test("what a command line cannot name is only shown", () => {
  expect(lenses("{ stdenv, lib }: drv")).toEqual(["drv| Show derivation /nix/store/17-drv.drv"]);
});

test("outputs of a flake", () => {
  const drv = `#- /flake.nix
{ outputs = { self }: { devShells.s.default = drv; }; }`;
  expect(lenses(drv).filter((lens) => !lens.includes("Show"))).toEqual([
    "devShells.s.default = | Enter dev shell /flake.nix devShells s default",
    "devShells.s.default = | Build /flake.nix devShells s default",
  ]);
  const perSystem = `#- /flake.nix
{ outputs = { self }: { devShells = each (system: { }); }; }`;
  expect(lenses(perSystem)).toEqual(["devShells = | Enter dev shell /flake.nix"]);
  const named = (outputs: string) =>
    lenses(`#- /flake.nix\n{ outputs = { self }: ${outputs}; }`).filter(
      (lens) => !lens.includes("Show"),
    );
  expect(named("each (system: { packages.a = drv; devShells.b = drv; checks.c = drv; })")).toEqual([
    "packages.a = | Build /flake.nix a",
    "devShells.b = | Enter dev shell /flake.nix b",
  ]);
});

test("an output of a flake is compared with the one of the same name and this system", () => {
  const flake =
    "{ outputs = { self }: { packages.s = { a = drv; b = drv; }; checks = e (s: { b = drv; }); }; }";
  const { host, id } = analyze(`#- /flake.nix\n${flake}`);
  const written = host.analysis().file(id)?.source ?? "";
  const derivations = [...written.matchAll(/\bdrv\b/g)].map(({ index }): DerivationHint => {
    const drvPath = `/now/${index}`;
    return { start: index, end: index + 3, name: "drv", drvPath, outputs: [] };
  });
  const names = ["packages.a", "packages.b", "checks.b"];
  const members = names.map((name) => [name, { name: "drv", drvPath: `/then/${name}` }]);
  const baseline = {
    reference: "HEAD",
    members: Object.fromEntries(members),
    closure: new Set<string>(),
  };
  expect(
    host
      .analysis()
      .lensPlaces(id, derivations)
      .map((place) => counterpart(place, baseline)),
  ).toEqual(["/then/packages.a", "/then/packages.b", "/then/checks.b"]);
});

test("nothing where nothing is a derivation", () => {
  expect(lenses("[ drv ]")).toEqual([]);
});

test("what entering and building would take", () => {
  const { host, id } = analyze("drv");
  const drvPath = "/nix/store/0-drv.drv";
  const drv: DerivationHint = { start: 0, end: 3, name: "drv", drvPath, outputs: [] };
  const titles = (state: BuildState, shell: ShellPlan) =>
    host
      .analysis()
      .codeLenses(id, [drv], {
        states: new Map([[drvPath, state]]),
        shells: new Map([[drvPath, shell]]),
      })
      .map(({ title }) => title);
  const plan = { here: 3, fetch: 12, downloadSize: 48e6, build: 2 };
  expect(titles("cached", plan)).toEqual([
    "Enter dev shell (3 ✓ · 12 ↓ 48 MB · 2 ⚒)",
    "Build ↓",
    "Show derivation",
  ]);
  const small = { here: 0, fetch: 1, downloadSize: 2e4, build: 0 };
  expect(titles("to-build", small).slice(0, 2)).toEqual([
    "Enter dev shell (1 ↓ 0.1 MB)",
    "Build ⚒",
  ]);
  const done = { here: 0, fetch: 0, downloadSize: 0, build: 0 };
  expect(titles("built", done).slice(0, 2)).toEqual(["Enter dev shell ✓", "Build ✓"]);
});

test("what a derivation was in the baseline", () => {
  const source = "{ a = drv; b = drv; c = drv; }";
  const { host, id } = analyze(source);
  const drvPaths = ["/same", "/new", "/other"];
  const written = host.analysis().file(id)?.source ?? "";
  const derivations = [...written.matchAll(/\bdrv\b/g)].map(({ index }, i): DerivationHint => {
    const name = `n${i}`;
    return { start: index, end: index + 3, name, drvPath: drvPaths[i] ?? "", outputs: [] };
  });
  const places = host.analysis().lensPlaces(id, derivations);
  const baseline = {
    reference: "HEAD",
    members: { a: { name: "x", drvPath: "/same" }, moved: { name: "n2", drvPath: "/old" } },
    closure: new Set(["/same", "/old"]),
  };
  expect(places.map((place) => counterpart(place, baseline))).toEqual(["/same", null, "/old"]);
  const change = (before: string | null, count: LensChange["count"]): LensChange => {
    return { reference: "HEAD", before, count };
  };
  const changes = new Map([
    ["/same", change("/same", null)],
    ["/new", change(null, null)],
    ["/other", change("/old", { changed: 2, total: 9 })],
  ]);
  const shown = host.analysis().codeLenses(id, derivations, { changes });
  expect(shown.filter(({ command }) => command === "whatChanged")).toMatchObject([
    { title: "Same derivation as HEAD: nothing to rebuild", arguments: [null, null, "n0", "HEAD"] },
    { title: "Not in HEAD", arguments: [null, null, "n1", "HEAD"] },
    { title: "Changes 2 of 9 derivations since HEAD", arguments: ["/old", "/other", "n2", "HEAD"] },
  ]);
});

test("a derivation of a file that another root evaluates is found by its name", () => {
  const derivation = (drvPath: string) => {
    const name = drvPath.replace(/^.*?-|\.drv$/g, "");
    const attributePath = [name];
    return { start: 0, end: 0, attributePath, isPerSystem: false, derivation: hint(name, drvPath) };
  };
  const hint = (name: string, drvPath: string) => ({
    start: 0,
    end: 0,
    name,
    drvPath,
    outputs: [],
  });
  const closure = ["a-ssl-1.1", "b-ssl-1.1.tar.gz", "c-two-1", "d-two-2", "e-tool-1"];
  const baseline = {
    reference: "HEAD",
    members: {},
    closure: new Set(closure.map((name) => `/s/${name}.drv`)),
  };
  const before = (name: string) => counterpart(derivation(`/s/${name}.drv`), baseline);
  expect(before("x-ssl-1.2")).toBe("/s/a-ssl-1.1.drv");
  expect(before("x-ssl-1.2.tar.gz")).toBe(null);
  expect(before("x-two-2")).toBe("/s/d-two-2.drv");
  expect(before("x-two-3")).toBe(null);
  expect(before("x-new-1")).toBe(null);
});
