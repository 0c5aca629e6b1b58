import { expect, test } from "vitest";
import { memoryEvaluator } from "../testing/memory-host.ts";
import {
  type ChangedDerivation,
  derivationClosure,
  derivationDifference,
} from "./derivation-difference.ts";

const ev = memoryEvaluator();

function drv(attributes: string): string {
  const text = `(derivation ({ name = "n"; system = "s"; builder = "b"; } // ${attributes})).drvPath`;
  return ev.show(ev.evaluateText(text, "test", "/")).replaceAll('"', "");
}

function differences(before: string, after: string): string[] {
  const lines = (changed: ChangedDerivation, depth: string): string[] => [
    `${depth}${changed.name}`,
    ...changed.differences.map(({ kind, name, before: old, after: now }) => {
      const short = (text: string | null) => text?.replaceAll(/[0-9a-z]{32}/g, "HASH") ?? "-";
      return `${depth}  ${kind} ${name}: ${short(old)} => ${short(now)}`;
    }),
    ...changed.inputs.flatMap((input) => lines(input, `${depth}    `)),
  ];
  return lines(derivationDifference(ev.store, drv(before), drv(after)), "");
}

const input = (more: string) =>
  `derivation { name = "dep-1"; system = "s"; builder = "b"; ${more} }`;

test("what a derivation says itself", () => {
  expect(differences('{ a = "1"; b = "x"; }', '{ a = "2"; c = "y"; }')).toEqual([
    "n",
    "  variable a: 1 => 2",
    "  variable b: x => -",
    "  variable c: - => y",
  ]);
  expect(differences("{ args = [ 1 ]; }", '{ args = [ 2 ]; builder = "c"; }')).toEqual([
    "n",
    "  builder builder: b => c",
    "  arguments args: 1 => 2",
  ]);
});

test("a difference of an input is only the input's", () => {
  const user = (more: string) => `{ dep = ${input(more)}; both = "x \${${input(more)}} y"; }`;
  expect(differences(user('a = "1";'), user('a = "2";'))).toEqual([
    "n",
    "    dep-1",
    "      variable a: 1 => 2",
  ]);
});

test("another version is the same input, another package is not", () => {
  const user = (name: string) => `{ dep = ${input("").replace("dep-1", name)}; }`;
  expect(differences(user("dep-1"), user("dep-2"))).toEqual([
    "n",
    "    dep-2",
    "      variable name: dep-1 => dep-2",
  ]);
  expect(differences(user("dep-1"), user("other"))).toEqual([
    "n",
    "  variable dep: /nix/store/HASH-dep-1 => /nix/store/HASH-other",
    "  input dep-1: /nix/store/HASH-dep-1.drv => -",
    "  input other: - => /nix/store/HASH-other.drv",
  ]);
});

test("sources", () => {
  const user = (text: string) => `{ src = builtins.toFile "src" "${text}"; }`;
  expect(differences(user("1"), user("2"))).toEqual([
    "n",
    "  source src: /nix/store/HASH-src => /nix/store/HASH-src",
  ]);
});

test("the closure is everything that has to be built", () => {
  expect(derivationClosure(ev.store, drv(`{ dep = ${input("")}; }`)).size).toBe(2);
});
