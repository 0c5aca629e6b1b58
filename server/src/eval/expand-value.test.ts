import { expect, test } from "vitest";
import { MemoryHost, memoryStore, TEST_SETTINGS } from "../testing/memory-host.ts";
import { EvaluationSession } from "./session.ts";

function evaluated(text: string) {
  const session = new EvaluationSession(new MemoryHost({}), memoryStore(), TEST_SETTINGS);
  session.setDocument("/f.nix", text, true);
  session.evaluateRoot("/f.nix");
  /** Where a part of the text stands for the last time. */
  const target = (part: string, call = 0) => {
    const start = text.lastIndexOf(part);
    return { path: "/f.nix", start, end: start + part.length, names: null, call };
  };
  return { session, target };
}

test("a value is written out over lines, its parts evaluated", () => {
  const set = `{
  a = 1 + 1; list = [ "x" { } (throw "no") ]; "b c" = "one\\ntwo\\n"; f = x: x;
  drv = derivation { name = "n"; system = "s"; builder = "b"; };
}`;
  const { session, target } = evaluated(`let s = ${set}; in builtins.seq s null`);
  expect(session.expandedAt(target(set))).toMatchInlineSnapshot(`
    "{
      a = 2;
      "b c" = ''
        one
        two
      '';
      drv = Â«derivation /nix/store/wr1i7p014rsirg48bgmkclzgi393aj0p-n.drvÂ»;
      f = Â«lambda f @ /f.nix:2:73Â»;
      list = [
        "x"
        { }
        Â«error: noÂ»
      ];
    }
    "
  `);
});

test("endless values end", () => {
  const { session, target } = evaluated(
    "let f = n: { inner = f (n + 1); }; long = builtins.genList (n: n) 100000; in [ (f 0) long ]",
  );
  expect(session.expandedAt(target("f 0"))).toContain("{ ... }");
  const text = session.expandedAt(target("builtins.genList (n: n) 100000")) ?? "";
  expect(text.split("\n").length).toBeLessThan(6000);
  expect(text).toContain("more");
});

test("each call of a function has its own values, and its place", () => {
  const { session, target } = evaluated(`let
  f = x: x + 1;
  a = f 1;
  b = f 10;
in a + b`);
  const shown = [0, 1, 2].map((call) => {
    const value = session.valueAt(target("x + 1", call));
    return `${value?.text} ${value?.call?.index} of ${value?.call?.count} from ${value?.call?.site?.line}`;
  });
  expect(shown).toEqual(["2 0 of 2 from 3", "11 1 of 2 from 4", "2 0 of 2 from 3"]);
  expect(session.valueAt(target("f 10"))?.call).toBe(null);
});

test("calls are counted in the order in which they began, not in that of what is needed of them", () => {
  const { session, target } = evaluated(`let
  f = x: { y = builtins.head [ (x + 1) ]; };
  a = f 1;
  b = f 10;
in builtins.seq a (builtins.seq b (b.y + a.y))`);
  const shown = [0, 1].map((call) => session.valueAt(target("x + 1", call))?.text);
  expect(shown).toEqual(["2", "11"]);
});
