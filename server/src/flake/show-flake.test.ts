/** What `flake show` and `flake check` make of outputs; test/oracle/flakes.ts compares them with a real Nix. */
import { expect, test } from "vitest";
import { NixError } from "../eval/errors.ts";
import { Evaluator } from "../eval/evaluator.ts";
import { MemoryHost, memoryStore, TEST_SETTINGS } from "../testing/memory-host.ts";
import { checkFlake } from "./check-flake.ts";
import { type FlakeOutput, showFlake } from "./show-flake.ts";

const SYSTEM = "x86_64-linux";

function outputs(text: string) {
  const settings = { ...TEST_SETTINGS, system: SYSTEM };
  const ev = new Evaluator(new MemoryHost({}), memoryStore(), settings, []);
  const value = ev.evaluateText(
    `let drv = name: { type = "derivation"; inherit name; }; in { ${text} }`,
    "test",
    "/",
  );
  return { ev, value };
}

/** One line for each output that is no set. */
function shown(text: string, legacy = false): string[] {
  const { ev, value } = outputs(text);
  const lines = (output: FlakeOutput, path: string): string[] => {
    if (output.kind === "set")
      return [...output.members].flatMap(([name, member]) => lines(member, `${path}.${name}`));
    const { kind, ...more } = output;
    return [`${path.slice(1)}: ${[kind, ...Object.values(more)].join(" ")}`];
  };
  return lines(showFlake(ev, value, { allSystems: false, legacy }), "");
}

/** The error, or the warnings and what was left out. */
function checked(text: string) {
  const { ev, value } = outputs(text);
  const warnings: string[] = [];
  const warn = (message: string) => warnings.push(message);
  try {
    return { ...checkFlake(ev, value, { allSystems: false, warn }), warnings };
  } catch (error) {
    if (!(error instanceof NixError)) throw error;
    return [error.message, ...error.frames.map((frame) => frame.text)];
  }
}

test("outputs are shown by their kind, and nothing that is not shown is evaluated", () => {
  const text = `
    packages = { ${SYSTEM}.a = drv "a-1"; other-linux.b = throw "not evaluated"; empty = { }; };
    devShell.${SYSTEM} = drv "shell";
    apps.${SYSTEM}.run = { type = "app"; program = throw "not evaluated"; };
    overlays.o = throw "not evaluated";
    legacyPackages.${SYSTEM} = { a = drv "a"; bad = throw "left out"; };
    hydraJobs.deep.er = drv "job";
    mine = throw "not evaluated";
  `;
  expect(shown(text)).toEqual([
    "apps.x86_64-linux.run: app ",
    "devShell.x86_64-linux: derivation development environment shell ",
    "hydraJobs.deep.er: derivation derivation job ",
    "legacyPackages.x86_64-linux: omitted --legacy",
    "mine: other unknown",
    "overlays.o: other nixpkgs-overlay",
    "packages.other-linux.b: omitted --all-systems",
    "packages.x86_64-linux.a: derivation package a-1 ",
  ]);
  expect(shown(text, true)).toContain("legacyPackages.x86_64-linux.bad: nothing");
  expect(() => shown(`packages.${SYSTEM}.a = 1;`)).toThrow(
    expect.objectContaining({ message: "expected a derivation" }),
  );
});

test("outputs that are right: the checks to build, what was left out, old and unknown names", () => {
  expect(
    checked(`
      checks.${SYSTEM} = { b = drv "b"; a = drv "a"; };
      packages.other-linux.x = throw "not evaluated";
      devShell.${SYSTEM} = drv "shell";
      unheard = 1;
    `),
  ).toEqual({
    checks: ["a", "b"],
    omitted: ["other-linux"],
    warnings: [
      "flake output attribute 'devShell' is deprecated; use 'devShells.<system>.default' instead",
      "unknown flake output 'unheard'",
    ],
  });
});

test("the first that is wrong is told, and where", () => {
  expect(checked(`packages.${SYSTEM}.a = 1;`)).toEqual([
    "flake attribute 'packages.x86_64-linux.a' is not a derivation",
    "while checking the derivation 'packages.x86_64-linux.a'",
    "while checking flake output 'packages'",
  ]);
  expect(checked("overlays.a = self: super: { };")).toContain(
    "overlay does not take an argument named 'final'",
  );
});
