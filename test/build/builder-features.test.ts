/** What derivations may ask of their builds: shells, closures, checks, limits, downloads, variables. */
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import * as fs from "node:fs";
import * as path from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { narOfFile } from "../../server/src/store/nar.ts";
import { command, environment, remove, scratch, snowglobe } from "./snowglobe.ts";
import { users } from "./users.ts";

const BLOB = "some bytes\n";
const sri = (text: string) => `sha256-${createHash("sha256").update(text).digest("base64")}`;

const EXPRESSION = `
{ blob ? "", hash ? "" }:
let
  bash = "\${/usr/bin/bash-static}";
  make = name: script: more: derivation ({
    inherit name; system = builtins.currentSystem; builder = bash; args = [ "-c" script ];
  } // more);
  a = make "a" "echo one > $out" { };
  b = make "b" "echo \${a} > $out" { };
in rec {
  sh = derivation {
    name = "sh"; system = builtins.currentSystem; builder = "/bin/sh"; args = [ "-c" "echo $0 > $out" ];
  };
  graph = make "graph" "while read -r line; do echo \\"$line\\"; done < closure > $out" {
    exportReferencesGraph = [ "closure" b ];
  };
  structured = make "structured" ". $NIX_ATTRS_SH_FILE; read -r line < $NIX_ATTRS_JSON_FILE; echo \\"$line\\" > \\\${outputs[out]}" {
    __structuredAttrs = true;
    exportReferencesGraph.closure = [ b ];
  };
  foreign = make "foreign" "" { exportReferencesGraph = [ "x" (builtins.unsafeDiscardStringContext "\${b}") ]; };
  unsafe = make "unsafe" "echo > $out" { __noChroot = true; };
  slow = make "slow" "echo started; while true; do :; done" { };
  random = make "random" "echo $RANDOM$RANDOM$RANDOM > $out" { };
  variables = make "variables" "echo $http_proxy:$OTHER > $out" {
    outputHashAlgo = "sha256"; outputHash = "sha256-AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=";
    impureEnvVars = [ "http_proxy" ];
  };
  needs = make "needs" "echo > $out" { requiredSystemFeatures = [ "quantum" ]; };
  refers = make "refers" "echo \${b} > $out; echo $out > $dev" { outputs = [ "out" "dev" ]; };
  requisites = make "requisites" "echo \${b} > $out" { allowedRequisites = [ b ]; };
  references = make "references" "echo \${b} > $out" { allowedReferences = [ b ]; };
  itself = make "itself" "echo $out > $out" { disallowedRequisites = [ "out" ]; };
  large = make "large" ". $NIX_ATTRS_SH_FILE; echo 0123456789 > \\\${outputs[out]}" {
    __structuredAttrs = true; outputChecks.out.maxSize = 20;
  };
  fetched = import <nix/fetchurl.nix> { url = blob; inherit hash; name = "fetched"; };
  program = import <nix/fetchurl.nix> { url = blob; inherit hash; name = "program"; executable = true; };
  unpacked = import <nix/fetchurl.nix> { url = blob; inherit hash; name = "unpacked"; unpack = true; };
}`;

// The last of them is the one with the fewest rights.
describe.each(users.slice(-1))("as $name", (user) => {
  let home = "";
  beforeAll(() => {
    home = scratch(user);
    fs.writeFileSync(path.join(home, "default.nix"), EXPRESSION);
    fs.writeFileSync(path.join(home, "blob"), BLOB);
  });
  afterAll(() => remove(home));

  const build = (...args: string[]) =>
    snowglobe(user, home, "build", "-f", "default.nix", "--no-link", "--print-out-paths", ...args);
  const errorOf = (...args: string[]) => {
    const { stdout, stderr, status } = build(...args);
    expect({ stdout, status }).toEqual({ stdout: "", status: 1 });
    return /^error: .*$/ms.exec(stderr)?.[0] ?? stderr;
  };
  const contents = (...args: string[]) => {
    const { stdout, stderr, status } = build(...args);
    expect({ stderr, status }).toMatchObject({ status: 0 });
    return fs.readFileSync(path.join(home, ".local/share/snowglobe", stdout.trim()), "utf8");
  };

  test("/bin/sh is a static shell of the machine, or the one that is named", () => {
    expect(errorOf("sh")).toMatch(
      /its builder is '\/bin\/sh', and no static shell was found to be it \(install busybox-static/,
    );
    expect(contents("sh", "--sandbox-paths", "/bin/sh=/usr/bin/bash-static")).toBe("sh\n");
  });

  test("exportReferencesGraph: the closure of inputs, as text and as JSON", () => {
    const lines = contents("graph").split("\n");
    expect(lines).toHaveLength(8);
    const [one, two] = [lines.indexOf("1"), lines.indexOf("0")];
    expect(lines[one + 1]).toMatch(/^\/nix\/store\/\w{32}-a$/);
    expect(lines[one - 2]).toMatch(/-b$/);
    expect(lines[two - 2]).toMatch(/-a$/);
    const { closure } = JSON.parse(contents("structured"));
    // As Nix 2.26; 2.8 does not say 'valid'.
    expect(closure.map((each: object) => Object.keys(each))).toEqual(
      Array(2).fill(["closureSize", "narHash", "narSize", "path", "references", "valid"]),
    );
    const b = closure.find(({ path: at }: { path: string }) => at.endsWith("-b"));
    expect(b).toMatchObject({ narSize: 160, closureSize: 280, valid: true });
    expect(b.narHash).toMatch(/^sha256:[0-9a-z]{52}$/);
    expect(errorOf("foreign")).toMatch(
      /cannot export references of path '\S+-b' because it is not in the input closure/,
    );
  });

  test("what outputs may refer to", () => {
    expect(build("refers").status).toBe(0);
    expect(build("references").status).toBe(0);
    expect(errorOf("requisites")).toMatch(
      /not allowed to refer to the following paths:\n {2}\S+-a/,
    );
    expect(errorOf("itself")).toMatch(
      /not allowed to refer to the following paths:\n {2}\S+-itself/,
    );
    expect(errorOf("large")).toMatch(/is too large at \d+ bytes; limit is 20 bytes/);
  });

  test("what cannot be had is refused", () => {
    expect(errorOf("unsafe")).toContain(
      "has '__noChroot' set, but that's not allowed when 'sandbox' is 'true'",
    );
    expect(errorOf("needs")).toMatch(
      /with features \{quantum\} is required to build '\S+', but I am/,
    );
  });

  test("limits of time", () => {
    expect(errorOf("slow", "--timeout", "1")).toMatch(
      /^error: building of '\S+-slow\.drv\^out' from \.drv file timed out after 1 seconds\n/,
    );
    expect(errorOf("slow", "--max-silent-time", "1")).toMatch(/after 1 seconds of silence\n/);
  });

  test("--rebuild compares", () => {
    expect(errorOf("random", "--rebuild")).toMatch(
      /^error: some outputs of '\S+-random\.drv' are not valid, so checking is not possible\n/,
    );
    const before = contents("random");
    expect(errorOf("random", "--rebuild")).toMatch(
      /^error: derivation '\S+-random\.drv' may not be deterministic: output '\S+-random' differs\n/,
    );
    expect(contents("random")).toBe(before);
    const same = build("references", "--rebuild");
    expect(same.stderr).toMatch(/^checking outputs of '\S+-references\.drv'\.\.\.\n$/m);
    expect(same.status).toBe(0);
  });

  test("impureEnvVars of fixed outputs are the caller's", () => {
    const [file, args] = command(user, "build", "-f", "default.nix", "variables");
    const env = { ...environment(home), http_proxy: "http://proxy", OTHER: "x" };
    const { stderr } = spawnSync(file, args, { cwd: home, env, encoding: "utf8" });
    expect(stderr).toContain(`got:    ${sri("http://proxy:\n")}`);
  });

  test("builtin:fetchurl", () => {
    const url = ["--argstr", "blob", `file://${path.join(home, "blob")}`];
    expect(contents("fetched", ...url, "--argstr", "hash", sri(BLOB))).toBe(BLOB);
    const nar = narOfFile(BLOB, true);
    const executable = ["--argstr", "hash", sri(nar)];
    fs.writeFileSync(path.join(home, "blob.nar"), nar, "latin1");
    const archive = ["--argstr", "blob", `file://${path.join(home, "blob.nar")}`];
    expect(contents("program", ...url, ...executable)).toBe(BLOB);
    expect(contents("unpacked", ...archive, ...executable)).toBe(BLOB);
    expect(errorOf("fetched", ...url, "--argstr", "hash", sri("other"))).toMatch(
      new RegExp(
        `^error: hash mismatch in fixed-output derivation '\\S+-fetched\\.drv':\n {9}specified: ${sri("other").replace(/\+/g, "\\+")}\n {12}got: {4}${sri(BLOB).replace(/\+/g, "\\+")}`,
      ),
    );
  });
});
