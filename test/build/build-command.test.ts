/** `snowglobe build` on derivations that need nothing but a static shell. */
import * as fs from "node:fs";
import * as path from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { remove, scratch, snowglobe } from "./snowglobe.ts";
import { users } from "./users.ts";

const EXPRESSION = `
let
  shell = \${"/usr/bin/bash-static"};
  make = name: script: more: derivation ({
    inherit name; system = builtins.currentSystem; builder = shell; args = [ "-c" script ];
  } // more);
in rec {
  text = make "text" "echo working; echo hello > $out" { };
  two = make "two" "echo \${text} > $out; echo $out > $dev" { outputs = [ "out" "dev" ]; };
  fails = make "fails" "echo one; echo two; exit 3" { };
  needsFailed = make "needs-failed" "echo \${fails} > $out" { };
  nothing = make "nothing" "true" { };
  wrongHash = make "wrong-hash" "echo hello > $out" {
    outputHash = "sha256-AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=";
  };
  rightHash = make "right-hash" "echo hello > $out" {
    outputHashAlgo = "sha256"; outputHash = builtins.hashString "sha256" "hello\\n";
  };
  refers = make "refers" "echo \${text} > $out" { disallowedReferences = [ text ]; };
  elsewhere = make "elsewhere" "" { system = "riscv64-linux"; };
}`.replace('${"/usr/bin/bash-static"}', '"${/usr/bin/bash-static}"');

describe.each(users)("as $name", (user) => {
  let home = "";
  beforeAll(() => {
    home = scratch(user);
    fs.writeFileSync(path.join(home, "default.nix"), EXPRESSION);
  });
  afterAll(() => remove(home));

  const build = (...args: string[]) =>
    snowglobe(user, home, "build", "-f", "default.nix", "--no-link", ...args);
  const store = () => path.join(home, ".local/share/snowglobe");

  test("builds, links, prints", () => {
    const { stdout, stderr, status } = snowglobe(
      ...([user, home, "build", "-f", "default.nix", "two", "-L", "--json"] as const),
    );
    expect(stderr).toMatch(/these 2 derivations will be built:\n(?: {2}\S+\.drv\n){2}/);
    expect(stderr).toContain("text> working\n");
    expect(status).toBe(0);
    const [{ outputs }] = JSON.parse(stdout);
    expect(fs.readlinkSync(path.join(home, "result"))).toBe(outputs.out);
    expect(fs.readlinkSync(path.join(home, "result-dev"))).toBe(outputs.dev);
    expect(fs.readFileSync(store() + outputs.dev, "utf8")).toBe(`${outputs.out}\n`);
    expect(fs.lstatSync(store() + outputs.out)).toMatchObject({ mode: 0o100444, mtimeMs: 1000 });
    // The second time nothing is to do.
    expect(build("two", "--print-out-paths")).toMatchObject({
      stdout: `${outputs.dev}\n${outputs.out}\n`,
      stderr: "",
      status: 0,
    });
    expect(build("rightHash").status).toBe(0);
  });

  test("--dry-run says what would be built, and builds nothing", () => {
    const { stderr, stdout } = build("needsFailed", "--dry-run");
    expect(stderr).toMatch(
      /^these 2 derivations will be built:\n.*-fails\.drv\n.*-needs-failed\.drv\n$/,
    );
    expect(stdout).toBe("");
  });

  test("failures are told as Nix tells them", () => {
    const fails = build("needsFailed");
    expect(fails.status).toBe(1);
    expect(fails.stderr).toMatch(
      /error: builder for '\S+-fails\.drv' failed with exit code 3;\n {7}last 2 log lines:\n {7}> one\n {7}> two\n {7}For full logs, read '(\S+)'\.\nerror: 1 dependencies of derivation '\S+-needs-failed\.drv' failed to build\n$/,
    );
    const log = /read '(\S+)'/.exec(fails.stderr)?.[1] as string;
    expect(fs.readFileSync(log, "utf8")).toMatch(/^one\r?\ntwo\r?\n$/);
    const printed = snowglobe(user, home, "log", "-f", "default.nix", "fails");
    expect(printed).toMatchObject({ stdout: fs.readFileSync(log, "utf8"), stderr: "", status: 0 });
    expect(snowglobe(user, home, "log", "-f", "default.nix", "elsewhere").stderr).toMatch(
      /^error: build log of '\S+-elsewhere\.drv' is not available\n$/,
    );
    expect(build("nothing").stderr).toMatch(
      /error: builder for '\S+' failed to produce output path for output 'out' at '\/nix\/store\/\S+-nothing'\n$/,
    );
    expect(build("wrongHash").stderr).toMatch(
      /error: hash mismatch in fixed-output derivation '\S+':\n {9}specified: sha256-A{43}=\n {12}got: {4}sha256-WJG1tSLV3whtD\/CxEPvZ0hu0\/HFjrzTQgoai6Eb2vgM=\n$/,
    );
    expect(build("refers").stderr).toMatch(
      /error: output '\S+-refers' is not allowed to refer to the following paths:\n {2}\S+-text\n$/,
    );
    expect(build("elsewhere").stderr).toMatch(
      /error: a 'riscv64-linux' with features {} is required to build '\S+', but I am a /,
    );
    expect(build("text^nope").stderr).toMatch(/does not have an output named 'nope'/);
  });

  test("--keep-going builds what it can", () => {
    const { stderr, status } = build("--keep-going", "fails", "nothing", "text");
    expect(status).toBe(1);
    expect(stderr).toMatch(/fails\.drv' failed with/);
    expect(stderr).toMatch(/failed to produce output/);
  });

  test("a flake that is not there is an error", () => {
    expect(snowglobe(user, home, "build", ".#x")).toMatchObject({ status: 1, stdout: "" });
  });

  test("store gc keeps what result links name", () => {
    const gc = (...args: string[]) => snowglobe(user, home, "store", "gc", ...args);
    const doomed = gc("--dry-run").stdout;
    expect(doomed).toMatch(/^\/nix\/store\/\w{32}-right-hash$/m);
    expect(doomed).not.toContain(fs.readlinkSync(path.join(home, "result")));
    expect(gc().stdout).toMatch(/^\d+ store paths deleted, \d+\.\d\d MiB freed\n$/);
    expect(gc("--dry-run").stdout).toBe("");
    const kept = fs.readlinkSync(path.join(home, "result-dev"));
    expect(fs.readFileSync(store() + kept, "utf8")).toMatch(/-two\n$/);
    expect(build("rightHash").status).toBe(0);
  });

  test("nothing is left over", () => {
    for (const place of ["partial", "locks"])
      expect(fs.readdirSync(path.join(store(), place))).toEqual([]);
    const valid = fs.readdirSync(path.join(store(), "info")).map((name) => name.split(".")[0]);
    const there = fs.readdirSync(path.join(store(), "nix/store")).map((name) => name.slice(0, 32));
    expect(there.sort()).toEqual(valid.sort());
  });
});
