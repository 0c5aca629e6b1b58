/** Our flakes and those of real Nixes: values, hashes, locks, what they show, and the words of errors. */
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, realpathSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { CliError } from "../../server/src/cli/cli-error.ts";
import { evalCommand } from "../../server/src/cli/eval.ts";
import { flakeCommand } from "../../server/src/cli/flake.ts";
import { FLAKES, type FlakeCase } from "./flakes.ts";
import { failure } from "./outcome.ts";
import { realNixes, runNixCommand } from "./real-nix.ts";

const scratch = realpathSync(mkdtempSync(join(tmpdir(), "snowglobe-flakes-")));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

/** Older ones know neither relative inputs nor changed trees as newer ones do. */
const nixes = realNixes().filter(({ version }) => Number(version.split(".")[1]) >= 26);
if (nixes.length === 0)
  console.warn("flakes: SNOWGLOBE_NIX_ORACLE names no Nix 2.26 or newer: nothing is compared");

test("there are flakes", () => expect(FLAKES.length).toBeGreaterThan(40));

interface Answer {
  readonly ok: boolean;
  readonly text: unknown;
}

/** Of what is printed: JSON as data, without what only one program can know. */
function answer(status: number | null, stdout: string, stderr: string): Answer {
  if (status !== 0) {
    const outcome = failure(stderr);
    return { ok: false, text: outcome.ok ? "" : outcome.message.split("\n", 1)[0] };
  }
  // biome-ignore lint/suspicious/noControlCharactersInRegex: colours are control characters
  const text = stdout.replace(/\x1b\[[0-9;]*m/g, "").trim();
  try {
    const data = JSON.parse(text) as unknown;
    if (typeof data !== "object" || data === null) return { ok: true, text: data };
    const { fingerprint: _, ...rest } = data as Record<string, unknown>;
    return { ok: true, text: rest };
  } catch {
    return { ok: true, text };
  }
}

/** Writes the files of a case. @returns the flake's directory */
function write({ files, git }: FlakeCase, place: string): string {
  const flake = join(place, "flake");
  const put = (all: Readonly<Record<string, string>>) => {
    for (const [name, text] of Object.entries(all)) {
      const file = join(flake, name);
      mkdirSync(dirname(file), { recursive: true });
      writeFileSync(file, text.replaceAll("BESIDE", place));
      utimesSync(file, 1_700_000_000, 1_700_000_000);
    }
  };
  put(files);
  if (git === undefined) return flake;
  const run = (...args: string[]) =>
    execFileSync("git", ["-c", "user.name=t", "-c", "user.email=t@t", "-C", flake, ...args], {
      env: { ...process.env, GIT_COMMITTER_DATE: "1700000001 +0000" },
    });
  run("init", "-q", "-b", "main");
  run("add", ".");
  run("commit", "-q", "-m", "first", "--date", "1700000001 +0000");
  put(git.changed ?? {});
  for (const name of git.added ?? []) run("add", name);
  return flake;
}

async function ours([name, ...args]: readonly string[]): Promise<Answer> {
  let stdout = "";
  let stderr = "";
  const output = {
    stdout: (text: string) => {
      stdout += text;
    },
    stderr: (text: string) => {
      stderr += text;
    },
  };
  let status: number;
  try {
    status = await (name === "eval" ? evalCommand(args, output) : flakeCommand(args, output));
  } catch (error) {
    if (!(error instanceof CliError)) throw error;
    status = 1;
    stderr += `error: ${error.message}\n`;
  }
  return answer(status, Buffer.from(stdout, "latin1").toString(), stderr);
}

describe.each(nixes)("Nix $version", (nix) => {
  test.each(FLAKES.map((each, i) => ({ ...each, i })))("$name", async (each) => {
    const place = join(scratch, `${nix.version}-${each.i}`);
    const flake = write(each, place);
    for (const asked of each.asked) {
      const args = asked.replaceAll("FLAKE", flake).split(" ");
      const { status, stdout, stderr } = await runNixCommand(nix, args, join(scratch, "store"));
      // In messages it says where files really are.
      const logical = stderr.replaceAll(join(scratch, "store/nix/store"), "/nix/store");
      const real = answer(status, Buffer.from(stdout, "latin1").toString(), logical);
      expect({ asked, ...(await ours(args)) }).toEqual({ asked, ...real });
    }
  });
});
