/** Our flakes and those of real Nixes: values, hashes, locks, what they show, and the words of errors. */
import { execFileSync } from "node:child_process";
import { mkdtempSync, realpathSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { knowsFlakes } from "./compare-flakes.ts";
import { ourAnswer, realAnswer, writeFiles } from "./flake-answers.ts";
import { FLAKES, type FlakeCase } from "./flakes.ts";
import { realNixes } from "./real-nix.ts";

const scratch = realpathSync(mkdtempSync(join(tmpdir(), "snowglobe-flakes-")));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

const nixes = realNixes().filter(knowsFlakes);
if (nixes.length === 0)
  console.warn("flakes: SNOWGLOBE_NIX_ORACLE names no Nix 2.26 or newer: nothing is compared");

test("there are flakes", () => expect(FLAKES.length).toBeGreaterThan(40));

/** Writes the files of a case. @returns the flake's directory */
function write({ files, git }: FlakeCase, place: string): string {
  const flake = join(place, "flake");
  writeFiles(flake, files);
  if (git === undefined) return flake;
  const run = (...args: string[]) =>
    execFileSync("git", ["-c", "user.name=t", "-c", "user.email=t@t", "-C", flake, ...args], {
      env: { ...process.env, GIT_COMMITTER_DATE: "1700000001 +0000" },
    });
  run("init", "-q", "-b", "main");
  run("add", ".");
  run("commit", "-q", "-m", "first", "--date", "1700000001 +0000");
  writeFiles(flake, git.changed ?? {});
  for (const name of git.added ?? []) run("add", name);
  return flake;
}

describe.each(nixes)("Nix $version", (nix) => {
  test.each(FLAKES.map((each, i) => ({ ...each, i })))("$name", async (each) => {
    const place = join(scratch, `${nix.version}-${each.i}`);
    const flake = write(each, place);
    for (const asked of each.asked) {
      const args = asked.replaceAll("FLAKE", flake).split(" ");
      const real = await realAnswer(nix, args, join(scratch, "store"));
      expect({ asked, ...(await ourAnswer(args)) }).toEqual({ asked, ...real });
    }
  });
});
