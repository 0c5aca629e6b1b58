import { expect, test } from "vitest";
import type { BuildState, DerivationHint } from "./evaluation-view.ts";
import { inlayHints } from "./inlay-hints.ts";

const hello: DerivationHint = {
  start: 10,
  end: 20,
  name: "hello-2.10",
  drvPath: "/nix/store/2mcs5m10gn22b06m4xprsvvw8c1pg599-hello-2.10.drv",
  outputs: [
    { name: "out", path: "/nix/store/00000000000000000000000000000000-hello-2.10" },
    { name: "dev", path: null },
  ],
};

test("hash, name and paths, behind the expression", () => {
  expect(inlayHints([hello], { start: 0, end: 100 })).toEqual([
    {
      offset: 20,
      label: "2mcs5m1 hello-2.10",
      tooltip: `${hello.drvPath}\nout: ${hello.outputs[0]?.path}\ndev: known after the build`,
    },
  ]);
});

test("only those in the range", () => {
  expect(inlayHints([hello], { start: 0, end: 19 })).toEqual([]);
  expect(inlayHints([hello], { start: 20, end: 30 })).toHaveLength(1);
});

test("the baseline says whether it is the same", () => {
  const baseline = (...closure: string[]) => ({
    reference: "HEAD",
    members: {},
    closure: new Set(closure),
  });
  const label = (...closure: string[]) =>
    inlayHints([hello], { start: 0, end: 100 }, { baseline: baseline(...closure) })[0]?.label;
  expect(label(hello.drvPath)).toBe("2mcs5m1 hello-2.10 =");
  expect(label("/other")).toBe("2mcs5m1 hello-2.10 ≠");
  expect(label()).toBe("2mcs5m1 hello-2.10");
});

test("where its result is stands behind it", () => {
  const label = (state: BuildState, format = "{hash} {name} {state}") =>
    inlayHints(
      [hello],
      { start: 0, end: 100 },
      { states: new Map([[hello.drvPath, state]]), style: { format, lineLength: null } },
    )[0]?.label;
  expect(label("built")).toBe("2mcs5m1 hello-2.10 ✓");
  expect(label("cached")).toBe("2mcs5m1 hello-2.10 ↓");
  expect(label("to-build", "{state}{hash}")).toBe("⚒2mcs5m1");
  const baseline = { reference: "HEAD", members: {}, closure: new Set([hello.drvPath]) };
  const states = new Map([[hello.drvPath, "built" as const]]);
  const both = inlayHints([hello], { start: 0, end: 100 }, { baseline, states });
  expect(both[0]?.label).toBe("2mcs5m1 hello-2.10 =✓");
});

test("the format is the user's", () => {
  const label = (format: string) =>
    inlayHints([hello], { start: 0, end: 100 }, { style: { format, lineLength: null } })[0]?.label;
  expect(label("{version} ({hash})")).toBe("2.10 (2mcs5m1)");
  expect(label("{state} {name}")).toBe("hello-2.10");
});

test("many on one line are shortened so that all of them are seen", () => {
  const packages = [10, 20, 30].map((end) => ({ ...hello, start: end - 5, end }));
  const labels = (lineLength: number) =>
    inlayHints(
      packages,
      { start: 0, end: 100 },
      { style: { format: "{hash} {name}", lineLength } },
    ).map((hint) => hint.label);
  expect(labels(100)).toEqual(Array(3).fill("2mcs5m1 hello-2.10"));
  expect(labels(43)).toEqual(Array(3).fill("2mcs5m1"));
  expect(labels(10)).toEqual(["3 derivations"]);
});

test("one hint for many says how many are the same", () => {
  const packages = Array.from({ length: 50 }, (_, i) => ({
    ...hello,
    end: i + 1,
    drvPath: `/nix/store/${i}`,
  }));
  const shown = (...closure: string[]) =>
    inlayHints(
      packages,
      { start: 0, end: 100 },
      {
        style: { format: "{hash}", lineLength: 43 },
        baseline: { reference: "HEAD", members: {}, closure: new Set(closure) },
      },
    );
  expect(shown("/other").map(({ offset, label }) => [offset, label])).toEqual([
    [50, "50 derivations ≠"],
  ]);
  expect(shown("/nix/store/0").map(({ label }) => label)).toEqual(["50 derivations 1= 49≠"]);
  expect(shown("/other")[0]?.tooltip.split("\n")).toHaveLength(50);
});

test("values of bindings, where no derivation is", () => {
  const values = [
    { start: 10, end: 20, text: '"hello"' },
    { start: 30, end: 35, text: "3" },
  ];
  const labels = inlayHints([hello], { start: 0, end: 100 }, { values }).map(({ label }) => label);
  expect(labels).toEqual(["2mcs5m1 hello-2.10", "= 3"]);
});
