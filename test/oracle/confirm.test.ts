/** The harness itself: artefacts of a shared session, and what is too deep for this process. */
import { expect, test } from "vitest";
import type { Compare } from "./compare.ts";
import { compareAndConfirm } from "./confirm.ts";
import { evaluateOurs } from "./our-nix.ts";
import type { Outcome } from "./outcome.ts";
import type { RealNix } from "./real-nix.ts";

const nix: RealNix = { version: "0", command: [] };

test("what differs among others only is an artefact", async () => {
  const one: Outcome = { ok: true, text: "1" };
  const other: Outcome = { ok: true, text: "2" };
  const compare: Compare = async (_, expressions) => ({
    differences: expressions
      .filter((text) => text === "bad" || (text === "odd" && expressions.length > 1))
      .map((expression) => ({ expression, ours: one, theirs: other, nix })),
    failures: 3,
  });
  const { differences, artefacts, failures } = await compareAndConfirm(
    compare,
    [nix],
    ["good", "odd", "bad"],
  );
  expect(differences.map(({ expression }) => expression)).toEqual(["bad"]);
  expect(artefacts).toBe(1);
  expect(failures).toBe(3);
});

test("what is too deep for the stack of this process is evaluated on a larger one", () => {
  const sum = (n: number) => `let f = n: if n == 0 then 0 else 1 + f (n - 1); in f ${n}`;
  expect(evaluateOurs("value", sum(9000))).toEqual({ ok: true, text: "9000" });
  expect(evaluateOurs("value", sum(20_000))).toMatchObject({ ok: false, class: "stack overflow" });
});
