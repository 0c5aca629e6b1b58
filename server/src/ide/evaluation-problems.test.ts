import { expect, test } from "vitest";
import { analyze } from "../testing/analysis-fixture.ts";
import type { EvaluationError, OptionError, TraceFrame } from "./evaluation-view.ts";

const frame = (file: string, line: number, column: number, text: string): TraceFrame => ({
  file,
  line,
  column,
  text,
});

function shown(
  source: string,
  error: Partial<EvaluationError>,
  others: readonly EvaluationError[] = [],
) {
  const { host, id, text } = analyze(source);
  host.evaluated(id, {
    revision: 1,
    derivations: [],
    error: {
      message: "attribute 'b' missing",
      code: "missing-attribute",
      at: null,
      trace: [],
      suggestions: [],
      ...error,
    },
    others,
  });
  const problems = host.analysis().diagnostics(id);
  const [problem] = problems;
  return { at: problem && `${problem.start} ${text(problem)}`, problem, all: problems.map(text) };
}

test("at the place that the error names", () => {
  const error = { at: frame("/default.nix", 2, 3, "") };
  expect(shown("let x = { }; in\n  x.b", error).at).toBe("18 x.b");
});

test("an error elsewhere: the innermost frame in this file, the rest related", () => {
  const { at, problem } = shown("{\n  name = import ./lib.nix 1;\n}", {
    at: frame("/lib.nix", 7, 1, ""),
    trace: [
      frame("/lib.nix", 6, 1, "while calling 'f'"),
      frame("/default.nix", 2, 3, "while evaluating the attribute 'name'"),
    ],
  });
  expect(at).toBe("4 name");
  expect(problem?.related).toEqual([
    { file: "/lib.nix", line: 7, column: 1, message: "attribute 'b' missing" },
    { file: "/lib.nix", line: 6, column: 1, message: "while calling 'f'" },
  ]);
});

test("no place in this file: its first line", () => {
  expect(shown("# c\nimport 2\n  1", { at: frame("/x.nix", 1, 1, "") }).at).toBe("4 import 2");
});

test("the path of the file that an error is in, or that is not there", () => {
  const file =
    "#- /w/default.nix\n{\n  imports = [ ./web.nix ./hosts ];\n}\n#- /w/hosts/default.nix\n{ }\n";
  const option = { name: "a.b", problem: "value", near: [] } as const;
  expect(shown(file, { option, files: ["/w/web.nix"] }).at).toBe("16 ./web.nix");
  expect(shown(file, { at: frame("/w/hosts/default.nix", 1, 1, "") }).at).toBe("26 ./hosts");
  const others = [
    {
      message: "",
      code: "",
      trace: [],
      suggestions: [],
      at: frame("/w/hosts/default.nix", 1, 1, ""),
    },
  ];
  expect(shown(file, { option, files: ["/w/web.nix"] }, others).all).toEqual([
    "./web.nix",
    "./hosts",
  ]);
  expect(shown(file, { code: "io", files: ["/w/web.nix"] }).at).toBe("16 ./web.nix");
});

test("columns count bytes", () => {
  expect(shown('x: "ä" + x.b', { at: frame("/default.nix", 1, 11, "") }).at).toBe("10 x.b");
});

test("suggestions are added in Nix's words", () => {
  expect(shown("1", { suggestions: ["a", "c"] }).problem?.message).toBe(
    "attribute 'b' missing\nDid you mean one of a or c?",
  );
  expect(shown("1", { suggestions: ["a"] }).problem?.message).toMatch(/Did you mean a\?$/);
});

test("an option that the module system names", () => {
  const source = "{ config, ... }:\n{\n  services.a.x = 1;\n  services.b.enable = 2;\n}";
  const message = "The option `services.b.enable' defined in `/x.nix' does not exist.";
  const option: OptionError = { name: "services.b.enable", problem: "unknown", near: [] };
  expect(shown(source, { message, code: "throw", option }).at).toBe("41 services.b.enable");
});

test("an option of a machine, and each of several that are wrong", () => {
  const source = "{\n  web = { services.a.enable = 1; };\n  db = { services.b.enable = 1; };\n}";
  const { host, id, text } = analyze(source);
  const wrong = (option: string): EvaluationError => ({
    message: `The option value \`${option}' in \`<unknown-file>' is not of type \`boolean'.`,
    code: "throw",
    option: { name: option, problem: "value", near: [] },
    at: null,
    trace: [],
    suggestions: [],
  });
  const others = [wrong("services.b.enable"), { ...wrong("x"), message: "elsewhere" }];
  host.evaluated(id, { revision: 1, derivations: [], error: wrong("services.a.enable"), others });
  const shown = host
    .analysis()
    .diagnostics(id)
    .map((problem) => text(problem));
  expect(shown).toEqual(["services.a.enable", "services.b.enable"]);
});
