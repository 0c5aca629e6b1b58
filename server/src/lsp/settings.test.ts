import { expect, test } from "vitest";
import { readSettings } from "./settings.ts";

test("nothing said: defaults, and trusted as given", () => {
  expect(readSettings(undefined, true)).toEqual({
    trusted: true,
    nixPath: [],
    system: null,
    nixVersion: "2.26",
    substituters: null,
    trustedPublicKeys: null,
    timeLimit: 60,
    memoryLimit: 4096,
    depth: 10_000,
    fetchLocked: false,
    derivationHints: true,
    askCaches: false,
    hintStyle: { format: "{hash} {name} {state}", lineLength: null, values: false },
    formatterCommand: [],
    baseline: "HEAD",
    roots: new Map(),
  });
});

test("values of a wrong type count as not said", () => {
  const wrong = { nixPath: "x", system: 1, evaluation: { timeLimit: -1, depth: "9" }, hints: null };
  expect(readSettings(wrong, true)).toEqual(readSettings({}, true));
  expect(readSettings("text", true)).toEqual(readSettings({}, true));
});

test("what is said counts", () => {
  const settings = readSettings(
    {
      nixPath: ["nixpkgs=/p", 1],
      roots: { "a.nix": "overlay", "b.nix": "nonsense" },
      system: "aarch64-linux",
      baseline: "lastBuild",
      substituters: [],
      trustedPublicKeys: ["test-1:AAAA", 5],
      evaluation: { timeLimit: 2, memoryLimit: 100, depth: 5 },
      fetch: { locked: true },
      hints: { derivations: false, askCaches: true },
      formatter: { command: ["nixfmt", "-q"] },
    },
    true,
  );
  expect(settings).toEqual({
    trusted: true,
    hintStyle: { format: "{hash} {name} {state}", lineLength: null, values: false },
    baseline: "lastBuild",
    roots: new Map([["a.nix", "overlay"]]),
    nixPath: ["nixpkgs=/p"],
    system: "aarch64-linux",
    nixVersion: "2.26",
    substituters: [],
    trustedPublicKeys: ["test-1:AAAA"],
    timeLimit: 2,
    memoryLimit: 100,
    depth: 5,
    fetchLocked: true,
    derivationHints: false,
    askCaches: true,
    formatterCommand: ["nixfmt", "-q"],
  });
});

test("without trust limits are low and no program runs", () => {
  const options = {
    trusted: false,
    hints: { askCaches: true },
    formatter: { command: "nixfmt" },
    fetch: { locked: true },
  };
  expect(readSettings(options, true)).toMatchObject({
    trusted: false,
    fetchLocked: false,
    timeLimit: 5,
    memoryLimit: 512,
    formatterCommand: [],
    askCaches: false,
  });
});

test("the Nix of the machine is followed only in a trusted workspace", () => {
  const versionOf = (nixVersion: unknown, trusted: boolean) =>
    readSettings({ nixVersion }, trusted).nixVersion;
  expect(versionOf("2.8", true)).toBe("2.8");
  expect(versionOf("newest", false)).toBe("newest");
  expect(versionOf("auto", true)).toBeNull();
  expect(versionOf("auto", false)).toBe("2.26");
  expect(versionOf(2.8, true)).toBe("2.26");
});
