import { expect, test } from "vitest";
import type { DerivationHint } from "./evaluation-view.ts";
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
