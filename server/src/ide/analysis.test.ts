import { expect, test } from "vitest";
import type { TextEdit } from "../base/source-text.ts";
import { analyze } from "../testing/analysis-fixture.ts";
import type { AnalysisHost } from "./analysis.ts";
import type { EvaluationView } from "./evaluation-view.ts";
import { applyEdits } from "./text-change.ts";

const view = (revision: number): EvaluationView => ({
  revision,
  derivations: [
    { start: 6, end: 9, name: "x-1", drvPath: "/nix/store/abcdefghijk-x-1.drv", outputs: [] },
  ],
  error: null,
});

function edit(host: AnalysisHost, id: string, revision: number, change: TextEdit): void {
  const file = host.analysis().file(id);
  if (file) host.edit(id, revision, applyEdits(file.content, [change]));
}

test("a snapshot stays what it was", () => {
  const { host, id } = analyze("{ a = 1; }");
  const before = host.analysis();
  edit(host, id, 2, { start: 0, end: 10, text: "[ ]" });
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
  edit(host, id, 2, { start: 2, end: 2, text: "bb = 1; " });
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
  edit(host, id, 2, { start: 6, end: 7, text: "b" });
  expect(codes()).toEqual(["undefined-variable"]);
  edit(host, id, 3, { start: 6, end: 7, text: "1" });
  expect(codes()).toEqual(["throw"]);
  host.evaluated(id, { revision: 3, derivations: [], error: null });
  expect(codes()).toEqual([]);
});

test("what another thread finds out about a text is shown, and moves along with edits", () => {
  const { host, id } = analyze("[ x (");
  const shown = () =>
    host
      .analysis()
      .diagnostics(id)
      .map(({ start, code }) => `${start} ${code}`);
  expect(shown()).toEqual(["4 syntax"]);
  const { syntax } = host.analysis().textProblems(id);
  host.isFoundElsewhere(id, true);
  expect([shown(), host.analysis().knowsSyntax(id)]).toEqual([[], false]);
  host.found(id, 1, { syntax, others: [] });
  expect([shown(), host.analysis().knowsSyntax(id)]).toEqual([["4 syntax"], true]);
  edit(host, id, 2, { start: 0, end: 0, text: "  " });
  expect([shown(), host.analysis().knowsSyntax(id)]).toEqual([["6 syntax"], false]);
  // What was found for the older text comes too late.
  host.found(id, 1, { syntax: [] });
  expect(shown()).toEqual(["6 syntax"]);
  const others = syntax.map((each) => ({ ...each, start: 4, end: 5, code: "undefined-variable" }));
  host.found(id, 2, { syntax: [], others });
  expect([shown(), host.analysis().knowsSyntax(id)]).toEqual([["4 undefined-variable"], true]);
  host.isFoundElsewhere(id, false);
  expect(shown()).toEqual(["6 syntax"]);
});
