import fc from "fast-check";
import { expect, test } from "vitest";
import { compareVersions, parseDrvName, splitVersion } from "./version.ts";

test.each<[version: string, components: string[]]>([
  ["", []],
  ["1.2.3", ["1", "2", "3"]],
  ["1.2pre3-x", ["1", "2", "pre", "3", "x"]],
  ["..--1", ["1"]],
  ["a+b_1", ["a+b_", "1"]],
  ["\xe9\n2", ["\xe9\n", "2"]],
])("the components of %j", (version, components) => {
  expect(splitVersion(version)).toEqual(components);
});

test.each([
  ["1.0", "2.3"],
  ["2.1", "2.3"],
  ["2.3", "2.5"],
  ["2.3", "3.1"],
  ["2.3", "2.3.1"],
  ["2.3a", "2.3.1"],
  ["2.3pre1", "2.3"],
  ["2.3pre3", "2.3pre12"],
  ["2.3a", "2.3c"],
  ["2.3pre1", "2.3c"],
  ["2.3pre1", "2.3q"],
  ["", "1"],
  ["9", "10"],
  ["", "a"],
  ["pre", ""],
  // Too long for a number: text, by bytes.
  ["100000000000", "99999999999"],
  ["99999999999", "1"],
])("%j is older than %j", (a, b) => {
  expect(compareVersions(a, b)).toBe(-1);
  expect(compareVersions(b, a)).toBe(1);
});

test.each([
  ["2.3", "2-3"],
  ["1.02", "1.2"],
  ["1.2", ".1..2-"],
  ["0x", "0.x"],
])("%j and %j are equal", (a, b) => {
  expect(compareVersions(a, b)).toBe(0);
});

test("the order has two directions", () => {
  const version = fc.string({ unit: fc.constantFrom(..."019.-apre"), maxLength: 8 });
  fc.assert(
    fc.property(version, version, (a, b) => {
      expect(compareVersions(b, a) + compareVersions(a, b)).toBe(0);
    }),
  );
});

test.each([
  ["nix-0.12pre12876", "nix", "0.12pre12876"],
  ["a-b-1", "a-b", "1"],
  ["hello", "hello", ""],
  ["a-", "a-", ""],
  ["-1", "", "1"],
  ["a--b", "a", "-b"],
  ["a-\xe9", "a", "\xe9"],
  ["a-\n", "a", "\n"],
  ["a-b", "a-b", ""],
])("the name and version of %j", (drvName, name, version) => {
  expect(parseDrvName(drvName)).toEqual({ name, version });
});
