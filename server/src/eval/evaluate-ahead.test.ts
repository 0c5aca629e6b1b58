import { expect, test } from "vitest";
import { MemoryHost, memoryStore, TEST_SETTINGS } from "../testing/memory-host.ts";
import { Interruption } from "./errors.ts";
import { EvaluationSession } from "./session.ts";

const SHELL = "let pkgs = import ./packages.nix; in [ pkgs.p1 ]";

/** A shell over some packages; p3 fails, every one says when it is evaluated. */
function world(count: number) {
  const host = new MemoryHost({
    "/w/shell.nix": SHELL,
    "/w/packages.nix": `let
      package = name: if name == "p3" then throw "broken" else builtins.trace name (derivation {
        inherit name; system = "x"; builder = "b"; count = builtins.foldl' (a: b: a + b) 0 [ 1 2 3 4 5 ];
      });
      named = i: { name = "p\${toString i}"; value = package "p\${toString i}"; };
    in builtins.listToAttrs (builtins.genList named ${count}) // { callPackage = x: x; }`,
  });
  const session = new EvaluationSession(host, memoryStore(), TEST_SETTINGS);
  session.setDocument("/w/shell.nix", SHELL);
  const evaluate = () => session.evaluateRoot("/w/shell.nix").derivations.get("/w/shell.nix");
  return { host, session, evaluate };
}

test("packages that are not used yet are evaluated once, and what fails among them does no harm", () => {
  const { host, session, evaluate } = world(1200);
  const before = evaluate();
  expect(host.messages).toEqual(["trace: p1"]);
  for (let i = 0; i < 300; i++) expect(session.packagesAhead("/w/shell.nix")?.step()).toBe(true);
  const { length } = host.messages;
  expect(length).toBeGreaterThan(250);
  expect(new Set(host.messages).size).toBe(length);
  session.setDocument("/w/shell.nix", `${SHELL} `);
  expect(evaluate()).toEqual(before);
  expect(host.messages).toHaveLength(length);
  const ahead = session.packagesAhead("/w/shell.nix");
  while (ahead?.step()) {}
  expect(host.messages.length).toBeGreaterThan(800);
});

test("an interrupted turn goes on with what it was at", () => {
  const { host, session, evaluate } = world(1200);
  evaluate();
  session.ev.pollMask = 0;
  let calls = 0;
  session.ev.poll = () => {
    if (++calls % 4 === 0) throw new Interruption("cancelled");
  };
  for (let i = 0; i < 100; i++) session.packagesAhead("/w/shell.nix")?.step();
  session.ev.poll = null;
  expect(host.messages.length).toBeGreaterThan(5);
  const fresh = world(1200);
  session.setDocument("/w/shell.nix", SHELL.replace("p1", "p1 pkgs.p742"));
  fresh.session.setDocument("/w/shell.nix", SHELL.replace("p1", "p1 pkgs.p742"));
  expect(evaluate()).toEqual(fresh.evaluate());
});

test("a small set is no package set", () => {
  const { session, evaluate } = world(50);
  expect(session.packagesAhead("/w/shell.nix")).toBeNull();
  evaluate();
  expect(session.packagesAhead("/w/shell.nix")).toBeNull();
});
