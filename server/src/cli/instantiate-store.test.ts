import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { afterAll, expect, test } from "vitest";
import { instantiate } from "./instantiate.ts";

const directory = fs.mkdtempSync(path.join(os.tmpdir(), "snowglobe-store-"));
afterAll(() => {
  makeWritable(directory);
  fs.rmSync(directory, { recursive: true });
});

/** Store objects are read-only, which also keeps them from being removed. */
function makeWritable(dir: string): void {
  fs.chmodSync(dir, 0o755);
  for (const entry of fs.readdirSync(dir, { withFileTypes: true }))
    if (entry.isDirectory()) makeWritable(path.join(dir, entry.name));
}

test("--store writes derivations, texts and filtered trees as store objects", () => {
  const source = path.join(directory, "source");
  fs.mkdirSync(path.join(source, "sub"), { recursive: true });
  fs.writeFileSync(path.join(source, "left-out"), "x");
  fs.writeFileSync(path.join(source, "sub/run"), "#!/bin/sh\n", { mode: 0o755 });
  fs.symlinkSync("sub/run", path.join(source, "link"));
  const expression = `derivation {
    name = "a"; builder = "b"; system = "x"; text = builtins.toFile "t" "hello";
    src = builtins.path { path = ${source}; name = "src"; filter = p: t: baseNameOf p != "left-out"; };
  }`;
  const store = path.join(directory, "store");
  let stdout = "";
  const output = {
    stdout: (text: string) => {
      stdout += text;
    },
    stderr: (text: string) => expect(text).toBe(""),
  };
  const argv = ["-E", expression, "--store", store, "--add-root", path.join(directory, "root")];
  expect(instantiate(argv, output)).toBe(0);
  expect(instantiate(argv, output)).toBe(0);
  const root = path.join(directory, "root");
  expect(stdout).toBe(`${root}\n${root}\n`);
  const physical = (logical: string) => path.join(store, logical);
  const drv = fs.readFileSync(physical(fs.readlinkSync(root)), "utf8");
  const [src, text] = [...drv.matchAll(/\/nix\/store\/[a-z0-9]+-(?:src|t)(?=")/g)].map((m) => m[0]);
  expect(fs.readFileSync(physical(text as string), "utf8")).toBe("hello");
  expect(fs.readdirSync(physical(src as string)).sort()).toEqual(["link", "sub"]);
  expect(fs.readlinkSync(physical(`${src}/link`))).toBe("sub/run");
  const run = fs.statSync(physical(`${src}/sub/run`));
  expect([run.mode & 0o777, run.mtimeMs]).toEqual([0o555, 1000]);
  expect(fs.statSync(physical(text as string)).mode & 0o777).toBe(0o444);
  expect(fs.readdirSync(physical("/nix/store")).filter((name) => name.startsWith("."))).toEqual([]);
});
