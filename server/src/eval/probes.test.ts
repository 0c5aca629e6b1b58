import { expect, test } from "vitest";
import { MemoryHost, memoryStore, TEST_SETTINGS } from "../testing/memory-host.ts";
import { EvaluationSession } from "./session.ts";

const MAKE = 'name: dep: derivation { inherit name dep; system = "s"; builder = "b"; }';

function opened(files: Record<string, string>): EvaluationSession {
  const session = new EvaluationSession(new MemoryHost(files), memoryStore(), TEST_SETTINGS);
  for (const [path, text] of Object.entries(files)) session.setDocument(path, text);
  return session;
}

/** The names of the derivations that are shown in a file after its root has been evaluated. */
function shown(session: EvaluationSession, path: string): string[] {
  return (session.evaluateRoot(path).derivations.get(path) ?? []).map(({ name }) => name);
}

test("a call is forgotten with what it was made for", () => {
  const library = `{ make = name: let it = (${MAKE}) name null; in { inherit it; }; }`;
  const session = opened({
    "/w/library.nix": library,
    "/w/version.nix": "1",
    "/w/default.nix":
      'with import ./library.nix; if import ./version.nix == 1 then (make "old").it else (make "new").it',
  });
  expect(shown(session, "/w/default.nix")).toEqual(["old"]);
  expect(shown(session, "/w/library.nix")).toEqual(["old", "old"]);
  session.setDocument("/w/version.nix", "2");
  expect(shown(session, "/w/default.nix")).toEqual(["new"]);
  expect(shown(session, "/w/library.nix")).toEqual(["new", "new"]);
  const start = library.indexOf(`(${MAKE})`);
  const end = library.indexOf("; in {");
  expect(session.valueAt({ path: "/w/library.nix", start, end, names: null })).toMatchObject({
    derivation: { name: "new" },
    call: null,
  });
});

/** A package set that is made in stages: each makes `own` with the `own` of the one before, wrapped as packages are. */
const STAGES = `let
  make = name: dep:
    let it = (${MAKE}) name dep; in it // { drvPath = it.drvPath; outPath = it.outPath; };
  stage = name: before: let final = overlay final { inherit make name before; }; in final;
  overlay = final: prev: { own = prev.make prev.name (prev.before.own or null); };
  first = stage "first" { };
  last = stage "last" first;
in `;

test("of a function that is called in stages the last stage is shown, though only an output of it is needed", () => {
  const used = `${STAGES} builtins.seq first.own.drvPath (make "root" last.own.out)`;
  expect(shown(opened({ "/w/default.nix": used }), "/w/default.nix")).toContain("last");
  expect(shown(opened({ "/w/default.nix": used }), "/w/default.nix")).not.toContain("first");
});

test("of calls that the root does not need the first is shown", () => {
  const used = `${STAGES} builtins.seq (builtins.seq last.own first.own) (make "root" null)`;
  expect(shown(opened({ "/w/default.nix": used }), "/w/default.nix")).toContain("last");
});

test("a call since the last change is shown before those that began earlier", () => {
  const session = opened({
    "/w/library.nix": `{ make = name: (${MAKE}) name null; }`,
    "/w/version.nix": "1",
    "/w/default.nix": '(import ./library.nix).make "kept"',
    "/w/shell.nix":
      'with import ./library.nix; if import ./version.nix == 1 then make "old" else make "new"',
  });
  for (const path of ["/w/default.nix", "/w/shell.nix"]) session.evaluateRoot(path);
  const named = () => {
    const start = "{ make = name: ".length;
    const end = start + `(${MAKE}) name null`.length;
    session.evaluateRoot("/w/library.nix");
    return session.valueAt({ path: "/w/library.nix", start, end, names: null })?.derivation?.name;
  };
  expect(named()).toBe("kept");
  session.setDocument("/w/version.nix", "2");
  session.evaluateRoot("/w/shell.nix");
  expect(named()).toBe("new");
});
