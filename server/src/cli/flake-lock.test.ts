import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { flakeCommand } from "./flake.ts";

const scratch = mkdtempSync(join(tmpdir(), "snowglobe-lock-"));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

function write(name: string, text: string): void {
  const file = join(scratch, name);
  mkdirSync(join(file, ".."), { recursive: true });
  writeFileSync(file, text);
}

/** @returns what is printed */
async function run(...args: string[]): Promise<string> {
  let printed = "";
  const say = (text: string) => {
    printed += Buffer.from(text, "latin1").toString();
  };
  expect(await flakeCommand(args, { stdout: say, stderr: say })).toBe(0);
  return printed.replace(/\?[^']*/g, "").replace(/ \(\d{4}-.*/g, "");
}

const dependency = "{ outputs = _: { }; }";
const using = (directory: string) =>
  `{ inputs.a.url = "path:${directory}"; outputs = { self, a }: { }; }`;

test("a lock is written, once, and only what was asked for is changed", async () => {
  write("a/flake.nix", dependency);
  write("f/flake.nix", using(join(scratch, "a")));
  const flake = `path:${join(scratch, "f")}`;
  const file = join(scratch, "f/flake.lock");
  const input = `'path:${join(scratch, "a")}'`;
  expect(await run("lock", flake)).toBe(
    `warning: creating lock file "${file}": \n• Added input 'a':\n    ${input}\n`,
  );
  const first = readFileSync(file, "utf8");
  expect(JSON.parse(first)).toMatchObject({ version: 7, nodes: { a: { locked: {} } } });
  write("a/more", "1");
  expect(await run("lock", flake)).toBe("");
  expect(readFileSync(file, "utf8")).toBe(first);
  expect(await run("update", "--flake", flake, "none")).toMatch(
    /^warning: 'none' does not match any input/,
  );
  expect(readFileSync(file, "utf8")).toBe(first);
  expect(await run("update", "--flake", flake)).toBe(
    `warning: updating lock file "${file}":\n• Updated input 'a':\n    ${input}\n  → ${input}\n`,
  );
  expect(readdirSync(join(scratch, "f")).sort()).toEqual(["flake.lock", "flake.nix"]);
});

test("git is told of a new lock, or it would be no part of the flake", async () => {
  write("a/flake.nix", dependency);
  write("g/sub/flake.nix", using(join(scratch, "a")));
  const git = (...args: string[]) =>
    execFileSync("git", ["-C", join(scratch, "g"), ...args], { encoding: "utf8" });
  git("init", "-q");
  git("add", ".");
  await run("lock", join(scratch, "g/sub"));
  expect(git("ls-files")).toBe("sub/flake.lock\nsub/flake.nix\n");
  expect(await run("lock", join(scratch, "g/sub"))).toBe("");
});

test("overrides of inputs that an input does not have are warned of, also when all is locked", async () => {
  const at = (name: string) => `path:${join(scratch, name)}`;
  write("o/h/flake.nix", dependency);
  write("o/g/flake.nix", `{ inputs.h.url = "${at("o/h")}"; outputs = _: { }; }`);
  write(
    "o/f/flake.nix",
    `{ inputs.h.url = "${at("o/h")}"; outputs = _: { };
       inputs.g = { url = "${at("o/g")}"; inputs.h.follows = "h"; inputs.z.follows = ""; };
       inputs.k = { url = "${at("o/g")}"; inputs.h.inputs.q.follows = "h"; inputs.b.url = "${at("o/h")}"; }; }`,
  );
  const warned = ["'g' has an override for a non-existent input 'z'"];
  warned.push("'k' has an override for a non-existent input 'b'");
  warned.push("'k/h' has an override for a non-existent input 'q'");
  const expected = warned.map((text) => `warning: input ${text}\n`).join("");
  expect(await run("lock", at("o/f"))).toMatch(new RegExp(`^${expected}warning: creating lock`));
  expect(await run("lock", at("o/f"))).toBe(expected);
});
