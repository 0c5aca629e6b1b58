import { expect, test } from "vitest";
import { LineTable } from "../base/line-table.ts";
import { analyze } from "../testing/analysis-fixture.ts";
import type { EvaluationView } from "./evaluation-view.ts";

const view = (revision: number): EvaluationView => ({
  revision,
  derivations: [
    { start: 6, end: 9, name: "x-1", drvPath: "/nix/store/abcdefghijk-x-1.drv", outputs: [] },
  ],
  error: null,
});

test("a snapshot stays what it was", () => {
  const { host, id } = analyze("{ a = 1; }");
  const before = host.analysis();
  host.edit(id, 2, "[ ]", LineTable.ofText("[ ]"), [{ start: 0, end: 10, newEnd: 3 }]);
  expect(before.documentSymbols(id)).toHaveLength(1);
  expect(host.analysis().documentSymbols(id)).toHaveLength(0);
});

test("a document that is not open has nothing", () => {
  const analysis = analyze("1").host.analysis();
  expect(analysis.documentSymbols("/none.nix")).toEqual([]);
  expect(analysis.hover("/none.nix", 0, null)).toBeNull();
  expect(analysis.diagnostics("/none.nix")).toEqual([]);
});

test("hints move along with edits until the next evaluation", () => {
  const { host, id } = analyze("{ a = foo; }");
  const offsets = () =>
    host
      .analysis()
      .inlayHints(id, { start: 0, end: 100 })
      .map(({ offset }) => offset);
  host.evaluated(id, view(1));
  expect(offsets()).toEqual([9]);
  const text = "{ bb = 1; a = foo; }";
  host.edit(id, 2, text, LineTable.ofText(text), [{ start: 2, end: 2, newEnd: 10 }]);
  expect(offsets()).toEqual([17]);
  expect(host.analysis().evaluatedRevision(id)).toBe(1);
  // What was found for the older text comes too late.
  host.evaluated(id, view(1));
  expect(offsets()).toEqual([17]);
});

test("an error of the evaluation shows while the text is right, and goes with the next success", () => {
  const { host, id } = analyze("{ a = 1; }");
  const codes = () =>
    host
      .analysis()
      .diagnostics(id)
      .map(({ code }) => code);
  const error = { message: "x", code: "throw", at: null, trace: [], suggestions: [] };
  host.evaluated(id, { revision: 1, derivations: [], error });
  expect(codes()).toEqual(["throw"]);
  host.edit(id, 2, "{ a = b; }", LineTable.ofText("{ a = b; }"), [{ start: 6, end: 7, newEnd: 7 }]);
  expect(codes()).toEqual(["undefined-variable"]);
  host.edit(id, 3, "{ a = 1; }", LineTable.ofText("{ a = 1; }"), [{ start: 6, end: 7, newEnd: 7 }]);
  expect(codes()).toEqual(["throw"]);
  host.evaluated(id, { revision: 3, derivations: [], error: null });
  expect(codes()).toEqual([]);
});
