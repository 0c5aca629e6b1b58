import { describe, expect, test } from "vitest";
import { guillemets } from "../base/bytes.ts";
import { memoryEvaluator } from "../testing/memory-host.ts";
import { VERSION_CASES } from "../testing/version-cases.ts";
import { NixError } from "./errors.ts";
import { printPlain } from "./print-plain.ts";
import {
  behaves,
  DEFAULT_NIX_VERSION,
  DIFFERENCES,
  type DifferenceName,
  NIX_VERSIONS,
  type NixVersion,
  versionLike,
} from "./versions.ts";

function outcome(expression: string, nixVersion: NixVersion): string {
  const ev = memoryEvaluator(undefined, { nixVersion });
  try {
    return printPlain(ev.evaluateText(expression, guillemets("string"), "/"));
  } catch (error) {
    if (error instanceof NixError) return error.message;
    throw error;
  }
}

const names = Object.keys(DIFFERENCES) as DifferenceName[];

describe.each(names)("%s", (name) => {
  const { expression, results } = VERSION_CASES[name];

  test.each(NIX_VERSIONS)("as in %s", (version) => {
    expect(outcome(expression, version)).toBe(results[version]);
  });

  test("it tells the versions apart that behave like this", () => {
    for (const version of NIX_VERSIONS) {
      const like = behaves(version, name) === behaves("2.26", name);
      expect(results[version] === results["2.26"]).toBe(like);
    }
  });

  test("what was only read is no default", () => {
    const row: Readonly<Partial<Record<NixVersion, string>>> = DIFFERENCES[name];
    expect(row[DEFAULT_NIX_VERSION]).not.toBe("read");
  });
});

test("a Nix that is found is followed by the nearest version", () => {
  expect(versionLike("2.8.0")).toBe("2.8");
  expect(versionLike("2.18.9")).toBe("2.8");
  expect(versionLike("2.24.10")).toBe("2.26");
  expect(versionLike("2.34.0pre20260101")).toBe("newest");
  expect(versionLike("3.0")).toBe("newest");
  expect(versionLike("unknown")).toBeNull();
});

test("builtins.nixVersion is that of the version followed", () => {
  expect(outcome("builtins.nixVersion", "2.26")).toBe('"2.26.3"');
  expect(outcome("builtins.nixVersion", "2.8")).toBe('"2.8.0"');
});
